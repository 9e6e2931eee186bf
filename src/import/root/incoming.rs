//! A run's own folder for files that are not whole yet.
//!
//! Files arrive under a hidden `.incoming` folder of the same file system and are renamed into
//! place when they are whole. Each run has a folder of its own there and holds a lock on it, so
//! that the next run can tell what a killed one left behind and remove it. Beside those of the
//! repositories lie the doors of projects that are taken away.

use super::RootError;
use crate::sync::hold;
use std::fs::{self, DirBuilder, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use tempfile::{NamedTempFile, TempDir};

/// The hidden folder.
pub(super) const INCOMING: &str = ".incoming";
/// How the folders of runs begin under [`INCOMING`].
pub(super) const RUN: &str = "run-";
/// The same where they stand in a folder of the user's.
pub(super) const HIDDEN_RUN: &str = ".distmill-";

/// One run's folder for files that are not whole yet. Removed, with all in it, when dropped.
#[derive(Debug)]
pub struct Incoming {
    dir: TempDir,
    /// Held for as long as the run lives; another run removes only what nobody locks.
    lock: Mutex<File>,
}

impl Incoming {
    /// A run's own folder within `incoming`, its name beginning with `prefix`. Those that killed
    /// runs left there under this prefix are removed.
    ///
    /// # Errors
    /// When nothing can be written there.
    pub fn open(incoming: &Path, prefix: &str) -> Result<Self, RootError> {
        create(incoming)?;
        let open = || {
            let _entrance = enter(incoming, false)?;
            sweep(incoming, prefix);
            let dir = tempfile::Builder::new()
                .prefix(prefix)
                .tempdir_in(incoming)?;
            let lock = Mutex::new(locked(dir.path())?);
            Ok(Self { dir, lock })
        };
        open().map_err(RootError::write(incoming))
    }

    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        self.dir.path()
    }

    /// A new file in the folder.
    pub(super) fn file(&self) -> io::Result<NamedTempFile> {
        self.within(|folder| {
            tempfile::Builder::new()
                .permissions(Permissions::from_mode(0o644))
                .tempfile_in(folder)
        })
    }

    /// A new folder in the folder.
    pub(super) fn folder(&self) -> io::Result<TempDir> {
        self.within(|folder| {
            tempfile::Builder::new()
                .permissions(Permissions::from_mode(0o775))
                .tempdir_in(folder)
        })
    }

    /// Makes something in the folder, which is made again where somebody took it away: what cleans
    /// up behind other tools does not know it.
    fn within<T>(&self, make: impl Fn(&Path) -> io::Result<T>) -> io::Result<T> {
        let folder = self.dir.path();
        match make(folder) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                self.renew()?;
                make(folder)
            }
            other => other,
        }
    }

    fn renew(&self) -> io::Result<()> {
        let mut lock = hold(&self.lock);
        let folder = self.dir.path();
        if folder.exists() {
            return Ok(());
        }
        let incoming = folder.parent().unwrap_or(folder);
        fs::create_dir_all(incoming)?;
        let _entrance = enter(incoming, false)?;
        DirBuilder::new().mode(0o700).create(folder)?;
        *lock = locked(folder)?;
        tracing::warn!(path = %folder.display(), "somebody removed it, it is made again");
        Ok(())
    }
}

/// The lock under which runs make their folders: none is there without its own lock meanwhile.
fn enter(incoming: &Path, shared: bool) -> io::Result<File> {
    let entrance = File::open(incoming)?;
    match shared {
        true => entrance.lock_shared()?,
        false => entrance.lock()?,
    }
    Ok(entrance)
}

fn locked(folder: &Path) -> io::Result<File> {
    let lock = File::open(folder)?;
    lock.lock()?;
    Ok(lock)
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
    let incoming = parent.join(INCOMING);
    // Where it cannot be had there is nothing, or nothing that may be looked at.
    let Ok(_entrance) = enter(&incoming, true) else {
        return Vec::new();
    };
    dead(&incoming, RUN).into_iter().map(|it| it.0).collect()
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

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::MetadataExt as _;

    /// Waits until somebody waits for the lock on a file.
    fn wait_for_a_waiter(file: &File) {
        let inode = format!(":{} ", file.metadata().unwrap().ino());
        let waits = |it: &str| it.contains("->") && it.contains(&inode);
        while !fs::read_to_string("/proc/locks")
            .unwrap()
            .lines()
            .any(waits)
        {
            std::thread::yield_now();
        }
    }

    #[test]
    fn a_run_that_just_begins_is_not_taken_for_dead() {
        let dir = TempDir::new().unwrap();
        let incoming = dir.path().join(INCOMING);
        create(&incoming).unwrap();
        let entrance = enter(&incoming, false).unwrap();
        let run = incoming.join("run-new");
        fs::create_dir(&run).unwrap();
        std::thread::scope(|scope| {
            let found = scope.spawn(|| abandoned(dir.path()));
            wait_for_a_waiter(&entrance);
            let _alive = locked(&run).unwrap();
            entrance.unlock().unwrap();
            assert_eq!(found.join().unwrap(), Vec::<PathBuf>::new());
        });
        assert_eq!(abandoned(dir.path()), [run]);
    }

    #[test]
    fn a_folder_that_somebody_removed_is_made_again() {
        let dir = TempDir::new().unwrap();
        let incoming = dir.path().join(INCOMING);
        let run = Incoming::open(&incoming, RUN).unwrap();
        fs::remove_dir_all(&incoming).unwrap();
        let (file, folder) = (run.file().unwrap(), run.folder().unwrap());
        assert!(file.path().exists() && folder.path().exists());
        // It is held as before.
        drop(Incoming::open(&incoming, RUN).unwrap());
        assert!(file.path().exists());
        assert_eq!(abandoned(dir.path()), Vec::<PathBuf>::new());
        drop((file, folder, run));
        assert_eq!(fs::read_dir(&incoming).unwrap().count(), 0);
    }
}
