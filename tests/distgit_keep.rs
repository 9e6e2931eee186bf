//! Keeping house: gc, prune, the list for cgit.

use crate::support::fixtures;
use crate::support::program::{Program, Run};
use crate::support::tools::{fsck, git, loosen, run};
use serde_json::Value;
use std::fs;
use std::os::unix::fs::{MetadataExt as _, symlink};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

const GEM: &str = "gem-plain/plaingem-1.2.0.gem";
const PACKAGE: &str = "rubygem-plaingem";
const OTHER: &str = "gem-executable/runme-0.3.gem";

fn imported(program: &Program, source: &str) {
    program.imported(&fixtures::argument(source));
}

/// The one file of a package in the cache.
fn cached(program: &Program, project: &str) -> PathBuf {
    let folder = program.root().join("lookaside").join(project).join(PACKAGE);
    let found = run("find", &[folder.to_str().unwrap(), "-type", "f"]);
    let mut lines = found.lines();
    let file = PathBuf::from(lines.next().unwrap());
    assert_eq!(lines.next(), None, "{found}");
    file
}

/// Puts a file into a package's cache that no commit refers to.
fn stray(program: &Program, bytes: &[u8]) -> PathBuf {
    let folder = program.root().join("lookaside/local/import").join(PACKAGE);
    let folder = folder.join("x.gz/sha512").join("0a".repeat(64));
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("x.gz"), bytes).unwrap();
    folder.join("x.gz")
}

/// Commits a `sources` without any line on top of main.
fn forget(program: &Program) {
    let clone = program.scratch().join("forget");
    let path = clone.to_str().unwrap();
    git(
        &program.repository(PACKAGE),
        &["clone", "-q", "-b", "main", ".", path],
    );
    fs::write(clone.join("sources"), "").unwrap();
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
    git(&clone, &["push", "-q", "origin", "main"]);
}

/// Runs gc, which must go well; the answer is the total.
fn gc(program: &Program, options: &[&str]) -> Value {
    let run = program.run("gc", &[&["--json"], options].concat());
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let last: Value = serde_json::from_str(run.stdout.lines().last().unwrap()).unwrap();
    last["total"].clone()
}

fn all_is_well(program: &Program) {
    let run = program.run("fsck", &["--all-commits"]);
    assert_eq!(run.code, Some(0), "{}{}", run.stdout, run.stderr);
}

#[test]
fn what_no_commit_refers_to_goes_and_all_else_stays() {
    let program = Program::new();
    imported(&program, GEM);
    let (used, unused) = (
        cached(&program, "local/import"),
        stray(&program, &[7; 1000]),
    );
    // Put there just now: it may be an upload whose commit is yet to come.
    let total = gc(&program, &[]);
    assert_eq!(
        (&total["files"], &total["in_grace"]),
        (&0.into(), &1.into())
    );
    let dry = gc(&program, &["--grace=0s", "--dry-run"]);
    assert_eq!((&dry["files"], &dry["bytes"]), (&1.into(), &1000.into()));
    assert!(unused.exists());
    assert_eq!(gc(&program, &["--grace=0s"]), dry);
    assert!(!unused.exists() && used.exists());
    assert!(
        !unused.ancestors().nth(3).unwrap().exists(),
        "empty folders stayed"
    );
    let again = gc(&program, &["--grace=0s"]);
    assert_eq!((&again["files"], &again["bytes"]), (&0.into(), &0.into()));
    all_is_well(&program);
}

#[test]
fn the_past_keeps_its_files_unless_only_tips_count() {
    for form in ["dist-git", "copr"] {
        let program = Program::new().with(&format!("--layout={form}"));
        imported(&program, GEM);
        let file = cached(&program, "local/import");
        let size = fs::metadata(&file).unwrap().len();
        forget(&program);
        assert_eq!(gc(&program, &["--grace=0s"])["files"], 0);
        assert!(file.exists());
        // A tag keeps what it leads to, but is no tip of a branch.
        git(&program.repository(PACKAGE), &["tag", "old", "main~1"]);
        let total = gc(&program, &["--grace=0s", "--tips-only"]);
        assert_eq!(
            (&total["files"], &total["bytes"]),
            (&1.into(), &size.into())
        );
        assert!(!file.exists());
        let index = program.root().join("lookaside/.by-hash");
        let left = run("find", &[index.to_str().unwrap(), "-type", "f"]);
        assert_eq!(left, "", "the index kept the bytes");
    }
}

