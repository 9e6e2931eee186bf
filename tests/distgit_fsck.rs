//! `distmill fsck` finds what is wrong, says how to mend it, and finds nothing else.

use crate::support::fixtures;
use crate::support::program::Program;
use crate::support::tools::{git, loosen, run};
use serde_json::Value;
use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

const GEM: &str = "gem-plain/plaingem-1.2.0.gem";
const PACKAGE: &str = "rubygem-plaingem";

struct Bench {
    program: Program,
    repository: PathBuf,
}

impl Bench {
    fn new() -> Self {
        let program = Program::new();
        program.imported(&fixtures::argument(GEM));
        program.imported(&fixtures::argument("gem-executable/runme-0.3.gem"));
        let repository = program.repository(PACKAGE);
        loosen(&repository);
        Self {
            repository,
            program,
        }
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(&self.repository, arguments)
    }

    /// The one file of the package in the cache.
    fn cached(&self) -> PathBuf {
        let folder = self
            .program
            .root()
            .join("lookaside/local/import")
            .join(PACKAGE);
        let found = run("find", &[folder.to_str().unwrap(), "-type", "f"]);
        PathBuf::from(found.trim())
    }

    /// The file of a loose object.
    fn object(&self, name: &str) -> PathBuf {
        let id = self.git(&["rev-parse", name]);
        let (head, tail) = id.split_at(2);
        self.repository.join("objects").join(head).join(tail)
    }

    /// Overwrites a file that may be read-only.
    fn overwrite(path: &Path, bytes: &[u8]) {
        let _ = fs::set_permissions(path, Permissions::from_mode(0o644));
        fs::write(path, bytes).unwrap();
    }

    /// Writes a tree with other lines in `sources`, and a commit of it, to a branch.
    fn commit_sources(&self, branch: &str, text: &str) {
        let clone = self.program.scratch().join(branch);
        let path = clone.to_str().unwrap();
        self.git(&["clone", "-q", ".", path]);
        fs::write(clone.join("sources"), text).unwrap();
        let commit = [
            "-c",
            "user.name=A",
            "-c",
            "user.email=a@b",
            "commit",
            "-qam",
            "x",
        ];
        git(&clone, &commit);
        git(&clone, &["push", "-q", "origin", &format!("HEAD:{branch}")]);
    }

    fn fsck(&self, options: &[&str]) -> Vec<Value> {
        let run = self.program.run("fsck", &[&["--json"], options].concat());
        let found = run
            .stdout
            .lines()
            .map(|it| serde_json::from_str(it).unwrap());
        let found: Vec<Value> = found.collect();
        let code = i32::from(!found.is_empty());
        assert_eq!(run.code, Some(code), "{}{}", run.stdout, run.stderr);
        assert!(
            run.stderr.contains("2 repositories checked"),
            "{}",
            run.stderr
        );
        found
    }
}

