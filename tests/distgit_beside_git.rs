//! git itself may be at work on a repository at any time, and knows nothing of our locks.

use crate::support::commit::commit;
use crate::support::program::Program;
use crate::support::tools::{fsck, git, run, try_run};
use distmill::config::Identity;
use distmill::import::distgit::{Import, PackageFile};
use distmill::import::root::Root;
use distmill::model::{BranchName, PackageName, Project};
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

/// Imports a version of a package.
fn import(root: &Root, version: usize) {
    let (project, package) = (
        Project::parse("local/import").unwrap(),
        PackageName::new("x").unwrap(),
    );
    let import = Import {
        project: &project,
        package: &package,
        branches: &["main", "f42"].map(|it| BranchName::new(it).unwrap()),
        files: vec![PackageFile::of_bytes(
            "x.spec",
            format!("Version: {version}\n").into_bytes(),
        )],
        identity: &Identity::default(),
    };
    for result in commit(root, import).unwrap() {
        result.tip.unwrap();
    }
}

/// Does something again and again while something else is done.
fn meanwhile(again: impl Fn() + Sync, work: impl FnOnce()) {
    struct End<'a>(&'a AtomicBool);
    impl Drop for End<'_> {
        fn drop(&mut self) {
            self.0.store(true, Ordering::Relaxed);
        }
    }
    let ended = AtomicBool::new(false);
    thread::scope(|scope| {
        // Also where it fails.
        let end = End(&ended);
        let again = scope.spawn(|| {
            again();
            while !ended.load(Ordering::Relaxed) {
                again();
            }
        });
        work();
        drop(end);
        again.join().unwrap();
    });
}

fn commits(repository: &Path) -> String {
    git(repository, &["rev-list", "--count", "f42"])
}

#[test]
fn folders_of_objects_may_go_while_they_are_empty() {
    let program = Program::new();
    let root = Root::open(program.root()).unwrap();
    import(&root, 0);
    let repository = program.repository("x");
    let take_away = || {
        for head in 0..=255 {
            let _ = fs::remove_dir(repository.join(format!("objects/{head:02x}")));
        }
    };
    meanwhile(take_away, || (1..200).for_each(|it| import(&root, it)));
    assert_eq!(commits(&repository), "201");
    fsck(&repository);
}

/// A repository with a commit, and git that packs it again and again.
fn beside_git(work: impl FnOnce(&Program, &Root)) -> Program {
    let program = Program::new();
    let root = Root::open(program.root()).unwrap();
    import(&root, 0);
    let repository = program.repository("x");
    let folder = repository.to_str().unwrap();
    let pack = || {
        // It gives way where a gc is at work; so it may.
        try_run("git", &["-C", folder, "gc", "-q"]);
    };
    meanwhile(pack, || work(&program, &root));
    fsck(&repository);
    program
}

#[test]
fn imports_and_both_ways_to_pack_go_together() {
    let program = beside_git(|program, root| {
        let sweep = || {
            let run = program.run("gc", &["--pack"]);
            assert_eq!(run.code, Some(0), "{}", run.stderr);
        };
        meanwhile(sweep, || (1..100).for_each(|it| import(root, it)));
    });
    assert_eq!(commits(&program.repository("x")), "101");
}

#[test]
fn what_git_gc_works_on_is_not_packed() {
    let program = Program::new();
    let root = Root::open(program.root()).unwrap();
    (0..2).for_each(|it| import(&root, it));
    let repository = program.repository("x");
    let packed = || {
        let run = program.run("gc", &["--pack", "--json"]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let total = run.stdout.lines().last().unwrap().to_owned();
        total.contains(r#""packed":1"#)
    };
    // As git writes it: the number of a process that lives, or did.
    let mut child = Command::new("cat").stdin(Stdio::piped()).spawn().unwrap();
    let host = run("uname", &["-n"]);
    let holder = format!("{} {}", child.id(), host.trim());
    fs::write(repository.join("gc.pid"), holder).unwrap();
    assert!(!packed());
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(packed());
    assert!(!repository.join("gc.pid").exists());
}