#[test]
fn bytes_are_free_when_the_last_name_is_gone() {
    let one = Program::new().with("--project=a/one");
    let two = Program::new().at(one.root()).with("--project=b/two");
    imported(&one, GEM);
    imported(&two, GEM);
    imported(&Program::new().at(one.root()), OTHER);
    let size = fs::metadata(cached(&one, "a/one")).unwrap().len();
    assert_eq!(fs::metadata(cached(&one, "b/two")).unwrap().nlink(), 3);
    fs::remove_dir_all(one.root().join("git/a")).unwrap();
    for dry in [&["--grace=0s", "--dry-run"][..], &["--grace=0s"]] {
        let total = gc(&one, &[dry, &["--gone-owners"]].concat());
        assert_eq!((&total["files"], &total["bytes"]), (&1.into(), &0.into()));
    }
    assert!(
        !one.root().join("git/a").exists(),
        "a folder was left for a lock"
    );
    assert!(cached(&one, "b/two").exists());
    fs::remove_dir_all(one.root().join("git/b")).unwrap();
    for dry in [&["--grace=0s", "--dry-run"][..], &["--grace=0s"]] {
        let total = gc(&one, &[dry, &["--gone-owners"]].concat());
        assert_eq!(
            (&total["files"], &total["bytes"]),
            (&1.into(), &size.into())
        );
    }
    all_is_well(&one);
}

#[test]
fn what_looks_like_a_mistake_removes_nothing() {
    let program = Program::new();
    imported(&program, GEM);
    let file = cached(&program, "local/import");
    // Another folder of repositories, an empty one.
    let elsewhere = program.scratch().join("empty");
    fs::create_dir(&elsewhere).unwrap();
    let option = format!("--git-root={}", elsewhere.display());
    let wrong = program.run("gc", &["--grace=0s", &option]);
    assert_eq!(wrong.code, Some(1));
    assert!(
        wrong.stderr.contains("nothing was removed"),
        "{}",
        wrong.stderr
    );
    let missing = program.run("gc", &["--git-root=/nowhere"]);
    assert_eq!(missing.code, Some(1));
    assert!(
        missing.stderr.contains("/nowhere is not there"),
        "{}",
        missing.stderr
    );
    // A repository that cannot be read.
    loosen(&program.repository(PACKAGE));
    let commit = git(&program.repository(PACKAGE), &["rev-parse", "main"]);
    let (head, tail) = commit.split_at(2);
    let object = program
        .repository(PACKAGE)
        .join("objects")
        .join(head)
        .join(tail);
    fs::remove_file(&object).unwrap();
    let broken = program.run("gc", &["--grace=0s", "--pack"]);
    assert_eq!(broken.code, Some(1), "{}", broken.stdout);
    assert!(broken.stderr.contains(PACKAGE), "{}", broken.stderr);
    assert!(file.exists());
    assert_eq!(program.run("gc", &["--grace=3"]).code, Some(2));
}

