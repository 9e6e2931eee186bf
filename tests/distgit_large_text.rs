//! Texts that are too large for memory: they get into git whole or leave nothing, and are given up
//! in time.

use crate::support::commit::commit;
use crate::support::faults::Saboteur;
use crate::support::program::{Program, Run};
use crate::support::srpm::SpecFolder;
use crate::support::tools::{fsck, git};
use distmill::config::Identity;
use distmill::import::distgit::{self, Content, Import, PackageFile, Part, ProjectLock, is_text};
use distmill::import::root::Root;
use distmill::model::{BranchName, Digests, PackageName, Project};
use distmill::sync::{StopLevel, StopToken};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A text of two megabytes, each line another one.
fn text(first: u32) -> Vec<u8> {
    let lines = (first..first + 200_000).map(|it| format!("line {it}\n"));
    lines.collect::<String>().into_bytes()
}

/// A source package with that text, or a small one.
fn package(text: &[u8]) -> (SpecFolder, PathBuf) {
    let spec = "Name: large\nVersion: 1\nRelease: 1\nSummary: s\nLicense: MIT\n\
                Source0: large.txt\n%description\nd\n";
    let folder = SpecFolder::new("large.spec", spec, &[("large.txt", text)]);
    let srpm = folder.rpmbuild("w1.gzdio");
    (folder, srpm)
}

/// The names in the objects folder of a repository that are none of git's.
fn unfinished(repository: &Path) -> Vec<String> {
    let entries = fs::read_dir(repository.join("objects")).unwrap();
    let names = entries.map(|it| it.unwrap().file_name().into_string().unwrap());
    let names = names.filter(|it| it.len() > 2 && !["info", "pack"].contains(&it.as_str()));
    names.collect()
}

#[test]
fn a_kill_9_leaves_nothing_for_ever() {
    let program = Program::new();
    let Some(saboteur) = Saboteur::new(program.scratch()) else {
        return;
    };
    let (_small, small) = package(b"small\n");
    program.imported(small.to_str().unwrap());
    let repository = program.repository("large");
    let bytes = text(0);
    let (_large, large) = package(&bytes);
    let large = large.to_str().unwrap();
    // The first rename puts the text into its place.
    let command = program.command(&[large]);
    let mut command = saboteur.kill("rename", None, &command);
    let run = Run::of(command.output().unwrap());
    assert_eq!(run.code, None, "{}{}", run.stdout, run.stderr);
    assert!(!unfinished(&repository).is_empty());
    let found = program.run("fsck", &["--json"]);
    assert!(found.stdout.contains("leftover"), "{}", found.stdout);
    program.imported(large);
    assert_eq!(unfinished(&repository), Vec::<String>::new());
    fsck(&repository);
    let kept = git(&repository, &["cat-file", "-s", "main:large.txt"]);
    assert_eq!(kept, bytes.len().to_string());
    program.assert_same_as_srpm("large", Path::new(large));
    let well = program.run("fsck", &[] as &[&str]);
    assert_eq!(well.code, Some(0), "{}", well.stdout);
}

/// The text as it comes from a source package.
fn file(root: &Root, bytes: &[u8]) -> PackageFile {
    let mut file = root.temporary_source().unwrap();
    file.write_all(bytes).unwrap();
    let digests = Digests::of(bytes, None);
    let file = PackageFile::of_temporary("large.txt", file, digests).unwrap();
    assert!(is_text(bytes) && file.is_text && matches!(file.content, Content::File(_)));
    file
}

#[test]
fn a_commit_that_takes_too_long_is_given_up() {
    let dir = TempDir::new().unwrap();
    let root = Root::open(dir.path()).unwrap();
    let project = Project::parse("o/p").unwrap();
    let name = PackageName::new("large").unwrap();
    let (branches, identity) = ([BranchName::new("main").unwrap()], Identity::default());
    let import = |first: u32| Import {
        project: &project,
        package: &name,
        branches: &branches,
        files: vec![file(&root, &text(first))],
        identity: &identity,
    };
    let repository = root.repository(&project, &name);
    let stop = StopToken::default();
    stop.raise(StopLevel::Stop);
    let held = ProjectLock::share(&root, &project, Part::Repositories, &StopToken::default());
    let held = held.unwrap();
    let stopped = || {
        let error = distgit::commit(&root, &held, import(0), &stop).unwrap_err();
        assert_eq!(error.code(), distmill::model::Code::Stopped, "{error}");
    };
    stopped();
    assert!(!repository.exists());
    commit(&root, import(1)).unwrap();
    let tip = git(&repository, &["rev-parse", "main"]);
    stopped();
    assert_eq!(git(&repository, &["rev-parse", "main"]), tip);
    assert_eq!(unfinished(&repository), Vec::<String>::new());
    fsck(&repository);
}
