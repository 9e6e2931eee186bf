//! What becomes of a package's files in repository, branches and lookaside cache.

use crate::support::commit::commit;
use crate::support::tools::{fsck, git, run};
use distmill::config::Identity;
use distmill::import::distgit::{self, BranchResult, Import, PackageFile, parse_sources};
use distmill::import::root::Root;
use distmill::model::{BranchName, Digests, PackageName, Project, SumKind};
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// A root with one package in it.
struct Bench {
    dir: TempDir,
    root: Root,
    project: Project,
    package: PackageName,
}

impl Bench {
    fn new() -> Self {
        let dir = TempDir::new().unwrap();
        Self {
            root: Root::open(dir.path()).unwrap(),
            dir,
            project: Project::parse("@group/name:pr:5").unwrap(),
            package: PackageName::new("hello").unwrap(),
        }
    }

    fn repository(&self) -> PathBuf {
        self.root.repository(&self.project, &self.package)
    }

    fn git(&self, arguments: &[&str]) -> String {
        git(&self.repository(), arguments)
    }

    /// Imports files, given as name and bytes, into branches; the answer is their commits.
    fn import(&self, files: &[(&str, &[u8])], branches: &[&str]) -> Vec<String> {
        let results = self.try_import(files, branches).unwrap();
        fsck(&self.repository());
        results
            .into_iter()
            .map(|it| it.tip.unwrap().0.to_string())
            .collect()
    }

    fn try_import(
        &self,
        files: &[(&str, &[u8])],
        branches: &[&str],
    ) -> Result<Vec<BranchResult>, distgit::Error> {
        let branches: Vec<BranchName> = branches
            .iter()
            .map(|it| BranchName::new(it).unwrap())
            .collect();
        let files = files
            .iter()
            .map(|(name, bytes)| PackageFile::of_bytes(name, bytes.to_vec()))
            .collect();
        commit(
            &self.root,
            Import {
                project: &self.project,
                package: &self.package,
                branches: &branches,
                files,
                identity: &Identity::default(),
            },
        )
    }

    /// Commits `files` on top of a branch, as a person would.
    fn commit_by_hand(&self, branch: &str, files: &[(&str, &str)]) -> String {
        let clone = TempDir::new().unwrap();
        let path = clone.path().to_str().unwrap();
        self.git(&["clone", "-q", "-b", branch, ".", path]);
        for (name, text) in files {
            let file = clone.path().join(name);
            fs::create_dir_all(file.parent().unwrap()).unwrap();
            fs::write(file, text).unwrap();
        }
        git(clone.path(), &["add", "-A"]);
        let identity = ["-c", "user.name=A", "-c", "user.email=a@b"];
        let message = ["commit", "-q", "-m", "by hand"];
        git(clone.path(), &[&identity[..], &message[..]].concat());
        git(clone.path(), &["push", "-q", "origin", branch]);
        self.git(&["rev-parse", branch])
    }

    fn files_of(&self, branch: &str) -> Vec<String> {
        let listed = self.git(&["ls-tree", "-r", "--name-only", branch]);
        listed.lines().map(str::to_owned).collect()
    }
}

const SPEC: (&str, &[u8]) = ("hello.spec", b"Name: hello\n");
const SPEC_2: (&str, &[u8]) = ("hello.spec", b"Name: hello\nVersion: 2\n");
const TARBALL: (&str, &[u8]) = ("hello-1.tar.gz", b"\x1f\x8b\x08\0\0\0\0\0binary");

#[test]
fn a_first_import_makes_a_repository_as_the_originals_do() {
    let bench = Bench::new();
    let commits = bench.import(&[SPEC, TARBALL, ("fix.patch", b"--- a\n")], &["main"]);
    assert_eq!(
        bench.files_of("main"),
        [".gitignore", "fix.patch", "hello.spec", "sources"]
    );
    assert_eq!(bench.git(&["show", "main:.gitignore"]), "/hello-1.tar.gz");
    let sources = bench.git(&["show", "main:sources"]);
    let sum = Digests::of(TARBALL.1, Some(SumKind::Sha512)).sum.unwrap();
    assert_eq!(sources, format!("SHA512 (hello-1.tar.gz) = {}", sum.hex));
    let line = &parse_sources(&sources)[0];
    let folder = bench.root.lookaside(&bench.project, &bench.package);
    let file = folder
        .join(&line.file)
        .join("sha512")
        .join(&line.hash)
        .join(&line.file);
    assert_eq!(fs::read(file).unwrap(), TARBALL.1);

    assert_eq!(bench.git(&["rev-parse", "main"]), commits[0]);
    assert_eq!(
        bench.git(&["log", "--format=%s|%an|%ae", "main"]),
        "automatic import of hello|distmill|distmill@localhost\n\
         Initial setup of the repo|distmill|distmill@localhost"
    );
    assert_eq!(bench.git(&["symbolic-ref", "HEAD"]), "refs/heads/main");
    assert_eq!(bench.git(&["config", "core.bare"]), "true");
    assert_eq!(bench.git(&["config", "core.sharedRepository"]), "1");
    let root = bench.git(&["rev-list", "--max-parents=0", "main"]);
    assert_eq!(bench.git(&["ls-tree", "--name-only", &root]), ".gitignore");
}