#[test]
fn what_may_be_on_a_disk_that_is_not_there_stays() {
    let program = Program::new();
    imported(&program, GEM);
    for project in ["a/one", "b/two", "b/three"] {
        let other = Program::new().at(program.root());
        imported(&other.with(&format!("--project={project}")), GEM);
    }
    let git = program.root().join("git");
    let disk = program.scratch().join("disk");
    fs::rename(git.join("b"), &disk).unwrap();
    let sweep = |options: &[&str]| program.run("gc", &[&["--grace=0s"], options].concat());
    let all = ["a/one", "b/two", "b/three", "local/import"];
    let refused = |part: &str, count: usize, options: &[&str]| {
        for dry in [&["--dry-run"][..], &[]] {
            let run = sweep(&[options, dry].concat());
            assert_eq!(run.code, Some(1), "{}", run.stderr);
            assert_eq!(
                run.stderr.matches("error: ").count(),
                count,
                "{}",
                run.stderr
            );
            assert!(run.stderr.contains(part), "{}", run.stderr);
            assert!(all.iter().all(|it| cached(&program, it).exists()));
        }
    };
    // Not mounted: an empty folder, or none at all.
    refused("--gone-owners", 1, &[]);
    fs::create_dir(git.join("b")).unwrap();
    refused("--gone-owners", 1, &[]);
    // What is empty, and no mount, goes as ever.
    assert!(!git.join("b").exists());
    // A link to where it was: of the owner, a project, a package.
    symlink("/nowhere", git.join("b")).unwrap();
    refused("git/b is a link to nothing", 1, &["--gone-owners"]);
    fs::remove_file(git.join("b")).unwrap();
    fs::rename(&disk, git.join("b")).unwrap();
    fs::rename(git.join("b/two"), &disk).unwrap();
    symlink("/nowhere", git.join("b/two")).unwrap();
    refused("git/b/two is a link to nothing", 1, &["--gone-owners"]);
    fs::remove_file(git.join("b/two")).unwrap();
    fs::rename(&disk, git.join("b/two")).unwrap();
    let package = git.join("a/one").join(format!("{PACKAGE}.git"));
    fs::rename(&package, &disk).unwrap();
    symlink("/nowhere", &package).unwrap();
    refused("is a link to nothing", 1, &["--gone-owners"]);
    fs::remove_file(&package).unwrap();
    symlink(&disk, &package).unwrap();
    let run = sweep(&[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    all_is_well(&program);
    // What is gone for good goes.
    fs::remove_dir_all(git.join("b")).unwrap();
    assert_eq!(sweep(&["--gone-owners"]).code, Some(0));
    for project in ["two", "three"] {
        let folder = program.root().join("lookaside/b").join(project);
        assert!(!folder.join(PACKAGE).exists());
    }
}

#[test]
fn repositories_are_packed_and_nothing_is_lost() {
    let program = Program::new();
    imported(&program, GEM);
    imported(&program, OTHER);
    let repository = program.repository(PACKAGE);
    let identity = ["-c", "user.name=A", "-c", "user.email=a@b"];
    git(
        &repository,
        &[&identity[..], &["tag", "-am", "a tag", "v1", "main"]].concat(),
    );
    let text = program.scratch().join("text");
    fs::write(&text, "nothing leads here").unwrap();
    let lost = git(&repository, &["hash-object", "-w", text.to_str().unwrap()]);
    let before = git(&repository, &["rev-list", "--objects", "--all"]);
    let total = gc(&program, &["--pack"]);
    assert_eq!(total["packed"], 1, "the other one is one pack already");
    let count = |key: &str| {
        let counts = git(&repository, &["count-objects", "-v"]);
        let line = counts
            .lines()
            .find(|it| it.starts_with(&format!("{key}:")))
            .unwrap();
        line.rsplit(' ').next().unwrap().to_owned()
    };
    assert_eq!((count("packs"), count("count")), ("1".into(), "1".into()));
    git(&repository, &["cat-file", "-e", &lost]);
    assert_eq!(
        gc(&program, &["--pack"])["packed"],
        0,
        "what nothing leads to is no reason"
    );
    git(&repository, &["prune"]);
    assert_eq!(gc(&program, &["--pack"])["packed"], 0);
    assert_eq!(
        git(&repository, &["rev-list", "--objects", "--all"]),
        before
    );
    fsck(&repository);
    git(&repository, &["verify-pack", &pack_of(&repository)]);

    // On it goes: an import, git's own gc, a further pack of ours; and one that is to be kept.
    forget(&program);
    imported(&program, GEM);
    fs::write(pack_of(&repository).replace(".idx", ".keep"), "").unwrap();
    assert_eq!(gc(&program, &["--pack"])["packed"], 1);
    assert_eq!((count("packs"), count("count")), ("2".into(), "0".into()));
    git(&repository, &["gc", "-q", "--prune=now"]);
    fsck(&repository);
    all_is_well(&program);
}

#[test]
fn an_index_of_several_packs_goes_with_them() {
    let program = Program::new();
    imported(&program, GEM);
    let repository = program.repository(PACKAGE);
    git(&repository, &["repack", "-q", "-a", "-d"]);
    forget(&program);
    git(&repository, &["repack", "-q", "-d"]);
    git(&repository, &["multi-pack-index", "write"]);
    // What a killed run left goes.
    let dead = repository.join("objects/pack/tmp_distmill_x");
    fs::create_dir(&dead).unwrap();
    fs::write(dead.join("pack-1.pack"), "").unwrap();
    assert_eq!(gc(&program, &["--pack"])["packed"], 1);
    assert!(!dead.exists());
    fsck(&repository);
    let packs = git(&repository, &["count-objects", "-v"]);
    assert!(packs.contains("packs: 1"), "{packs}");
    let left = files_of(&repository.join("objects/pack"));
    assert!(!left.contains("multi-pack-index"), "{left}");
    assert_eq!(gc(&program, &["--pack"])["packed"], 0, "once is enough");
    all_is_well(&program);
    // One of a single pack is no reason; nor is a pack that is kept, or one that no ref leads to.
    git(&repository, &["multi-pack-index", "write"]);
    assert_eq!(gc(&program, &["--pack"])["packed"], 0);
    git(&repository, &["multi-pack-index", "verify"]);
    fs::write(pack_of(&repository).replace(".idx", ".keep"), "").unwrap();
    imported(&program, GEM);
    assert_eq!(gc(&program, &["--pack"])["packed"], 1);
    assert_eq!(gc(&program, &["--pack"])["packed"], 0);
    let text = program.scratch().join("text");
    fs::write(&text, "nothing leads here").unwrap();
    let lost = git(&repository, &["hash-object", "-w", text.to_str().unwrap()]);
    let script = format!("cd \"$0\" && echo {lost} | git pack-objects -q objects/pack/pack");
    run("sh", &["-c", &script, repository.to_str().unwrap()]);
    assert_eq!(gc(&program, &["--pack"])["packed"], 0);
    git(&repository, &["cat-file", "-e", &lost]);
    all_is_well(&program);
}

/// The names of the files in a folder.
fn files_of(folder: &Path) -> String {
    run("ls", &[folder])
}

fn pack_of(repository: &Path) -> String {
    let packs = fs::read_dir(repository.join("objects/pack")).unwrap();
    let packs = packs.map(|it| it.unwrap().path().to_str().unwrap().to_owned());
    packs.into_iter().find(|it| it.ends_with(".idx")).unwrap()
}

/// Gems of one name, in many versions.
fn versions(program: &Program, count: usize) -> Vec<PathBuf> {
    let folder = program.scratch().join("gems");
    fs::create_dir(&folder).unwrap();
    let script = "require 'rubygems/package'; Dir.chdir(ARGV[0]); \
        Gem::DefaultUserInteraction.ui = Gem::SilentUI.new; \
        ARGV[1].to_i.times { |n| Gem::Package.build(Gem::Specification.new { |s| \
        s.name = 'many'; s.version = \"1.#{n}\"; s.summary = 's'; s.authors = ['a']; \
        s.license = 'MIT'; s.files = [] }, true) }";
    run(
        "ruby",
        &["-e", script, folder.to_str().unwrap(), &count.to_string()],
    );
    (0..count)
        .map(|it| folder.join(format!("many-1.{it}.gem")))
        .collect()
}

#[test]
fn a_sweep_never_races_an_import() {
    let program = Program::new().with("--jobs=4").with("--json");
    let gems = versions(&program, 30);
    imported(&program, OTHER);
    let mut child = program.start(&gems);
    let mut sweeps = 0;
    while child.try_wait().unwrap().is_none() {
        gc(&program, &["--grace=0s", "--pack"]);
        sweeps += 1;
    }
    let import = Run::of(child.wait_with_output().unwrap());
    assert_eq!(import.code, Some(0), "{}{}", import.stdout, import.stderr);
    assert_eq!(import.outcomes().len(), gems.len());
    assert!(sweeps > 0);
    let repository = program.repository("rubygem-many");
    assert_eq!(git(&repository, &["rev-list", "--count", "main"]), "31");
    fsck(&repository);
    all_is_well(&program);
}

#[test]
fn projects_are_removed_with_all_they_have() {
    let list = "--cgit-list";
    let one = Program::new().with("--project=a/one:pr:5");
    let file = one.scratch().join("list");
    let list = format!("{list}={}", file.display());
    let one = one.with(&list);
    let two = Program::new()
        .at(one.root())
        .with("--project=a/two")
        .with(&list);
    for source in [GEM, OTHER] {
        imported(&one, source);
    }
    imported(&two, GEM);

    let nobody = one.run("prune", &["a/one:pr:5"]);
    assert_eq!(nobody.code, Some(2), "{}", nobody.stderr);
    assert!(nobody.stderr.contains("--yes"), "{}", nobody.stderr);
    let unknown = one.run("prune", &["--yes", "a/two", "a/three"]);
    assert_eq!(unknown.code, Some(1));
    assert!(
        unknown.stderr.contains("a/three; nothing was removed"),
        "{}",
        unknown.stderr
    );
    assert_eq!(one.run("prune", &["--yes", "../x/y"]).code, Some(2));
    let dry = one.run("prune", &["--dry-run", "a/one:pr:5"]);
    for part in [
        "would remove  a/one:pr:5",
        "2 repositories, 2 lookaside files, 2 source packages",
    ] {
        assert!(dry.stdout.contains(part), "{}", dry.stdout);
    }
    for folder in ["git", "lookaside", "srpms"] {
        assert!(one.root().join(folder).join("a/one:pr:5").exists());
    }

    let pruned = one.run("prune", &["--yes", "--json", &list, "a/one:pr:5"]);
    assert_eq!(pruned.code, Some(0), "{}", pruned.stderr);
    let told: Value = serde_json::from_str(&pruned.stdout).unwrap();
    assert_eq!(
        (&told["project"], &told["repositories"]),
        (&"a/one:pr:5".into(), &2.into())
    );
    for folder in ["git", "lookaside", "srpms"] {
        assert!(!one.root().join(folder).join("a/one:pr:5").exists());
        assert!(one.root().join(folder).join("a/two").exists());
    }
    let path = two.root().join("git/a/two").join(format!("{PACKAGE}.git"));
    let left = format!(
        "\nrepo.url=a/two/{PACKAGE}.git\nrepo.path={}/\n",
        path.display()
    );
    assert_eq!(fs::read_to_string(&file).unwrap(), left);
    // What the other project shares is there, what it did not is gone from the index as well.
    assert_eq!(fs::metadata(cached(&two, "a/two")).unwrap().nlink(), 2);
    let index = one.root().join("lookaside/.by-hash");
    let entries = run("find", &[index.to_str().unwrap(), "-type", "f"]);
    assert_eq!(entries.lines().count(), 1);
    all_is_well(&one);
    imported(&one, GEM);
}

#[test]
fn a_project_that_comes_and_goes_is_whole_at_all_times() {
    let program = Program::new().with("--jobs=4").with("--json");
    let gems = versions(&program, 30);
    imported(
        &Program::new().at(program.root()).with("--project=a/b"),
        OTHER,
    );
    let mut child = program.start(&gems);
    let (mut prunes, ended) = (0, AtomicBool::new(false));
    let sweeps = || {
        while !ended.load(Ordering::Relaxed) {
            gc(&program, &["--grace=0s", "--pack"]);
        }
    };
    let mut prune = || {
        let pruned = program.run("prune", &["--yes", "local/import"]);
        let is_none = pruned.stderr.contains("there is no project");
        assert!(pruned.code == Some(0) || is_none, "{}", pruned.stderr);
        prunes += usize::from(!is_none);
    };
    thread::scope(|scope| {
        let sweeps = scope.spawn(sweeps);
        while child.try_wait().unwrap().is_none() && !sweeps.is_finished() {
            prune();
        }
        ended.store(true, Ordering::Relaxed);
    });
    let import = Run::of(child.wait_with_output().unwrap());
    assert_eq!(import.code, Some(0), "{}{}", import.stdout, import.stderr);
    assert_eq!(import.outcomes().len(), gems.len());
    assert!(prunes > 0);
    all_is_well(&program);
    // What was imported since the last prune is there with its source package, and nothing else.
    let repository = program.repository("rubygem-many");
    let imports = match repository.exists() {
        true => git(
            &repository,
            &["rev-list", "--count", "--min-parents=1", "main"],
        ),
        false => "0".to_owned(),
    };
    let srpms = fs::read_dir(program.root().join("srpms/local/import"));
    let srpms = srpms.map_or(0, Iterator::count);
    assert_eq!(imports, srpms.to_string());
    for folder in ["git", "lookaside", "srpms"] {
        let incoming = program.root().join(folder).join(".incoming");
        assert_eq!(fs::read_dir(incoming).unwrap().count(), 0, "{folder}");
    }
}

/// Answers the question on a terminal.
fn answer(program: &Program, text: &str) -> bool {
    let script = "import os, pty, sys\n\
        pid, fd = pty.fork()\n\
        if pid == 0: os.execv(sys.argv[1], sys.argv[1:2] + sys.argv[3:])\n\
        os.write(fd, sys.argv[2].encode() + b'\\n')\n\
        try:\n    \
            while os.read(fd, 999): pass\n\
        except OSError: pass\n\
        sys.exit(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))";
    let root = program.root().to_str().unwrap();
    let binary = env!("CARGO_BIN_EXE_distmill");
    let arguments = [
        "-c",
        script,
        binary,
        text,
        "prune",
        "--root",
        root,
        "local/import",
    ];
    let output = crate::support::tools::try_run("python3", &arguments);
    output.status.success()
}

#[test]
fn a_person_is_asked() {
    let program = Program::new();
    imported(&program, GEM);
    assert!(!answer(&program, "no"));
    assert!(!answer(&program, ""));
    assert!(program.repository(PACKAGE).exists());
    assert!(answer(&program, "yes"));
    assert!(!program.repository(PACKAGE).exists());
}

#[test]
fn new_repositories_are_listed_for_cgit() {
    let program = Program::new();
    let list = program.scratch().join("cgit.list");
    let option = format!("--cgit-list={}", list.display());
    let program = program.with(&option).with("--jobs=8");
    let sources = [GEM, OTHER, "srpm-text/hello-1.0-1.src.rpm"].map(fixtures::argument);
    program.outcomes(&sources);
    let entry = |package: &str| {
        let path = program.repository(package);
        format!(
            "\nrepo.url=local/import/{package}.git\nrepo.path={}/\n",
            path.display()
        )
    };
    let mut names = ["hello", PACKAGE, "rubygem-runme"];
    names.sort_unstable();
    let whole = names.map(entry).concat();
    let sorted = |text: &str| {
        let mut blocks: Vec<String> = text.split("\n\n").map(|it| it.trim().to_owned()).collect();
        blocks.sort();
        blocks
    };
    let text = fs::read_to_string(&list).unwrap();
    assert_eq!(sorted(&text), sorted(&whole));
    // The same again is no new repository, nor is one that fails.
    program.outcomes(&sources);
    program.failure("/nowhere/x.gem");
    assert_eq!(fs::read_to_string(&list).unwrap(), text);

    fs::write(&list, "stale\n").unwrap();
    let rebuilt = program.run("cgit", &["--rebuild", &option]);
    assert_eq!(rebuilt.code, Some(0), "{}", rebuilt.stderr);
    assert!(
        rebuilt.stdout.contains("3 repositories"),
        "{}",
        rebuilt.stdout
    );
    assert_eq!(fs::read_to_string(&list).unwrap(), whole);
    assert_eq!(program.run("cgit", &[&option]).code, Some(2));
    let nowhere = program.import(&[&sources[0], "--cgit-list=/nowhere/list"]);
    assert_eq!(nowhere.code, Some(1));
    assert!(
        nowhere.stderr.contains("cannot write to /nowhere/list"),
        "{}",
        nowhere.stderr
    );
}

#[test]
fn each_command_explains_itself() {
    for command in ["gc", "fsck", "prune", "cgit"] {
        let help = Program::new().run(command, &["--help"]);
        assert_eq!(help.code, Some(0), "{command}");
        for part in ["Example", "Exit codes:", "--lookaside-root", "--layout"] {
            assert!(help.stdout.contains(part), "{command}: {part}");
        }
    }
}
