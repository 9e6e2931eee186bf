//! One shelf of the kept pages: a folder that never holds much more than its share.
//!
//! What lies there is counted now and then, not at each page: at the first one that a process
//! puts there, and again after every eighth of the share. Should it be too much, the pages that
//! were not used for the longest time go.

use crate::sync::hold;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::time::SystemTime;

/// A folder of files and its bound.
#[derive(Debug)]
pub(super) struct Shelf {
    folder: PathBuf,
    max_bytes: u64,
    /// Bytes that may still be put there before it is counted again; none before the first time.
    credit: Mutex<Option<u64>>,
}

impl Shelf {
    pub(super) const fn new(folder: PathBuf, max_bytes: u64) -> Self {
        Self {
            folder,
            max_bytes,
            credit: Mutex::new(None),
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// Puts a file there, after others have made room for it. One that would take half the shelf
    /// is left out.
    pub(super) fn put(
        &self,
        path: &Path,
        size: u64,
        put: impl FnOnce(&Path) -> io::Result<()>,
    ) -> io::Result<()> {
        if size > self.max_bytes / 2 {
            return Ok(());
        }
        let mut credit = hold(&self.credit);
        if credit.is_none() {
            fs::create_dir_all(&self.folder)?;
        }
        *credit = match credit.and_then(|it| it.checked_sub(size)) {
            Some(left) => Some(left),
            None => {
                self.make_room(size)?;
                Some((self.max_bytes / 8).saturating_sub(size))
            }
        };
        drop(credit);
        put(path)
    }

    /// Removes the oldest files where there are more than three quarters, this one with them.
    fn make_room(&self, size: u64) -> io::Result<()> {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = Vec::new();
        for entry in fs::read_dir(&self.folder)?.flatten() {
            // Others may remove it meanwhile.
            if let Ok(meta) = entry.metadata()
                && meta.is_file()
            {
                let used = meta.modified().unwrap_or(SystemTime::UNIX_EPOCH);
                files.push((used, meta.len(), entry.path()));
            }
        }
        let mut total: u64 = files.iter().map(|it| it.1).sum::<u64>() + size;
        files.sort_unstable();
        for (_, bytes, path) in files {
            if total <= self.max_bytes / 4 * 3 {
                break;
            }
            let _ = fs::remove_file(path);
            total -= bytes;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    fn total(folder: &Path) -> u64 {
        let entries = fs::read_dir(folder).unwrap();
        entries
            .map(|it| it.unwrap().metadata().unwrap().len())
            .sum()
    }

    #[test]
    fn it_is_never_full_and_keeps_what_was_used_last() {
        let dir = tempfile::TempDir::new().unwrap();
        let folder = dir.path().join("shelf");
        let shelves = [(); 2].map(|()| Shelf::new(folder.clone(), 8000));
        let begin = SystemTime::now() - Duration::from_secs(9999);
        for n in 0..200_u64 {
            // Two processes in turns.
            let shelf = &shelves[usize::from(n % 2 == 0)];
            let path = folder.join(n.to_string());
            let put = |path: &Path| {
                fs::write(path, [0; 100])?;
                let file = fs::File::options().append(true).open(path)?;
                file.set_modified(begin + Duration::from_secs(n))
            };
            shelf.put(&path, 100, put).unwrap();
            assert!(total(&folder) <= 8000, "{} bytes", total(&folder));
        }
        assert!(folder.join("199").exists() && !folder.join("0").exists());
        let large = folder.join("large");
        let never = |_: &Path| panic!("it takes more than half");
        shelves[0].put(&large, 4001, never).unwrap();
    }
}
