//! The floor of `distmill bench` leaves what an import leaves: the same task is done by both, in
//! processes of the real program, and their roots are held against each other.

use crate::support::pack::{Tar, gem};
use crate::support::program::Run;
use crate::support::sdist::sdist;
use crate::support::tools::{fsck, git};
use distmill::bench::floor::Recipe;
use distmill::bench::{Act, Corpus, Distance, Measured, Package, Registry, Synthetic, Task, Work};
use distmill::model::Layout;
use distmill::sync::StopToken;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::num::NonZeroUsize;
use std::path::{Path, PathBuf};
use std::process::Command;
use tempfile::TempDir;

/// A corpus and the registry that has it.
struct Site {
    dir: TempDir,
    task: Task,
    _registry: Registry,
}

impl Site {
    /// Some small made-up packages, one of several pieces, and whatever `more` puts there.
    fn new(work: Work, layout: Layout, more: impl FnOnce(&Path)) -> Self {
        let dir = TempDir::new().unwrap();
        let files = dir.path().join("files");
        for (count, size) in [(3, 20_000), (1, 1_400_000)] {
            let synthetic = Synthetic {
                work,
                count: NonZeroUsize::new(count).unwrap(),
                seed: size,
                size: Some(size),
            };
            synthetic.corpus(&files, &StopToken::default()).unwrap();
        }
        more(&files);
        let corpus = Corpus::read(&files, work, &StopToken::default()).unwrap();
        let registry = Registry::start(&corpus, Distance::default()).unwrap();
        let task = Task {
            root: dir.path().join("model"),
            work,
            threads: NonZeroUsize::new(2).unwrap(),
            act: Act::Prepare,
            durable: false,
            layout,
            projects: NonZeroUsize::new(2).unwrap(),
            registry: Some(registry.url()),
            packages: Package::of(&corpus, &registry, false),
        };
        Self {
            dir,
            task,
            _registry: registry,
        }
    }

    /// What the program says to this task in a root of that name.
    fn run<T: DeserializeOwned>(&self, act: Act, root: &str, packages: &[Package]) -> T {
        let task = Task {
            act,
            root: self.dir.path().join(root),
            threads: NonZeroUsize::MIN,
            packages: packages.to_vec(),
            ..self.task.clone()
        };
        let path = self.dir.path().join("task.json");
        fs::write(&path, serde_json::to_vec(&task).unwrap()).unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        command.arg("bench-trial").env("NO_PROXY", "127.0.0.1");
        let run = command.stdin(File::open(path).unwrap()).output();
        let run = Run::of(run.unwrap());
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        serde_json::from_str(&run.stdout).unwrap()
    }

    /// Lets the import and the floor do it; both roots must hold the same.
    fn compare(&self) {
        let mut packages = self.task.packages.clone();
        let import: Measured = self.run(Act::Import, "import", &packages);
        if self.task.work != Work::Srpm {
            let recipes: Vec<Option<Recipe>> = self.run(Act::Prepare, "model", &packages);
            for (package, recipe) in packages.iter_mut().zip(recipes) {
                package.recipe = Some(recipe.unwrap());
            }
        }
        let floor: Measured = self.run(Act::Floor, "floor", &packages);
        for measured in [&import, &floor] {
            assert_eq!(measured.failures, BTreeMap::new());
            assert_eq!(measured.imported, self.task.count() as u64);
        }
        assert_eq!(import.source_bytes, floor.source_bytes);
        let [import, floor] = ["import", "floor"].map(|it| content(&self.dir.path().join(it)));
        let names = |it: &BTreeMap<String, Vec<u8>>| it.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&import), names(&floor));
        let differing = import.iter().filter(|it| floor[it.0] != *it.1);
        let differing: Vec<_> = differing
            .map(|it| (it.0, it.1.len(), floor[it.0].len()))
            .collect();
        assert!(differing.is_empty(), "{differing:#?}");
        let count = |ending: &str| import.keys().filter(|it| it.ends_with(ending)).count();
        assert_eq!(count("HEAD"), self.repositories());
        let srpms = match self.task.work {
            Work::Srpm => 0,
            Work::Pypi | Work::Gem => self.task.count(),
        };
        assert_eq!(count(".src.rpm"), srpms);
    }

    fn repositories(&self) -> usize {
        let found = glob::glob(&format!(
            "{}/import/git/*/*/*.git",
            self.dir.path().display()
        ));
        found.unwrap().count()
    }
}

