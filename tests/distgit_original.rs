//! Branches and trees against the steps of the original importer, done with the real git: a
//! clone, a checkout, a commit, `merge --ff-only`, a push.
//!
//! Two commits of one second with all else equal are one, so each step commits under a name of its
//! own; and as commit hashes hold the time, what is compared is which branches share a commit, how many
//! commits each has, and every branch's tree.

use crate::support::tools::{fsck, git, try_run};
use distmill::config::Identity;
use distmill::import::distgit::{self, Import, PackageFile};
use distmill::import::root::Root;
use distmill::model::{BranchName, PackageName, Project};
use proptest::strategy::ValueTree as _;
use proptest::test_runner::TestRunner;
use std::fs;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

const BRANCHES: [&str; 3] = ["a", "b", "c"];

/// One thing that happens to a repository.
#[derive(Clone, Debug)]
enum Step {
    /// An import of a spec with this text.
    Import(u8, Vec<&'static str>),
    /// Somebody pushes a commit to a branch, where it exists.
    Push(u8, &'static str),
}

/// What can be compared of a branch: the first branch that stands on the same commit, the number
/// of its commits, its tree. Nothing for one that does not exist.
type Shape = Vec<Option<(usize, String, String)>>;

fn shape(repository: &Path) -> Shape {
    let tip = |name: &str| {
        let asked = [
            "-C",
            repository.to_str().unwrap(),
            "rev-parse",
            "-q",
            "--verify",
        ];
        let reference = format!("refs/heads/{name}");
        let answer = try_run("git", &[&asked[..], &[&reference]].concat());
        let text = String::from_utf8(answer.stdout).unwrap();
        answer.status.success().then(|| text.trim().to_owned())
    };
    let tips: Vec<Option<String>> = BRANCHES.iter().map(|it| tip(it)).collect();
    let of = |it: &Option<String>| {
        let id = it.as_ref()?;
        let same = tips.iter().position(|other| other.as_ref() == Some(id))?;
        let count = git(repository, &["rev-list", "--count", id]);
        Some((
            same,
            count,
            git(repository, &["rev-parse", &format!("{id}^{{tree}}")]),
        ))
    };
    tips.iter().map(of).collect()
}

fn spec(text: u8) -> String {
    format!("Name: hello\nVersion: {text}\n")
}

/// The original's way.
struct Original {
    dir: TempDir,
    bare: PathBuf,
}

impl Original {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        let new = Self {
            bare: dir.path().join("bare.git"),
            dir,
        };
        let bare = new.bare.to_str().unwrap();
        git(
            new.dir.path(),
            &["init", "-q", "--bare", "--shared", "-b", "main", bare],
        );
        let clone = new.clone_of("A");
        fs::write(clone.path().join(".gitignore"), "").unwrap();
        new.commit(clone.path(), "Initial setup of the repo");
        git(clone.path(), &["push", "-q", "origin", "HEAD:main"]);
        new
    }

    fn clone_of(&self, user: &str) -> TempDir {
        let dir = TempDir::new_in(self.dir.path()).unwrap();
        git(
            dir.path(),
            &["clone", "-q", self.bare.to_str().unwrap(), "."],
        );
        for (key, value) in [("user.name", user), ("user.email", "a@b")] {
            git(dir.path(), &["config", key, value]);
        }
        dir
    }

    /// Commits everything, where something changed.
    fn commit(&self, clone: &Path, message: &str) {
        git(clone, &["add", "-A"]);
        let arguments = ["-C", clone.to_str().unwrap(), "commit", "-q", "-m", message];
        try_run("git", &arguments);
        assert_eq!(git(clone, &["status", "--porcelain"]), "");
    }

    fn import(&self, user: &str, text: u8, branches: &[&str]) {
        let root = git(&self.bare, &["rev-list", "--max-parents=0", "main"]);
        for branch in branches {
            let path = self.bare.to_str().unwrap();
            // One that exists is no error.
            try_run("git", &["-C", path, "branch", branch, &root]);
        }
        let clone = self.clone_of(user);
        let clone = clone.path();
        let mut done: Vec<&str> = Vec::new();
        for branch in branches {
            git(clone, &["checkout", "-q", branch]);
            if let Some(first) = done.first() {
                let forward = done.iter().any(|it| {
                    let arguments = [
                        "-C",
                        clone.to_str().unwrap(),
                        "merge",
                        "-q",
                        "--ff-only",
                        it,
                    ];
                    try_run("git", &arguments).status.success()
                });
                if !forward {
                    git(clone, &["read-tree", "--reset", "-u", first]);
                    self.commit(clone, "automatic import of hello");
                }
            } else {
                fs::write(clone.join("hello.spec"), spec(text)).unwrap();
                if !clone.join("sources").exists() {
                    fs::write(clone.join("sources"), "").unwrap();
                }
                let _ = fs::remove_file(clone.join("stray"));
                self.commit(clone, "automatic import of hello");
            }
            git(clone, &["push", "-q", "origin", branch]);
            done.push(branch);
        }
    }
}

/// A commit by hand, as anybody may push one.
fn push(repository: &Path, user: &str, text: u8, branch: &str) {
    let dir = TempDir::new().unwrap();
    let path = dir.path().to_str().unwrap();
    let reference = format!("refs/heads/{branch}");
    let bare = repository.to_str().unwrap();
    let known = try_run(
        "git",
        &["-C", bare, "rev-parse", "-q", "--verify", &reference],
    );
    if !known.status.success() {
        return;
    }
    git(repository, &["clone", "-q", "-b", branch, ".", path]);
    fs::write(dir.path().join("stray"), format!("{text}\n")).unwrap();
    fs::write(dir.path().join("README.md"), format!("{text}\n")).unwrap();
    git(dir.path(), &["add", "-A"]);
    let user = format!("user.name={user}");
    let identity = ["-c", &user, "-c", "user.email=a@b"];
    let message = ["commit", "-q", "--allow-empty", "-m", "by hand"];
    git(dir.path(), &[&identity[..], &message[..]].concat());
    git(dir.path(), &["push", "-q", "origin", branch]);
}

/// Does the steps in both ways and compares after each.
fn compare(steps: &[Step]) {
    let dir = TempDir::new().unwrap();
    let root = Root::open(dir.path()).unwrap();
    let project = Project::parse("o/p").unwrap();
    let package = PackageName::new("hello").unwrap();
    let ours = root.repository(&project, &package);
    let original = Original::new();
    for (number, step) in steps.iter().enumerate() {
        let user = format!("U{number}");
        match step {
            Step::Push(text, branch) => {
                push(&original.bare, &user, *text, branch);
                if ours.exists() {
                    push(&ours, &user, *text, branch);
                }
            }
            Step::Import(text, branches) => {
                original.import(&user, *text, branches);
                let names = branches.iter().map(|it| BranchName::new(it).unwrap());
                let names: Vec<BranchName> = names.collect();
                let import = Import {
                    project: &project,
                    package: &package,
                    branches: &names,
                    files: vec![PackageFile::of_bytes(
                        "hello.spec",
                        spec(*text).into_bytes(),
                    )],
                    identity: &Identity {
                        name: user,
                        email: "a@b".to_owned(),
                    },
                };
                for result in distgit::commit(&root, import).unwrap() {
                    result.tip.unwrap();
                }
            }
        }
        if ours.exists() {
            assert_eq!(
                shape(&ours),
                shape(&original.bare),
                "after {step:?} of {steps:#?}"
            );
        }
    }
    fsck(&ours);
}

#[test]
fn what_administrators_do_comes_out_as_with_the_original() {
    use Step::{Import, Push};
    let (abc, a, b) = (|| vec!["a", "b", "c"], || vec!["a"], || vec!["b"]);
    for steps in [
        vec![Import(1, abc()), Import(2, abc()), Import(2, abc())],
        vec![
            Import(1, a()),
            Import(2, abc()),
            Import(3, vec!["c", "a", "b"]),
        ],
        vec![
            Import(1, a()),
            Import(2, b()),
            Import(3, abc()),
            Import(3, vec!["b", "a"]),
        ],
        vec![Import(1, a()), Import(1, b()), Import(1, abc())],
        vec![
            Import(1, abc()),
            Push(1, "a"),
            Import(2, abc()),
            Push(2, "b"),
            Import(3, abc()),
        ],
        vec![Import(1, abc()), Push(1, "b"), Import(1, abc())],
        vec![
            Import(1, abc()),
            Push(1, "c"),
            Push(1, "a"),
            Import(2, vec!["b", "c", "a"]),
        ],
    ] {
        compare(&steps);
    }
}

#[test]
fn random_histories_come_out_as_with_the_original() {
    use proptest::prelude::*;
    let branches = proptest::sample::subsequence(BRANCHES.to_vec(), 1..=3).prop_shuffle();
    let step = prop_oneof![
        4 => (0..3_u8, branches).prop_map(|(text, all)| Step::Import(text, all)),
        1 => (0..3_u8, proptest::sample::select(BRANCHES.to_vec()))
            .prop_map(|(text, branch)| Step::Push(text, branch)),
    ];
    let steps = proptest::collection::vec(step, 4);
    let mut runner = TestRunner::deterministic();
    for _ in 0..3 {
        let mut steps = steps.new_tree(&mut runner).unwrap().current();
        steps.insert(0, Step::Import(0, vec!["a"]));
        compare(&steps);
    }
}
