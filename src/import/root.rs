//! The root: where everything that an import makes is put, and where it waits until it is whole.
//!
//! ```text
//! git/OWNER/PROJECT/PKG.git                               bare repositories
//! lookaside/OWNER/PROJECT/PKG/FILE/sha512/HASH/FILE       files that are not text
//! srpms/OWNER/PROJECT/NAME-VERSION-RELEASE.src.rpm        source packages
//! logs/                                                   one log a run
//! queue/                                                  jobs, and the workers that are at it
//! outbox/                                                 results that a frontend did not take yet
//! ```
//!
//! A source package may also go into any folder by itself ([`Root::open_folder`]).
//!
//! Files arrive under a hidden `.incoming` folder of the same file system and are renamed into
//! place when they are whole. Each run has a folder of its own there and holds a lock on it, so
//! that the next run can tell what a killed one left behind and remove it.

use crate::model::{PackageName, Project};
use std::fs::{self, File, Permissions, TryLockError};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::{NamedTempFile, TempDir};

const INCOMING: &str = ".incoming";
/// How the folders of runs begin under [`INCOMING`].
const RUN: &str = "run-";
/// The same where they stand in a folder of the user's.
const HIDDEN_RUN: &str = ".distmill-";

/// The folders of one root, opened for writing. Clones share what the run holds.
#[derive(Clone, Debug)]
pub struct Root {
    path: PathBuf,
    git: Arc<Incoming>,
    lookaside: Arc<Incoming>,
    srpms: Arc<Incoming>,
}

/// A root that cannot be used.
#[derive(Debug, thiserror::Error)]
#[error("cannot write to {}", path.display())]
pub struct RootError {
    /// The folder or file that failed.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

/// One run's folder for files that are not whole yet. Removed, with all in it, when dropped.
#[derive(Debug)]
struct Incoming {
    dir: TempDir,
    /// Held for as long as the run lives; another run removes only what nobody locks.
    _lock: File,
}

impl Root {
    /// Creates the folders that are missing, removes what killed runs left unfinished, and opens
    /// the root for one run.
    ///
    /// # Errors
    /// Names the folder that cannot be written.
    pub fn open(path: &Path) -> Result<Self, RootError> {
        let path = std::path::absolute(path).map_err(|source| RootError {
            path: path.to_owned(),
            source,
        })?;
        create(&path.join("logs"))?;
        Ok(Self {
            git: Incoming::open(&path.join("git").join(INCOMING), RUN)?.into(),
            lookaside: Incoming::open(&path.join("lookaside").join(INCOMING), RUN)?.into(),
            srpms: Incoming::open(&path.join("srpms").join(INCOMING), RUN)?.into(),
            path,
        })
    }

    /// Opens a folder that only source packages go into, and that holds nothing else of a root:
    /// files wait in a hidden folder beside them, which the run takes away at its end.
    ///
    /// # Errors
    /// Names the folder that cannot be written.
    pub fn open_folder(path: &Path) -> Result<Self, RootError> {
        let path = std::path::absolute(path).map_err(|source| RootError {
            path: path.to_owned(),
            source,
        })?;
        let incoming = Arc::new(Incoming::open(&path, HIDDEN_RUN)?);
        Ok(Self {
            git: Arc::clone(&incoming),
            lookaside: Arc::clone(&incoming),
            srpms: incoming,
            path,
        })
    }

    /// The folder of the run logs.
    #[must_use]
    pub fn logs(&self) -> PathBuf {
        self.path.join("logs")
    }

    /// The folder of results that a frontend did not take yet.
    #[must_use]
    pub fn outbox(&self) -> PathBuf {
        self.path.join("outbox")
    }

    /// The folder of the queue of a root, which need not be open.
    #[must_use]
    pub fn queue(path: &Path) -> PathBuf {
        path.join("queue")
    }

    /// The folder of the files that say which workers of the queue live.
    #[must_use]
    pub fn workers(&self) -> PathBuf {
        Self::queue(&self.path).join("workers")
    }

    /// The folders that all results are below.
    #[must_use]
    pub fn places(&self) -> [PathBuf; 3] {
        ["git", "lookaside", "srpms"].map(|it| self.path.join(it))
    }

    /// The bare repository of a package.
    #[must_use]
    pub fn repository(&self, project: &Project, package: &PackageName) -> PathBuf {
        let folder = self.path.join("git").join(project.owner());
        folder.join(project.name()).join(format!("{package}.git"))
    }

    /// The folder of a package in the lookaside cache.
    #[must_use]
    pub fn lookaside(&self, project: &Project, package: &PackageName) -> PathBuf {
        let folder = self.path.join("lookaside").join(project.owner());
        folder.join(project.name()).join(package.as_str())
    }

