//! The lock on a whole project: repositories, lookaside files and source packages.
//!
//! Who imports into the project shares it, from before the repository is opened until the source
//! package lies in its place; who takes the project away holds it alone. It is on the project's
//! folder of repositories, or of source packages where nothing else is made; so an import neither
//! makes nor removes a file for it. One who wants it alone stands in the door meanwhile, so that
//! those who come later wait for him, and not he for ever for them. The order: this lock, a
//! repository's, that of the list for cgit.

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
    folders: Vec<Folder>,
    /// Closed to others for as long as one holds the lock alone. Opened last.
    _door: Option<Door>,
}

/// What an import into a project makes there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// Repositories, and whatever else.
    Repositories,
    /// Source packages alone.
    Srpms,
}

impl ProjectLock {
    /// Shares the lock with other imports. Waits while the project is taken away. The folder of
    /// that part is there afterwards; one that stays empty goes again, unless it is kept.
    ///
    /// # Errors
    /// When the folder cannot be made or locked, or the stop token was raised.
    pub fn share(
        places: &Places,
        project: &Project,
        part: Part,
        stop: &StopToken,
    ) -> Result<Self, Error> {
        let door = places.project_door(project.owner(), project.name());
        let path = match part {
            Part::Repositories => places.repositories(project),
            Part::Srpms => places.srpms(project),
        };
        loop {
            match File::open(&door) {
                // Left by a killed process, or closed until now: whoever closes it now begins
                // later than this import.
                Ok(file) => drop(Door::lock(file, &door, Hold::Shared, Some(stop))?),
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                Err(error) => return Err(Error::io("lock", &door)(error)),
            }
            if let Some(folder) = Folder::take(&path, Hold::Shared, Some(stop))? {
                return Ok(Self {
                    folders: vec![folder],
                    _door: None,
                });
            }
        }
    }

    /// Says that something was put into the folder: nobody needs to look whether it is empty.
    pub fn keep(&mut self) {
        for folder in &mut self.folders {
            folder.stays = true;
        }
    }

    /// Holds the lock alone: no import is at work in the project, and none begins. Waits for as
    /// long as it takes. The names are those of the project's folders.
    ///
    /// # Errors
    /// When a folder or the door's file cannot be made or locked.
    pub(super) fn alone(places: &Places, owner: &str, name: &str) -> Result<Self, Error> {
        let door = Door::close(&places.project_door(owner, name))?;
        let folders = [places.all_repositories().to_owned(), places.all_srpms()];
        let take = |it: PathBuf| {
            let path = it.join(owner).join(name);
            loop {
                if let Some(folder) = Folder::take(&path, Hold::Alone, None)? {
                    return Ok(folder);
                }
            }
        };
        Ok(Self {
            folders: folders
                .into_iter()
                .map(take)
                .collect::<Result<_, Error>>()?,
            _door: Some(door),
        })
    }
}

impl Drop for ProjectLock {
    fn drop(&mut self) {
        // The one that imports wait for comes last: the other is made by them, and would be removed
        // under their hands.
        while self.folders.pop().is_some() {}
    }
}

/// A folder under lock.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
    file: File,
    stays: bool,
}

impl Folder {
    /// Makes the folder where it is missing and locks it; nothing when it went meanwhile.
    fn take(path: &Path, hold: Hold, stop: Option<&StopToken>) -> Result<Option<Self>, Error> {
        let opened = match File::open(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                make_folder(path).map_err(Error::io("create", path))?;
                File::open(path)
            }
            other => other,
        };
        let file = match opened {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            other => other.map_err(Error::io("lock", path))?,
        };
        let taken = lock(&file, path, hold, stop)?;
        Ok(taken.then(|| Self {
            path: path.to_owned(),
            file,
            stays: false,
        }))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Who removes it holds it alone, and holds what is there: others who opened it find that
        // it went. One that is not empty stays.
        if !self.stays
            && is_last(&self.file, &self.path)
            && fs::remove_dir(&self.path).is_ok()
            && let Some(owner) = self.path.parent()
        {
            let _ = fs::remove_dir(owner);
        }
    }
}

/// A file that is there for its lock only, while somebody holds the project alone. The last one
/// who holds it takes it away.
#[derive(Debug)]
struct Door {
    path: PathBuf,
    file: File,
}

impl Door {
    fn close(path: &Path) -> Result<Self, Error> {
        loop {
            let file = match File::open(path) {
                Err(error) if error.kind() == io::ErrorKind::NotFound => make(path),
                other => other.map(Some),
            };
            if let Some(file) = file.map_err(Error::io("lock", path))?
                && let Some(door) = Self::lock(file, path, Hold::Alone, None)?
            {
                return Ok(door);
            }
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

impl Drop for Door {
    fn drop(&mut self) {
        if is_last(&self.file, &self.path) {
            let _ = fs::remove_file(&self.path);
        }
    }
}

/// Whether nobody else holds what this process held until now, and now holds alone.
fn is_last(file: &File, path: &Path) -> bool {
    file.unlock().is_ok() && file.try_lock().is_ok() && is_at(file, path).unwrap_or(false)
}

/// Makes a door's file; nothing when somebody else was quicker.
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