/// Every file of a root that is not hidden, by its path. Those of a repository are its trees, its
/// refs, and the files that are not objects; dates, and so the names of commits, are their own.
fn content(root: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut out = BTreeMap::new();
    for path in glob::glob(&format!("{}/**/*", root.display())).unwrap() {
        let path = path.unwrap();
        let name = path
            .strip_prefix(root)
            .unwrap()
            .to_str()
            .unwrap()
            .to_owned();
        let is_hidden = name.split('/').any(|it| it.starts_with('.'));
        if is_hidden || !path.is_file() || name.starts_with("logs/") {
            continue;
        }
        let is_ref = name.ends_with("packed-refs") || name.contains(".git/refs/");
        let bytes = match path.extension().and_then(|it| it.to_str()) {
            _ if name.contains(".git/objects/") => continue,
            _ if is_ref => fs::read(&path).unwrap().len().to_le_bytes().to_vec(),
            _ => fs::read(&path).unwrap(),
        };
        out.insert(name, bytes);
    }
    for repository in glob::glob(&format!("{}/git/*/*/*.git", root.display())).unwrap() {
        let repository = repository.unwrap();
        fsck(&repository);
        let list = ["log", "--format=%T %an %ae %cn %ce%n%B", "main"];
        let name = repository.strip_prefix(root).unwrap().join("log");
        let log = git(&repository, &list).into_bytes();
        out.insert(name.to_str().unwrap().to_owned(), log);
    }
    out
}

/// What lies in the folder of objects, named without digests.
fn objects(repository: &Path) -> Vec<String> {
    let found = glob::glob(&format!("{}/objects/**/*", repository.display())).unwrap();
    let names = found.map(|it| it.unwrap().extension().map(ToOwned::to_owned));
    let mut names: Vec<String> = names
        .map(|it| it.unwrap_or_default().into_string().unwrap())
        .collect();
    names.sort_unstable();
    names
}

#[test]
fn the_floor_makes_of_sdists_what_an_import_makes() {
    let site = Site::new(Work::Pypi, Layout::default(), |folder| {
        for (kind, ending) in [("bz2", "tar.bz2"), ("pdm", "tar.gz")] {
            let pattern = format!("fixtures/sdist-{kind}/*.{ending}");
            for path in glob::glob(&pattern).unwrap() {
                let path: PathBuf = path.unwrap();
                let new = format!("{kind}-1.0.{ending}");
                fs::copy(&path, folder.join(new)).unwrap();
            }
        }
    });
    assert!(site.task.packages.len() == 6);
    site.compare();
}

#[test]
fn the_floor_makes_of_gems_what_an_import_makes() {
    Site::new(Work::Gem, Layout::Copr, |_| {}).compare();
}

#[test]
fn the_floor_makes_of_source_packages_what_an_import_makes() {
    let site = Site::new(Work::Srpm, Layout::default(), |folder| {
        for path in glob::glob("fixtures/srpm-*/*.src.rpm").unwrap() {
            let path: PathBuf = path.unwrap();
            fs::copy(&path, folder.join(path.file_name().unwrap())).unwrap();
        }
    });
    site.compare();
    // One pack of its own, and nothing else.
    for root in ["import", "floor"] {
        let all = format!("{}/{root}/git/*/*/*.git", site.dir.path().display());
        for repository in glob::glob(&all).unwrap() {
            let objects = objects(&repository.unwrap());
            assert_eq!(objects, ["", "", "idx", "pack"], "{root}");
        }
    }
}

#[test]
fn versions_of_one_package_follow_each_other() {
    let site = Site::new(Work::Pypi, Layout::default(), |folder| {
        for version in ["1.0", "1.1"] {
            let path = folder.join(format!("one-{version}.tar.gz"));
            fs::write(path, sdist("one", version)).unwrap();
        }
    });
    site.compare();
}

#[test]
fn a_package_may_come_twice() {
    for work in [Work::Srpm, Work::Gem] {
        let site = Site::new(work, Layout::default(), |_| {});
        let mut packages = [&site.task.packages[..], &site.task.packages].concat();
        if work != Work::Srpm {
            let recipes: Vec<Option<Recipe>> = site.run(Act::Prepare, "model", &packages);
            for (package, recipe) in packages.iter_mut().zip(recipes) {
                package.recipe = recipe;
            }
        }
        let floor: Measured = site.run(Act::Floor, "floor", &packages);
        assert_eq!(floor.failures, BTreeMap::new(), "{work}");
        assert_eq!(floor.imported, 2 * site.task.count() as u64, "{work}");
    }
}

#[test]
fn what_cannot_be_imported_is_a_failure_of_the_floor_too() {
    let site = Site::new(Work::Gem, Layout::default(), |folder| {
        let data = Tar::default().file(b"a.rb", b"").gz();
        fs::write(folder.join("bad-1.gem"), gem(b"nonsense: [", &data)).unwrap();
    });
    let packages = &site.task.packages;
    let recipes: Vec<Option<Recipe>> = site.run(Act::Prepare, "model", packages);
    let without = recipes.iter().filter(|it| it.is_none());
    assert_eq!(without.count(), 1);
    let prepared = packages
        .iter()
        .zip(recipes)
        .map(|(package, recipe)| Package {
            recipe,
            ..package.clone()
        });
    let prepared: Vec<Package> = prepared.collect();
    let floor: Measured = site.run(Act::Floor, "floor", &prepared);
    assert_eq!((floor.imported, floor.failed), (8, 2));
}