#[test]
fn the_same_import_again_changes_nothing() {
    let bench = Bench::new();
    let first = bench.import(&[SPEC, TARBALL], &["main"]);
    let again = bench.try_import(&[SPEC, TARBALL], &["main"]).unwrap();
    let (commit, moved) = again.into_iter().next().unwrap().tip.unwrap();
    assert_eq!((commit.to_string(), moved), (first[0].clone(), false));
    assert_eq!(bench.git(&["rev-list", "--count", "main"]), "2");
}

#[test]
fn reserved_files_stay_and_others_go() {
    let bench = Bench::new();
    bench.import(&[SPEC, TARBALL, ("old.patch", b"--- a\n")], &["main"]);
    bench.commit_by_hand(
        "main",
        &[
            ("README.md", "x"),
            ("gating.yaml", "x"),
            ("tests/run.sh", "x"),
            (".fmf/version", "1"),
            ("plan.fmf", "x"),
            ("hello.rpmlintrc", "x"),
            ("changelog", "x"),
            ("stray.txt", "x"),
            ("folder/stray.txt", "x"),
            ("folder/deep/plan.fmf", "x"),
            ("folder/README.md", "x"),
            ("deep/tests/run.sh", "x"),
            ("deep/hello.rpmlintrc", "x"),
        ],
    );
    bench.import(&[SPEC_2, TARBALL], &["main"]);
    assert_eq!(
        bench.files_of("main"),
        [
            ".fmf/version",
            ".gitignore",
            "README.md",
            "changelog",
            "deep/hello.rpmlintrc",
            "folder/deep/plan.fmf",
            "gating.yaml",
            "hello.rpmlintrc",
            "hello.spec",
            "plan.fmf",
            "sources",
            "tests/run.sh",
        ]
    );
}

#[test]
fn a_file_with_the_name_of_a_reserved_folder_goes() {
    let bench = Bench::new();
    bench.import(&[SPEC], &["main"]);
    bench.commit_by_hand(
        "main",
        &[("tests", "x"), (".fmf", "x"), ("changelog/x", "x")],
    );
    bench.import(&[SPEC_2], &["main"]);
    assert_eq!(
        bench.files_of("main"),
        [".fmf", ".gitignore", "hello.spec", "sources"]
    );
}

#[test]
fn a_file_of_the_package_replaces_a_reserved_one() {
    let bench = Bench::new();
    bench.import(&[SPEC], &["main"]);
    bench.commit_by_hand("main", &[("README.md", "mine"), ("plans/a.fmf", "x")]);
    bench.import(
        &[SPEC, ("README.md", b"theirs\n"), ("plans", b"text\n")],
        &["main"],
    );
    assert_eq!(bench.git(&["show", "main:README.md"]), "theirs");
    assert_eq!(bench.git(&["show", "main:plans"]), "text");
}

#[test]
fn sources_and_gitignore_follow_the_uploads() {
    let bench = Bench::new();
    bench.import(&[SPEC], &["main"]);
    assert_eq!(bench.git(&["show", "main:sources"]), "");
    let newer: (&str, &[u8]) = ("hello-2.tar.gz", b"\x1f\x8b\x08\0two");
    bench.import(&[SPEC, TARBALL], &["main"]);
    bench.import(&[SPEC_2, newer], &["main"]);
    let sources = bench.git(&["show", "main:sources"]);
    assert_eq!(parse_sources(&sources).len(), 1);
    assert!(sources.contains("hello-2.tar.gz"));
    assert_eq!(
        bench.git(&["show", "main:.gitignore"]),
        "/hello-1.tar.gz\n/hello-2.tar.gz"
    );
    // With nothing uploaded the list stays as it was.
    bench.import(&[SPEC], &["main"]);
    assert_eq!(bench.git(&["show", "main:sources"]), sources);
}

