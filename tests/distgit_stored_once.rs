//! Equal files of the lookaside cache are stored once, and nobody is harmed where that cannot be.

use crate::support::commit::commit;
use distmill::config::Identity;
use distmill::import::distgit::{Import, PackageFile};
use distmill::import::root::Root;
use distmill::model::{BranchName, PackageName, Project};
use std::fs;
use std::os::unix::fs::{FileExt as _, MetadataExt as _, symlink};
use std::path::{Path, PathBuf};
use std::time::Duration;
use tempfile::TempDir;

const BYTES: &[u8] = b"\x1f\x8b\x08\0\0\0\0\0the same everywhere";

/// Imports one file into a package; the answer is its place in the cache, or what went wrong.
fn try_import(root: &Root, package: &str, branch: &str) -> Result<PathBuf, String> {
    let project = Project::parse("o/p").unwrap();
    let package = PackageName::new(package).unwrap();
    let import = Import {
        project: &project,
        package: &package,
        branches: &[BranchName::new(branch).unwrap()],
        files: vec![PackageFile::of_bytes("a.gz", BYTES.to_vec())],
        identity: &Identity::default(),
    };
    let results = commit(root, import).map_err(|it| it.to_string())?;
    for result in results {
        result.tip.map_err(|it| it.to_string())?;
    }
    let mut place = root.lookaside(&project, &package).join("a.gz/sha512");
    let hash = fs::read_dir(&place).unwrap().next().unwrap().unwrap();
    place.push(hash.file_name());
    Ok(place.join("a.gz"))
}

fn import_into(root: &Root, package: &str) -> PathBuf {
    try_import(root, package, "main").unwrap()
}

/// The same, in a run of its own.
fn import(root: &Path, package: &str) -> PathBuf {
    import_into(&Root::open(root).unwrap(), package)
}

fn inode(path: &Path) -> (u64, u64) {
    let metadata = fs::metadata(path).unwrap();
    (metadata.ino(), metadata.nlink())
}

/// The only entry of the index.
fn entry(root: &Path) -> PathBuf {
    let below = |it: PathBuf| fs::read_dir(it).unwrap().next().unwrap().unwrap().path();
    below(below(root.join("lookaside/.by-hash/sha256")))
}

#[test]
fn packages_share_the_bytes() {
    let dir = TempDir::new().unwrap();
    let root = dir.path();
    let places = ["a", "b", "c"].map(|it| import(root, it));
    let first = inode(&places[0]);
    assert_eq!(first.1, 4, "three packages and the index");
    for place in &places {
        assert_eq!(inode(place), first);
        assert_eq!(fs::read(place).unwrap(), BYTES);
    }
    fs::remove_file(&places[0]).unwrap();
    assert_eq!(fs::read(&places[1]).unwrap(), BYTES);
    // What went away by itself comes back from the index.
    assert_eq!(inode(&import(root, "a")), first);
}

#[test]
fn two_at_once_share_as_well() {
    let dir = TempDir::new().unwrap();
    let root = dir.path();
    let barrier = std::sync::Barrier::new(8);
    std::thread::scope(|scope| {
        for number in 0..8 {
            let barrier = &barrier;
            scope.spawn(move || {
                barrier.wait();
                import(root, &format!("p{number}"));
            });
        }
    });
    assert_eq!(inode(&entry(root)).1, 9);
}

#[test]
fn a_damaged_entry_is_replaced() {
    let dir = TempDir::new().unwrap();
    let root = dir.path();
    import(root, "a");
    let entry = entry(root);
    fs::remove_file(&entry).unwrap();
    fs::write(&entry, "short").unwrap();
    let place = import(root, "b");
    assert_eq!(fs::read(&place).unwrap(), BYTES);
    assert_eq!(inode(&entry), inode(&place));
}

#[test]
fn a_damaged_file_is_replaced_and_its_links_are_not() {
    let dir = TempDir::new().unwrap();
    let root = dir.path();
    let (a, b) = (import(root, "a"), import(root, "b"));
    fs::remove_file(&a).unwrap();
    fs::write(&a, "short").unwrap();
    assert_eq!(inode(&import(root, "a")), inode(&b));
    assert_eq!(fs::read(&b).unwrap(), BYTES);
}

/// Writes over a file without a change of its length.
fn damage(path: &Path) {
    let file = fs::File::options().write(true).open(path).unwrap();
    file.write_all_at(b"other", 12).unwrap();
}

#[test]
fn damage_that_keeps_the_length_does_not_spread() {
    let dir = TempDir::new().unwrap();
    let root = dir.path();
    let (a, b) = (import(root, "a"), import(root, "b"));
    damage(&a);
    assert_ne!(fs::read(&b).unwrap(), BYTES);
    let c = import(root, "c");
    assert_eq!(fs::read(&c).unwrap(), BYTES);
    assert_eq!(inode(&entry(root)), inode(&c));
    // As fsck says: remove it and import the same again.
    fs::remove_file(&a).unwrap();
    assert_eq!(inode(&import(root, "a")), inode(&c));
    assert_eq!(inode(&b).1, 1);
}

#[test]
fn damage_in_the_midst_of_a_run_is_seen() {
    let dir = TempDir::new().unwrap();
    let root = Root::open(dir.path()).unwrap();
    let (first, second) = (import_into(&root, "a"), import_into(&root, "b"));
    assert_eq!(inode(&first), inode(&second));
    // At another time than the one that the file was read at.
    let file = fs::File::options().write(true).open(&first).unwrap();
    let later = file.metadata().unwrap().modified().unwrap() + Duration::from_secs(1);
    damage(&first);
    file.set_modified(later).unwrap();
    assert_eq!(fs::read(import_into(&root, "c")).unwrap(), BYTES);
}

#[test]
fn without_an_index_all_is_as_before() {
    let dir = TempDir::new().unwrap();
    let root = dir.path();
    fs::create_dir(root.join("lookaside")).unwrap();
    // Nothing can be put below a file.
    fs::write(root.join("lookaside/.by-hash"), "").unwrap();
    for package in ["a", "b"] {
        let place = import(root, package);
        assert_eq!(fs::read(&place).unwrap(), BYTES);
        assert_eq!(inode(&place).1, 1);
    }
}

#[test]
fn an_index_on_another_file_system_does_no_harm() {
    let Ok(elsewhere) = TempDir::new_in("/dev/shm") else {
        eprintln!("skipped: there is no second file system");
        return;
    };
    let dir = TempDir::new().unwrap();
    let root = dir.path();
    fs::create_dir(root.join("lookaside")).unwrap();
    symlink(elsewhere.path(), root.join("lookaside/.by-hash")).unwrap();
    for package in ["a", "b"] {
        assert_eq!(fs::read(import(root, package)).unwrap(), BYTES);
    }
}

#[test]
fn what_fails_takes_its_entry_away() {
    let dir = TempDir::new().unwrap();
    let root = dir.path();
    let git = root.join("git/o/p/a.git");
    import(root, "a");
    fs::remove_dir_all(root.join("lookaside")).unwrap();
    fs::create_dir_all(git.join("refs/heads/taken/x")).unwrap();
    fs::copy(
        git.join("refs/heads/main"),
        git.join("refs/heads/taken/x/y"),
    )
    .unwrap();
    let error = try_import(&Root::open(root).unwrap(), "a", "taken").unwrap_err();
    assert!(!error.is_empty());
    assert!(!root.join("lookaside/.by-hash").exists(), "{error}");
}
