//! dist-git as others lay it out: Copr's form and paths, folders elsewhere, repositories that
//! other tools made.

use crate::support::fixtures;
use crate::support::program::Program;
use crate::support::tools::{fsck, git, run, try_run};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

const GEM: &str = "gem-plain/plaingem-1.2.0.gem";
const PACKAGE: &str = "rubygem-plaingem";

fn imported(program: &Program, source: &str) -> Value {
    program.imported(&fixtures::argument(source))
}

/// Clones a repository and puts what `sources` names beside it, found by the layout's path; the
/// real tool then checks the sums.
fn check_out(program: &Program, cache: &Path, layout: &str) -> PathBuf {
    let clone = program.scratch().join("clone");
    let _ = fs::remove_dir_all(&clone);
    let repository = program.repository(PACKAGE);
    git(&repository, &["clone", "-q", ".", clone.to_str().unwrap()]);
    let text = fs::read_to_string(clone.join("sources")).unwrap();
    let cache = cache.join("local/import").join(PACKAGE);
    for line in text.lines() {
        let (path, name) = match layout {
            "copr" => {
                let (md5, name) = line.split_once("  ").unwrap();
                assert_eq!(md5.len(), 32);
                (format!("{name}/{md5}/{name}"), name)
            }
            _ => {
                let rest = line.strip_prefix("SHA512 (").unwrap();
                let (name, hash) = rest.split_once(") = ").unwrap();
                (format!("{name}/sha512/{hash}/{name}"), name)
            }
        };
        fs::copy(cache.join(path), clone.join(name)).unwrap();
    }
    let tool = match layout {
        "copr" => "md5sum",
        _ => "sha512sum",
    };
    let script = format!("cd \"$1\" && {tool} --strict -c sources");
    run("sh", &["-c", &script, "sh", clone.to_str().unwrap()]);
    clone
}

#[test]
fn each_layout_has_its_paths_and_its_sources() {
    for layout in ["copr", "dist-git"] {
        let program = Program::new().with(&format!("--layout={layout}"));
        imported(&program, GEM);
        let clone = check_out(&program, &program.root().join("lookaside"), layout);
        let sources = fs::read_to_string(clone.join("sources")).unwrap();
        assert_eq!(sources.lines().count(), 1, "{sources}");
        fsck(&program.repository(PACKAGE));
        let again = program.outcomes(&[fixtures::argument(GEM)]);
        assert!(again.values().all(|it| it["state"] == "unchanged"));
    }
}

#[test]
fn the_layout_is_remembered_and_never_mixed() {
    let program = Program::new();
    let gem = fixtures::argument(GEM);
    let first = program.import(&[&gem, "--layout=copr", "--quiet"]);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let sources = program.show(PACKAGE, "sources");
    let other = program.import(&[&gem, "--layout=dist-git", "--quiet"]);
    assert_eq!(other.code, Some(1));
    for part in ["laid out as copr", "not as dist-git", "--layout"] {
        assert!(other.stderr.contains(part), "{}", other.stderr);
    }
    let again = program.outcomes(&[&gem]);
    assert_eq!(again[&gem]["state"], "unchanged");
    assert_eq!(program.show(PACKAGE, "sources"), sources);
    let wrong = program.import(&[&gem, "--layout=fedora"]);
    assert_eq!(wrong.code, Some(2));
    assert!(
        wrong.stderr.contains("dist-git and copr"),
        "{}",
        wrong.stderr
    );
}

#[test]
fn a_cache_that_copr_filled_is_gone_on_with_in_its_layout() {
    let program = Program::new();
    let md5 = "d41d8cd98f00b204e9800998ecf8427e";
    let old = program
        .root()
        .join("lookaside/jdoe/name/pkg/a.gz")
        .join(md5);
    fs::create_dir_all(&old).unwrap();
    fs::write(old.join("a.gz"), "").unwrap();
    imported(&program, GEM);
    check_out(&program, &program.root().join("lookaside"), "copr");
}

#[test]
fn repositories_and_cache_may_lie_elsewhere() {
    let program = Program::new();
    let (git_root, cache) = (program.scratch().join("g"), program.scratch().join("c"));
    let program = program
        .with(&format!("--git-root={}", git_root.display()))
        .with(&format!("--lookaside-root={}", cache.display()));
    imported(&program, GEM);
    let repository = git_root.join("local/import").join(format!("{PACKAGE}.git"));
    fsck(&repository);
    assert!(cache.join("local/import").join(PACKAGE).is_dir());
    for folder in ["git", "lookaside"] {
        assert!(!program.root().join(folder).exists(), "{folder} was made");
    }
    assert!(program.root().join("srpms/local/import").is_dir());
}

/// The mode bits of every folder of a repository, and of its files, by path. Objects and what
/// templates bring are left out.
fn modes(repository: &Path) -> Vec<(String, u32)> {
    [
        "",
        "refs",
        "refs/heads",
        "refs/tags",
        "objects",
        "objects/pack",
        "objects/info",
        "HEAD",
        "config",
    ]
    .into_iter()
    .map(|it| {
        let mode = fs::metadata(repository.join(it)).unwrap().mode();
        (it.to_owned(), mode & 0o7777)
    })
    .collect()
}