/// The steps of a row, each a spec's text and the branches it is imported into; then the
/// groups of branches that must stand on one commit, and the groups with one tree.
type Row = (
    &'static str,
    &'static [(&'static str, &'static [&'static str])],
    &'static [&'static [&'static str]],
    &'static [&'static [&'static str]],
);

#[test]
fn branches_share_history_while_they_can() {
    let rows: &[Row] = &[
        (
            "all together",
            &[("1", &["a", "b", "c"]), ("2", &["a", "b", "c"])],
            &[&["a", "b", "c"]],
            &[&["a", "b", "c"]],
        ),
        (
            "a subset first: the other catches up",
            &[("1", &["a"]), ("2", &["a", "b"])],
            &[&["a", "b"]],
            &[&["a", "b"]],
        ),
        (
            "the branch that is behind comes first: the other one diverges",
            &[("1", &["a"]), ("2", &["b", "a"])],
            &[&["a"], &["b"]],
            &[&["a", "b"]],
        ),
        (
            "diverged branches stay diverged with the same tree",
            &[("1", &["a"]), ("2", &["b"]), ("3", &["a", "b"])],
            &[&["a"], &["b"]],
            &[&["a", "b"]],
        ),
        (
            "the same again after diverging",
            &[
                ("1", &["a"]),
                ("2", &["b"]),
                ("3", &["a", "b"]),
                ("3", &["b", "a"]),
            ],
            &[&["a"], &["b"]],
            &[&["a", "b"]],
        ),
        (
            "a third one follows whichever it can",
            &[("1", &["a"]), ("2", &["b", "c"]), ("3", &["a", "b", "c"])],
            &[&["a"], &["b", "c"]],
            &[&["a", "b", "c"]],
        ),
    ];
    for (what, steps, commits, trees) in rows {
        let bench = Bench::new();
        for (text, branches) in *steps {
            bench.import(
                &[("hello.spec", format!("# {text}\n").as_bytes())],
                branches,
            );
        }
        for (groups, suffix) in [(commits, ""), (trees, "^{tree}")] {
            let ids: Vec<Vec<String>> = groups
                .iter()
                .map(|group| {
                    let id = |it: &&str| bench.git(&["rev-parse", &format!("{it}{suffix}")]);
                    group.iter().map(id).collect()
                })
                .collect();
            for group in &ids {
                assert!(group.iter().all(|it| it == &group[0]), "{what}: {ids:?}");
            }
            let mut heads: Vec<&String> = ids.iter().map(|it| &it[0]).collect();
            heads.sort();
            heads.dedup();
            assert_eq!(heads.len(), ids.len(), "{what}: {ids:?}");
        }
    }
}

#[test]
fn a_commit_in_between_is_built_upon() {
    let bench = Bench::new();
    bench.import(&[SPEC], &["main", "f42"]);
    let by_hand = bench.commit_by_hand("main", &[("hello.spec", "Name: mine\n")]);
    let commits = bench.import(&[SPEC_2], &["main", "f42"]);
    assert_eq!(bench.git(&["rev-parse", "main~1"]), by_hand);
    assert_eq!(commits[0], commits[1], "f42 was behind and moves forward");
    assert_eq!(bench.git(&["rev-list", "--min-parents=2", "--all"]), "");
}

#[test]
fn what_fails_leaves_nothing_behind() {
    let bench = Bench::new();
    // A branch named like a folder of a present one cannot exist beside it.
    bench.import(&[SPEC], &["main"]);
    let path = bench.repository();
    bench.git(&["update-ref", "refs/heads/a/b", "main"]);
    let results = bench.try_import(&[SPEC_2, TARBALL], &["a"]).unwrap();
    assert!(results[0].tip.is_err());
    let folder = bench.root.lookaside(&bench.project, &bench.package);
    assert!(!folder.exists(), "a file stayed in the lookaside cache");
    // The other branches of the same import are moved all the same.
    let results = bench
        .try_import(&[SPEC_2, TARBALL], &["a", "main"])
        .unwrap();
    assert!(results[0].tip.is_err() && results[1].tip.is_ok());
    assert!(folder.exists());
    fsck(&path);
    drop(bench.dir);
}

#[test]
fn a_repository_of_another_tool_is_taken_as_it_is() {
    let bench = Bench::new();
    let path = bench.repository();
    fs::create_dir_all(&path).unwrap();
    bench.git(&["init", "-q", "--bare", "--shared", "-b", "master"]);
    let hand = TempDir::new().unwrap();
    git(hand.path(), &["init", "-q", "-b", "master"]);
    fs::write(hand.path().join(".gitignore"), "").unwrap();
    git(hand.path(), &["add", "-A"]);
    let identity = ["-c", "user.name=A", "-c", "user.email=a@b", "commit", "-q"];
    git(
        hand.path(),
        &[&identity[..], &["-m", "Initial setup of the repo"]].concat(),
    );
    git(
        hand.path(),
        &["push", "-q", path.to_str().unwrap(), "master"],
    );
    bench.import(&[SPEC, TARBALL], &["master", "f42"]);
    bench.git(&["gc", "-q", "--prune=now"]);
    bench.git(&["pack-refs", "--all"]);
    let commits = bench.import(&[SPEC_2, TARBALL], &["master", "f42", "epel9"]);
    assert!(commits.iter().all(|it| it == &commits[0]));
    assert_eq!(bench.git(&["rev-list", "--count", "epel9"]), "3");
}

/// Every file and folder of a repository but its objects, with permissions and content.
fn shape(repository: &Path) -> BTreeMap<PathBuf, (u32, Vec<u8>)> {
    let mut found = BTreeMap::new();
    let mut left = vec![repository.to_owned()];
    while let Some(path) = left.pop() {
        let metadata = fs::metadata(&path).unwrap();
        let content = match metadata.is_dir() {
            true => {
                let entries = fs::read_dir(&path).unwrap();
                left.extend(entries.map(|it| it.unwrap().path()));
                Vec::new()
            }
            false => fs::read(&path).unwrap(),
        };
        let name = path.strip_prefix(repository).unwrap().to_owned();
        found.insert(name, (metadata.permissions().mode(), content));
    }
    let others = ["hooks", "info", "branches"];
    found.retain(|it, _| !others.iter().any(|other| it.starts_with(other)));
    found
}

#[test]
fn a_new_repository_is_what_git_makes() {
    let bench = Bench::new();
    let tip = bench.import(&[SPEC, TARBALL], &["f42"]).remove(0);
    let own = bench.dir.path().join("own.git");
    let path = own.to_str().unwrap();
    run(
        "git",
        &["init", "-q", "--bare", "--shared", "-b", "main", path],
    );
    let first = bench.git(&["rev-parse", "main"]);
    let mut ours = shape(&bench.repository());
    let in_pack = |it: &Path| it.starts_with("objects/pack") && it.extension().is_some();
    let (packs, others): (Vec<_>, Vec<_>) = ours.into_iter().partition(|it| in_pack(&it.0));
    ours = others.into_iter().collect();
    assert_eq!(packs.len(), 2, "one pack and its index");
    assert!(packs.iter().all(|it| it.1.0 & 0o777 == 0o444));
    let head = "# pack-refs with: peeled fully-peeled sorted \n";
    for (file, expected) in [
        ("packed-refs", format!("{head}{first} refs/heads/main\n")),
        ("refs/heads/f42", format!("{tip}\n")),
    ] {
        let (mode, content) = ours.remove(Path::new(file)).unwrap();
        assert_eq!((mode & 0o777, content), (0o664, expected.into_bytes()));
    }
    assert_eq!(ours, shape(&own));
}

#[test]
fn whether_git_has_to_look_into_a_new_repository_makes_no_difference() {
    let large = [b"--- a\n+++ b\n".repeat(200_000), b"+x\n".to_vec()].concat();
    let files: [(&str, &[u8]); 3] = [SPEC, TARBALL, ("large.patch", &large)];
    let branches = ["f42", "main", "f42", "epel9"];
    let (small, big) = (Bench::new(), Bench::new());
    for (bench, files) in [(&small, &files[..2]), (&big, &files[..])] {
        let results = bench.try_import(files, &branches).unwrap();
        fsck(&bench.repository());
        let moved: Vec<bool> = results
            .iter()
            .map(|it| it.tip.as_ref().unwrap().1)
            .collect();
        assert_eq!(moved, [true, true, false, true]);
        let tip = bench.git(&["rev-parse", "f42"]);
        assert!(
            results
                .iter()
                .all(|it| it.tip.as_ref().unwrap().0.to_string() == tip)
        );
        let log = bench.git(&["log", "--format=%s", "epel9"]);
        assert_eq!(log, "automatic import of hello\nInitial setup of the repo");
        assert_eq!(
            bench
                .git(&["for-each-ref", "--format=%(refname)"])
                .lines()
                .count(),
            3
        );
    }
    let tree = |bench: &Bench| bench.git(&["ls-tree", "main"]);
    let (with, without) = (tree(&big), tree(&small));
    let others = with.lines().filter(|it| !it.ends_with("large.patch"));
    assert_eq!(
        others.collect::<Vec<_>>(),
        without.lines().collect::<Vec<_>>()
    );
    assert_eq!(
        big.git(&["cat-file", "-s", "main:large.patch"]),
        large.len().to_string()
    );
}