    /// The folder of a project's source packages.
    #[must_use]
    pub fn srpms(&self, project: &Project) -> PathBuf {
        let folder = self.path.join("srpms").join(project.owner());
        folder.join(project.name())
    }

    /// A new file in the lookaside's file system, gone when dropped.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn temporary_source(&self) -> io::Result<NamedTempFile> {
        self.lookaside.file()
    }

    /// A new file in the file system of the source packages, gone when dropped.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn temporary_srpm(&self) -> io::Result<NamedTempFile> {
        self.srpms.file()
    }

    /// A new folder in the file system of the repositories, gone when dropped.
    ///
    /// # Errors
    /// When the file system refuses.
    pub fn temporary_repository(&self) -> io::Result<TempDir> {
        tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o775))
            .tempdir_in(self.git.dir.path())
    }
}

impl Incoming {
    /// A run's own folder within `incoming`, its name beginning with `prefix`.
    fn open(incoming: &Path, prefix: &str) -> Result<Self, RootError> {
        create(incoming)?;
        let wrap = |source| RootError {
            path: incoming.to_owned(),
            source,
        };
        // No other run may sweep between the making of this one's folder and its lock.
        let entrance = File::open(incoming).map_err(wrap)?;
        entrance.lock().map_err(wrap)?;
        sweep(incoming, prefix);
        let dir = tempfile::Builder::new()
            .prefix(prefix)
            .tempdir_in(incoming)
            .map_err(wrap)?;
        let lock = File::open(dir.path()).map_err(wrap)?;
        lock.lock().map_err(wrap)?;
        Ok(Self { dir, _lock: lock })
    }

    fn file(&self) -> io::Result<NamedTempFile> {
        tempfile::Builder::new()
            .permissions(Permissions::from_mode(0o644))
            .tempfile_in(self.dir.path())
    }
}

fn create(folder: &Path) -> Result<(), RootError> {
    fs::create_dir_all(folder).map_err(|source| RootError {
        path: folder.to_owned(),
        source,
    })
}

/// Removes the folders of runs that are no longer there. What cannot be removed stays for the
/// next run: it does no harm.
fn sweep(incoming: &Path, prefix: &str) {
    let Ok(entries) = fs::read_dir(incoming) else {
        return;
    };
    for entry in entries.flatten() {
        let path = entry.path();
        if !entry
            .file_name()
            .as_encoded_bytes()
            .starts_with(prefix.as_bytes())
        {
            continue;
        }
        // The lock is kept until the folder is gone, lest two runs sweep the same one.
        if let Ok(dir) = File::open(&path)
            && !matches!(dir.try_lock(), Err(TryLockError::WouldBlock))
        {
            let _ = fs::remove_dir_all(&path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn runs(root: &Path) -> usize {
        fs::read_dir(root.join("lookaside").join(INCOMING))
            .unwrap()
            .count()
    }

    #[test]
    fn a_run_leaves_nothing_and_sweeps_only_the_dead() {
        let dir = TempDir::new().unwrap();
        let alive = Root::open(dir.path()).unwrap();
        let dead = dir.path().join("lookaside").join(INCOMING).join("run-dead");
        fs::create_dir(&dead).unwrap();
        fs::write(dead.join("half"), "x").unwrap();
        let second = Root::open(dir.path()).unwrap();
        assert!(!dead.exists());
        assert_eq!(runs(dir.path()), 2);
        let file = second.temporary_source().unwrap();
        assert!(file.path().exists());
        drop((file, second, alive));
        assert_eq!(runs(dir.path()), 0);
    }

    #[test]
    fn a_folder_is_left_as_it_was() {
        let dir = TempDir::new().unwrap();
        fs::create_dir(dir.path().join(".distmill-dead")).unwrap();
        fs::create_dir(dir.path().join("other")).unwrap();
        let names = || {
            let names = fs::read_dir(dir.path()).unwrap();
            let names = names.map(|it| it.unwrap().file_name().into_string().unwrap());
            names.collect::<Vec<_>>()
        };
        let root = Root::open_folder(dir.path()).unwrap();
        assert!(
            root.temporary_srpm()
                .unwrap()
                .path()
                .starts_with(dir.path())
        );
        assert_eq!(names().len(), 2, "{:?}", names());
        drop(root);
        assert_eq!(names(), ["other"]);
    }

    #[test]
    fn a_root_that_is_a_file_is_refused() {
        let file = NamedTempFile::new().unwrap();
        let error = Root::open(file.path()).unwrap_err();
        assert!(error.to_string().contains("cannot write to"));
    }
}