/// What is done to the bench, and the problems that are found then.
type Row = (&'static str, fn(&Bench), &'static [&'static str]);

const ROWS: &[Row] = &[
    ("nothing", |_| {}, &[]),
    (
        "packed by git",
        |it| drop(it.git(&["gc", "-q", "--prune=now"])),
        &[],
    ),
    (
        "a file with another byte",
        |it| {
            let mut bytes = fs::read(it.cached()).unwrap();
            bytes[100] ^= 1;
            Bench::overwrite(&it.cached(), &bytes);
        },
        &["wrong-sum"],
    ),
    (
        "a file that is gone",
        |it| fs::remove_file(it.cached()).unwrap(),
        &["missing-file"],
    ),
    (
        "a file that nothing refers to",
        |it| {
            let folder = it.cached().ancestors().nth(3).unwrap().join("sha512");
            let folder = folder.join("0b".repeat(64));
            fs::create_dir(&folder).unwrap();
            fs::write(folder.join("plaingem-1.2.0.gem"), "x").unwrap();
        },
        &["unused-file"],
    ),
    (
        "files without a repository",
        |it| fs::remove_dir_all(&it.repository).unwrap(),
        &["unused-file"],
    ),
    (
        "an object with other bytes",
        |it| Bench::overwrite(&it.object("main:sources"), b"x\x9cno zlib at all"),
        &["damaged-object"],
    ),
    (
        "an empty object",
        |it| Bench::overwrite(&it.object("main:rubygem-plaingem.spec"), b""),
        &["damaged-object"],
    ),
    (
        "an object under another's name",
        |it| {
            let other = fs::read(it.object("main:rubygem-plaingem.spec")).unwrap();
            Bench::overwrite(&it.object("main:.gitignore"), &other);
        },
        &["damaged-object"],
    ),
    (
        "a blob that is gone",
        |it| fs::remove_file(it.object("main:rubygem-plaingem.spec")).unwrap(),
        &["missing-object"],
    ),
    (
        "a tree that is gone",
        |it| fs::remove_file(it.object("main~1^{tree}")).unwrap(),
        &["missing-object"],
    ),
    (
        "a branch to nowhere",
        |it| fs::write(it.repository.join("refs/heads/f42"), "1".repeat(40) + "\n").unwrap(),
        &["broken-ref"],
    ),
    (
        "a branch of zeros, as a crash leaves it",
        |it| fs::write(it.repository.join("refs/heads/f42"), [0; 41]).unwrap(),
        &["broken-ref"],
    ),
    (
        "a branch to a blob",
        |it| {
            let blob = it.git(&["rev-parse", "main:sources"]);
            fs::write(it.repository.join("refs/heads/f42"), blob + "\n").unwrap();
        },
        &["broken-ref"],
    ),
    (
        "locks and unfinished files",
        |it| {
            fs::write(it.repository.join("refs/heads/main.lock"), "").unwrap();
            fs::write(it.repository.join("objects/pack/tmp_pack_x"), "").unwrap();
            fs::write(it.repository.join("objects/streamed_git2_x"), "").unwrap();
            let dead = it.program.root().join("lookaside/.incoming/run-dead");
            fs::create_dir(dead).unwrap();
        },
        &["leftover"; 4],
    ),
    (
        "lines that are none",
        |it| {
            let good = it.git(&["show", "main:sources"]);
            it.commit_sources("f42", &format!("{good}\n\nnonsense\nSHA512 (../x) = 00\n"));
        },
        &["bad-sources", "bad-sources"],
    ),
    (
        "a line in the other form, and one of a kind that nobody knows",
        |it| {
            let file = it.cached();
            let md5 = run("md5sum", &[file.to_str().unwrap()]);
            let md5 = md5.split(' ').next().unwrap();
            let name = file.file_name().unwrap().to_str().unwrap();
            let place = file.ancestors().nth(3).unwrap();
            for folder in [place.join(md5), place.join("crc/00")] {
                fs::create_dir_all(&folder).unwrap();
                fs::copy(&file, folder.join(name)).unwrap();
            }
            it.commit_sources("f42", &format!("{md5}  {name}\nCRC ({name}) = 00\n"));
        },
        &["unknown-digest"],
    ),
    (
        "no repository at all",
        |it| fs::remove_file(it.repository.join("HEAD")).unwrap(),
        &["unreadable"],
    ),
];

#[test]
fn every_fault_is_found_and_no_other() {
    for (what, harm, problems) in ROWS {
        let bench = Bench::new();
        harm(&bench);
        if *what == "files without a repository" {
            // One repository less is counted.
            let run = bench.program.run("fsck", &["--json", "--quiet"]);
            assert!(
                run.stdout.contains("unused-file") && run.stderr.is_empty(),
                "{}",
                run.stdout
            );
            continue;
        }
        let found = bench.fsck(&[]);
        let mut names: Vec<&str> = found
            .iter()
            .map(|it| it["problem"].as_str().unwrap())
            .collect();
        names.sort_unstable();
        names.dedup_by(|a, b| a == b && !["leftover", "bad-sources"].contains(a));
        assert_eq!(names, *problems, "{what}: {found:#?}");
        for finding in &found {
            for key in ["path", "message", "mend"] {
                assert!(
                    !finding[key].as_str().unwrap().is_empty(),
                    "{what}: {finding}"
                );
            }
        }
    }
}

#[test]
fn older_commits_are_checked_when_asked_for() {
    let bench = Bench::new();
    bench.commit_sources("main", "");
    fs::remove_file(bench.cached()).unwrap();
    assert!(bench.fsck(&[]).is_empty());
    let found = bench.fsck(&["--all-commits"]);
    assert_eq!(found[0]["problem"], "missing-file");
    // What it says mends it: the same import puts the file back.
    bench.program.imported(&fixtures::argument(GEM));
    assert!(bench.fsck(&["--all-commits"]).is_empty());
}

#[test]
fn a_damaged_file_is_mended_as_it_says() {
    let bench = Bench::new();
    let file = bench.cached();
    let mut bytes = fs::read(&file).unwrap();
    bytes[100] ^= 1;
    // In place: every name of the file has the damage, also the one in the index.
    fs::write(&file, &bytes).unwrap();
    let found = bench.fsck(&[]);
    assert_eq!(found.len(), 1);
    assert_eq!(found[0]["problem"], "wrong-sum");
    let mend = found[0]["mend"].as_str().unwrap();
    for part in [
        "Remove it and import the same source again",
        "find -samefile",
        ".by-hash",
    ] {
        assert!(mend.contains(part), "{mend}");
    }
    fs::remove_file(&file).unwrap();
    let again = fixtures::argument(GEM);
    assert_eq!(bench.program.import(&[again]).code, Some(0));
    assert!(bench.fsck(&[]).is_empty());
}

#[test]
fn people_read_what_is_wrong_and_how_to_mend_it() {
    let bench = Bench::new();
    fs::remove_file(bench.cached()).unwrap();
    let run = bench.program.run("fsck", &["--jobs=1"]);
    assert_eq!(run.code, Some(1));
    for part in [
        "missing-file  ",
        "sources of commit",
        "mend: Import the same source again",
    ] {
        assert!(run.stdout.contains(part), "{}", run.stdout);
    }
    assert!(
        run.stderr.contains("2 repositories checked, 1 faults"),
        "{}",
        run.stderr
    );
    assert_eq!(
        bench.program.run("fsck", &["--git-root=/nowhere"]).code,
        Some(1)
    );
}
