//! The lock on a whole project: repositories, lookaside files and source packages.
//!
//! Who imports into the project shares it, from before the repository is opened until the source
//! package lies in its place; who takes the project away holds it alone. It is a file outside of
//! all that goes with the project, and is there only while somebody holds it. One who wants it
//! alone stands in the door meanwhile, so that those who come later wait for him, and not he for
//! ever for them. The order: this lock, a repository's, that of the list for cgit.

use super::Error;
use super::lock::{Hold, is_at, lock};
use crate::import::root::{Places, make_folder};
use crate::model::Project;
use crate::sync::StopToken;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A held lock; released when dropped.
#[derive(Debug)]
pub struct ProjectLock {
    _lock: LockFile,
    /// Closed to others for as long as one holds the lock alone. Opened last.
    _door: Option<LockFile>,
}

impl ProjectLock {
    /// Shares the lock with other imports. Waits while the project is taken away.
    ///
    /// # Errors
    /// When the lock's file cannot be made, or the stop token was raised.
    pub fn share(places: &Places, project: &Project, stop: &StopToken) -> Result<Self, Error> {
        let path = places.project_lock(project.owner(), project.name());
        let door = door_of(&path);
        loop {
            match File::open(&door) {
                // Left by a killed process, or closed until now: whoever closes it now begins
                // later than this import.
                Ok(file) => drop(LockFile::lock(file, &door, Hold::Shared, Some(stop))?),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(Error::io("lock", &door)(error)),
            }
            if let Some(lock) = LockFile::take(&path, Hold::Shared, Some(stop))? {
                return Ok(Self {
                    _lock: lock,
                    _door: None,
                });
            }
        }
    }

    /// Holds the lock alone: no import is at work in the project, and none begins. Waits for as
    /// long as it takes. The names are those of the project's folders.
    ///
    /// # Errors
    /// When the lock's files cannot be made.
    pub(super) fn alone(places: &Places, owner: &str, name: &str) -> Result<Self, Error> {
        let path = places.project_lock(owner, name);
        let take = |path: &Path| loop {
            if let Some(lock) = LockFile::take(path, Hold::Alone, None)? {
                return Ok(lock);
            }
        };
        let door = take(&door_of(&path))?;
        Ok(Self {
            _lock: take(&path)?,
            _door: Some(door),
        })
    }
}

fn door_of(path: &Path) -> PathBuf {
    path.with_extension("door")
}

/// A file that is there for its lock only. The last one who holds it takes it away.
#[derive(Debug)]
struct LockFile {
    path: PathBuf,
    file: File,
}

impl LockFile {
    /// Makes the file where it is missing and locks it; nothing when it went meanwhile.
    fn take(path: &Path, hold: Hold, stop: Option<&StopToken>) -> Result<Option<Self>, Error> {
        let file = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => make(path),
            other => other.map(Some),
        };
        match file.map_err(Error::io("lock", path))? {
            Some(file) => Self::lock(file, path, hold, stop),
            None => Ok(None),
        }
    }

    fn lock(
        file: File,
        path: &Path,
        hold: Hold,
        stop: Option<&StopToken>,
    ) -> Result<Option<Self>, Error> {
        let taken = lock(&file, path, hold, stop)?;
        let path = path.to_owned();
        Ok(taken.then_some(Self { path, file }))
    }
}

impl Drop for LockFile {
    fn drop(&mut self) {
        // Who removes it holds it alone, and holds what is there: others who opened it find that
        // it went.
        let last = self.file.unlock().is_ok() && self.file.try_lock().is_ok();
        if last && is_at(&self.file, &self.path).unwrap_or(false) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Makes a lock's file; nothing when somebody else was quicker.
fn make(path: &Path) -> io::Result<Option<File>> {
    if let Some(folder) = path.parent() {
        make_folder(folder)?;
    }
    match File::create_new(path) {
        Ok(file) => Ok(Some(file)),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(None),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests;
