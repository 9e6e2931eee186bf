//! What an import that was killed left in a repository.
//!
//! A mark stands in the repository for as long as an import writes to it. Who finds one under the
//! repository's lock knows that its maker is dead, and removes the unfinished objects and the
//! locks of refs that it left: they would keep every later import from moving the branch.

use super::Error;
use super::objects::ASIDE;
use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// The name of the mark.
const MARK: &str = "distmill-writes";

/// How the files in `objects` begin that an import has not finished: those of ours, those of
/// libgit2, and those that it makes of large files. git's own are left to git.
const UNFINISHED: [&str; 3] = [ASIDE, "tmp_object_git2_", "streamed_git2_"];

/// The mark of a living import; gone when dropped.
#[derive(Debug)]
pub(super) struct Mark(PathBuf);

impl Mark {
    /// Sets the mark in a repository, whose lock the caller holds. Removes first what a dead
    /// import left.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn set(repository: &Path) -> Result<Self, Error> {
        let path = repository.join(MARK);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => sweep(repository)?,
            Err(error) => return Err(Error::io("write", &path)(error)),
        }
        Ok(Self(path))
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn sweep(repository: &Path) -> Result<(), Error> {
    for path in entries(&repository.join("objects"))? {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if UNFINISHED.iter().any(|it| name.starts_with(it)) {
            remove(&path)?;
        }
    }
    remove_locks(&repository.join("refs"))
}

fn remove_locks(folder: &Path) -> Result<(), Error> {
    for path in entries(folder)? {
        if path.is_dir() {
            remove_locks(&path)?;
        } else if path.extension().is_some_and(|it| it == "lock") {
            remove(&path)?;
        }
    }
    Ok(())
}

/// What is in a folder; nothing where git took it away meanwhile.
fn entries(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let read = || -> io::Result<_> { fs::read_dir(folder)?.map(|it| Ok(it?.path())).collect() };
    match read() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other.map_err(Error::io("read", folder)),
    }
}

fn remove(path: &Path) -> Result<(), Error> {
    match fs::remove_file(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
        other => other.map_err(Error::io("remove", path)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_dead_import_left_goes() {
        let dir = tempfile::TempDir::new().unwrap();
        let repository = dir.path();
        let left = [
            "objects/tmp_object_git2_x",
            "objects/tmp_distmill_x",
            "objects/streamed_git2_x",
            "refs/heads/main.lock",
        ];
        // The last ones are those of a push and of a repack of git's, which may be at work.
        let others = [
            "refs/heads/main",
            "objects/tmp_objdir-incoming-x/pack/tmp_pack_x",
            "objects/tmp_obj_x",
        ];
        let (left, others) = (
            left.map(|it| repository.join(it)),
            others.map(|it| repository.join(it)),
        );
        for path in left.iter().chain(&others) {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        // No mark: somebody else is at work, such as `git gc`.
        drop(Mark::set(repository).unwrap());
        assert!(left.iter().all(|it| it.exists()));
        std::mem::forget(Mark::set(repository).unwrap());
        let mark = Mark::set(repository).unwrap();
        assert!(!left.iter().any(|it| it.exists()));
        assert!(others.iter().all(|it| it.exists()));
        drop(mark);
        assert!(!repository.join(MARK).exists());
    }
    #[test]
    fn what_cannot_be_removed_is_named() {
        let dir = tempfile::TempDir::new().unwrap();
        let folder = dir.path().join("objects/tmp_distmill_x");
        fs::create_dir_all(&folder).unwrap();
        std::mem::forget(Mark::set(dir.path()).unwrap());
        let error = Mark::set(dir.path()).unwrap_err().to_string();
        assert!(error.contains("objects/tmp_distmill_x"), "{error}");
    }
}
