//! What an import that was killed left in a repository.
//!
//! A mark stands in the repository for as long as an import writes to it. Who finds one under the
//! repository's lock knows that its maker is dead, and removes the unfinished objects and the
//! locks of refs that it left: they would keep every later import from moving the branch.

use std::fs::{self, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};

/// The name of the mark.
const MARK: &str = "distmill-writes";

/// The mark of a living import; gone when dropped.
#[derive(Debug)]
pub(super) struct Mark(PathBuf);

impl Mark {
    /// Sets the mark in a repository, whose lock the caller holds. Removes first what a dead
    /// import left.
    pub(super) fn set(repository: &Path) -> io::Result<Self> {
        let path = repository.join(MARK);
        match OpenOptions::new().write(true).create_new(true).open(&path) {
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => sweep(repository)?,
            Err(error) => return Err(error),
        }
        Ok(Self(path))
    }
}

impl Drop for Mark {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

fn sweep(repository: &Path) -> io::Result<()> {
    for entry in fs::read_dir(repository.join("objects"))? {
        let entry = entry?;
        if entry.file_name().as_encoded_bytes().starts_with(b"tmp_") {
            fs::remove_file(entry.path())?;
        }
    }
    remove_locks(&repository.join("refs"))
}

fn remove_locks(folder: &Path) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            remove_locks(&path)?;
        } else if path.extension().is_some_and(|it| it == "lock") {
            fs::remove_file(path)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_a_dead_import_left_goes() {
        let dir = tempfile::TempDir::new().unwrap();
        let repository = dir.path();
        let (object, lock, branch) = (
            repository.join("objects/tmp_object_git2_x"),
            repository.join("refs/heads/main.lock"),
            repository.join("refs/heads/main"),
        );
        for path in [&object, &lock, &branch] {
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "x").unwrap();
        }
        // No mark: somebody else is at work, such as `git gc`.
        drop(Mark::set(repository).unwrap());
        assert!(object.exists() && lock.exists());
        std::mem::forget(Mark::set(repository).unwrap());
        let mark = Mark::set(repository).unwrap();
        assert!(!object.exists() && !lock.exists() && branch.exists());
        drop(mark);
        assert!(!repository.join(MARK).exists());
    }
}