#[test]
fn a_new_repository_is_shared_as_git_makes_it() {
    let program = Program::new();
    imported(&program, GEM);
    let ours = program.repository(PACKAGE);
    let theirs = program.scratch().join("theirs.git");
    let path = theirs.to_str().unwrap();
    run("git", &["init", "-q", "--bare", "--shared", path]);
    assert_eq!(modes(&ours), modes(&theirs));
    for key in [
        "core.bare",
        "core.sharedRepository",
        "core.repositoryFormatVersion",
        "receive.denyNonFastforwards",
    ] {
        let of = |it: &Path| git(it, &["config", key]);
        assert_eq!(of(&ours), of(&theirs), "{key}");
    }
    let commit = git(
        &theirs,
        &["commit-tree", "-m", "x", empty_tree(&theirs).as_str()],
    );
    git(&theirs, &["update-ref", "refs/heads/main", &commit]);
    let group = |repository: &Path, what: &str| {
        let found = run(
            "find",
            &[repository.join(what).to_str().unwrap(), "-mindepth", "1"],
        );
        let modes = found.lines().map(|it| {
            let mode = fs::metadata(it).unwrap().permissions().mode() & 0o7777;
            (Path::new(it).is_dir(), mode)
        });
        let mut modes: Vec<(bool, u32)> = modes.collect();
        modes.sort_unstable();
        modes.dedup();
        modes
    };
    for what in ["objects", "refs"] {
        assert_eq!(group(&ours, what), group(&theirs, what), "{what}");
    }
}

fn empty_tree(repository: &Path) -> String {
    let empty = try_run(
        "git",
        &[
            "-C",
            repository.to_str().unwrap(),
            "hash-object",
            "-w",
            "-t",
            "tree",
            "/dev/null",
        ],
    );
    String::from_utf8(empty.stdout).unwrap().trim().to_owned()
}

/// A repository as `dist-git` and `git push` make it, and a clone of it to work in.
struct ByHand {
    repository: PathBuf,
    clone: PathBuf,
}

impl ByHand {
    fn new(program: &Program) -> Self {
        let repository = program.repository(PACKAGE);
        let clone = program.scratch().join("hand");
        fs::create_dir_all(&repository).unwrap();
        git(
            &repository,
            &["init", "-q", "--bare", "--shared", "-b", "main"],
        );
        fs::create_dir(&clone).unwrap();
        git(&clone, &["init", "-q", "-b", "main"]);
        git(
            &clone,
            &["remote", "add", "origin", repository.to_str().unwrap()],
        );
        for (key, value) in [("user.name", "A"), ("user.email", "a@b")] {
            git(&clone, &["config", key, value]);
        }
        let new = Self { repository, clone };
        new.commit(&[(".gitignore", "")], "2001-01-01T00:00:00Z");
        new
    }

    fn commit(&self, files: &[(&str, &str)], date: &str) {
        for (name, text) in files {
            fs::write(self.clone.join(name), text).unwrap();
        }
        git(&self.clone, &["add", "-A"]);
        let clone = self.clone.to_str().unwrap();
        let script = "export GIT_COMMITTER_DATE=$2 GIT_AUTHOR_DATE=$2; \
                      git -C \"$1\" commit -q --allow-empty -m hand";
        run("sh", &["-c", script, "sh", clone, date]);
    }

    /// Pushes everything; then packs it, where that is asked for.
    fn push(&self, pack: bool) {
        git(&self.clone, &["push", "-q", "origin", "--all"]);
        if pack {
            git(&self.repository, &["gc", "-q", "--prune=now"]);
            git(&self.repository, &["pack-refs", "--all", "--prune"]);
            assert_eq!(
                git(&self.repository, &["count-objects"]),
                "0 objects, 0 kilobytes"
            );
        }
    }
}

#[test]
fn histories_of_any_shape_are_gone_on_with() {
    for (layout, pack) in [
        ("copr", false),
        ("copr", true),
        ("dist-git", false),
        ("dist-git", true),
    ] {
        let program = Program::new()
            .with(&format!("--layout={layout}"))
            .with("--branch=main")
            .with("--branch=f42")
            .with("--branch=new");
        let hand = ByHand::new(&program);
        let first = git(&hand.clone, &["rev-parse", "HEAD"]);
        // `sources` of the other form, a merge, and a second root that is younger.
        let other = match layout {
            "copr" => format!("SHA512 (old.gz) = {}\n", "ab".repeat(64)),
            _ => format!("{}  old.gz\n", "ab".repeat(16)),
        };
        hand.commit(
            &[("sources", &other), ("tests", "a file")],
            "2002-01-01T00:00:00Z",
        );
        git(&hand.clone, &["checkout", "-q", "--orphan", "side"]);
        hand.commit(&[("README.md", "side")], "2003-01-01T00:00:00Z");
        git(&hand.clone, &["checkout", "-q", "main"]);
        git(
            &hand.clone,
            &[
                "merge",
                "-q",
                "--allow-unrelated-histories",
                "--no-edit",
                "-s",
                "ours",
                "side",
            ],
        );
        git(&hand.clone, &["branch", "f42", "main~1"]);
        hand.push(pack);

        imported(&program, GEM);
        fsck(&hand.repository);
        let cache = program.root().join("lookaside");
        let clone = check_out(&program, &cache, layout);
        let sources = fs::read_to_string(clone.join("sources")).unwrap();
        assert!(!sources.contains("old.gz"), "forms are mixed: {sources}");
        let tip = |branch: &str| git(&hand.repository, &["rev-parse", branch]);
        assert_eq!(tip("main"), tip("f42"), "f42 was behind");
        assert_eq!(
            tip("new"),
            tip("main"),
            "a root of main is an ancestor of main"
        );
        let listed = git(&hand.repository, &["rev-list", "--max-parents=0", "main"]);
        assert_eq!(listed.lines().last(), Some(first.as_str()));
        assert_eq!(listed.lines().count(), 2);

        // A branch alone begins at that root, and has nothing of the others.
        let alone = Program::new().at(program.root()).with("--branch=alone");
        imported(&alone, GEM);
        assert_eq!(tip("alone~1"), first);
        let files = git(&hand.repository, &["ls-tree", "--name-only", "alone"]);
        assert!(!files.contains("README.md"), "{files}");
        fsck(&hand.repository);
    }
}
