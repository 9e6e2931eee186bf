//! A run's own folder for files that are not whole yet.
//!
//! Files arrive under a hidden `.incoming` folder of the same file system and are renamed into
//! place when they are whole. Each run has a folder of its own there and holds a lock on it, so
//! that the next run can tell what a killed one left behind and remove it. Beside those of the
//! repositories lie the doors of projects that are taken away.

use super::RootError;
use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tempfile::{NamedTempFile, TempDir};

/// The hidden folder.
pub(super) const INCOMING: &str = ".incoming";
/// How the folders of runs begin under [`INCOMING`].
pub(super) const RUN: &str = "run-";
/// The same where they stand in a folder of the user's.
pub(super) const HIDDEN_RUN: &str = ".distmill-";

/// One run's folder for files that are not whole yet. Removed, with all in it, when dropped.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) dir: TempDir,
    /// Held for as long as the run lives; another run removes only what nobody locks.
    _lock: File,
}

impl Incoming {
    /// A run's own folder within `incoming`, its name beginning with `prefix`.
    pub(super) fn open(incoming: &Path, prefix: &str) -> Result<Self, RootError> {
        create(incoming)?;
        let wrap = RootError::write(incoming);
        // No other run may sweep between the making of this one's folder and its lock.
        let entrance = File::open(incoming).map_err(&wrap)?;
        entrance.lock().map_err(&wrap)?;
        sweep(incoming, prefix);
        let dir = tempfile::Builder::new()
            .prefix(prefix)
            .tempdir_in(incoming)
            .map_err(&wrap)?;
        let lock = File::open(dir.path()).map_err(&wrap)?;
        lock.lock().map_err(&wrap)?;
        Ok(Self { dir, _lock: lock })
    }

    pub(super) fn file(&self) -> io::Result<NamedTempFile> {
        tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o644))
            .tempfile_in(self.dir.path())
    }
}

/// Creates a folder and those above it.
pub(super) fn create(folder: &Path) -> Result<(), RootError> {
    fs::create_dir_all(folder).map_err(RootError::write(folder))
}

/// Removes the folders of runs that are no longer there. What cannot be removed stays for the
/// next run: it does no harm.
fn sweep(incoming: &Path, prefix: &str) {
    for (path, lock) in dead(incoming, prefix) {
        let _ = fs::remove_dir_all(&path);
        // The lock is kept until the folder is gone, lest two runs sweep the same one.
        drop(lock);
    }
}

/// The folders that killed runs left in the `.incoming` of `parent`.
#[must_use]
pub fn abandoned(parent: &Path) -> Vec<PathBuf> {
    let found = dead(&parent.join(INCOMING), RUN);
    found.into_iter().map(|it| it.0).collect()
}

/// The folders of runs that nobody locks, with a lock on each.
fn dead(incoming: &Path, prefix: &str) -> Vec<(PathBuf, File)> {
    let entries = fs::read_dir(incoming).into_iter().flatten().flatten();
    let runs = entries.filter(|it| {
        let name = it.file_name();
        name.as_encoded_bytes().starts_with(prefix.as_bytes())
    });
    runs.filter_map(|it| {
        let path = it.path();
        let dir = File::open(&path).ok()?;
        let alive = matches!(dir.try_lock(), Err(TryLockError::WouldBlock));
        (!alive).then_some((path, dir))
    })
    .collect()
}
