//! The list that cgit reads: every repository is in it once, whatever becomes of an import, and no
//! import fails for it.

use crate::support::faults::Saboteur;
use crate::support::fixtures;
use crate::support::program::{Program, Run};
use serde_json::Value;
use std::fs;
use std::path::PathBuf;

const HELLO: &str = "srpm-text/hello-1.0-1.src.rpm";

/// A root with a list.
struct Site {
    program: Program,
    list: PathBuf,
}

impl Site {
    fn new() -> Self {
        let program = Program::new();
        let folder = program.scratch().join("cgit");
        fs::create_dir(&folder).unwrap();
        let list = folder.join("list");
        let program = program.with(&format!("--cgit-list={}", list.display()));
        Self { program, list }
    }

    /// How often the list has a package.
    fn listed(&self, package: &str) -> usize {
        let text = fs::read_to_string(&self.list).unwrap_or_default();
        let path = self.program.repository(package);
        let entry = format!(
            "\nrepo.url=local/import/{package}.git\nrepo.path={}/\n",
            path.display()
        );
        text.matches(&entry).count()
    }

    /// What `distmill fsck` finds with the list.
    fn fsck(&self) -> Vec<Value> {
        let list = format!("--cgit-list={}", self.list.display());
        let run = self.program.run("fsck", &["--json", &list]);
        let parse = |line: &str| serde_json::from_str(line).unwrap();
        run.stdout.lines().map(parse).collect()
    }
}

#[test]
fn a_kill_9_loses_no_repository() {
    for (calls, at_list) in [
        ("flock", true),
        ("write", true),
        // The repository's.
        ("rename", false),
    ] {
        let site = Site::new();
        let Some(saboteur) = Saboteur::new(site.program.scratch()) else {
            return;
        };
        let repository = site.program.repository("hello");
        let command = site.program.command(&[fixtures::argument(HELLO)]);
        let mut command = saboteur.kill(calls, at_list.then_some(&site.list), &command);
        let run = Run::of(command.output().unwrap());
        assert_eq!(run.code, None, "{calls}: {}{}", run.stdout, run.stderr);
        // The same again, as whoever waits for it asks for it.
        site.program.outcomes(&[fixtures::argument(HELLO)]);
        assert!(repository.exists());
        assert_eq!(site.listed("hello"), 1, "{calls}");
        assert_eq!(site.fsck(), Vec::<Value>::new(), "{calls}");
    }
}

#[test]
fn a_list_that_cannot_be_written_fails_no_import() {
    let site = Site::new();
    // It can be opened for appending, and not be written to.
    std::os::unix::fs::symlink("/dev/full", &site.list).unwrap();
    let outcome = site.program.imported(&fixtures::argument(HELLO));
    let warnings = outcome["warnings"].to_string();
    assert!(warnings.contains("cgit/list"), "{outcome:#}");
    assert!(warnings.contains("cgit --rebuild"), "{outcome:#}");
    fs::remove_file(&site.list).unwrap();
    let found = site.fsck();
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!(found[0]["problem"], "unlisted");
    let mend = found[0]["mend"].as_str().unwrap();
    assert!(mend.contains("distmill cgit --rebuild"), "{mend}");
    let list = format!("--cgit-list={}", site.list.display());
    assert_eq!(
        site.program.run("cgit", &["--rebuild", &list]).code,
        Some(0)
    );
    assert_eq!(site.listed("hello"), 1);
    assert_eq!(site.fsck(), Vec::<Value>::new());
}

#[test]
fn a_repository_that_goes_again_is_not_listed() {
    let site = Site::new();
    fs::write(&site.list, "# mine\n\nrepo.url=other.git\nrepo.path=/x/\n").unwrap();
    let before = fs::read_to_string(&site.list).unwrap();
    // No file can be put below a file.
    fs::create_dir_all(site.program.root().join("lookaside")).unwrap();
    fs::write(site.program.root().join("lookaside/local"), "").unwrap();
    site.program.failure(&fixtures::argument(HELLO));
    assert!(!site.program.repository("hello").exists());
    assert_eq!(fs::read_to_string(&site.list).unwrap(), before);
    fs::remove_file(site.program.root().join("lookaside/local")).unwrap();
    site.program.imported(&fixtures::argument(HELLO));
    assert_eq!(site.listed("hello"), 1);
}
