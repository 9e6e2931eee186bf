//! A bell that is heard by other processes on this machine.
//!
//! Ringing it opens a file for writing and closes it again; who listens is told by the kernel, in a
//! thread that sleeps until then. It is the file's name that counts: somebody may replace the file.

use super::{Bell, FolderWatch};
use std::fs::OpenOptions;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// A bell with a file that carries its ring to other processes.
#[derive(Debug)]
pub struct FileBell {
    bell: Arc<Bell>,
    path: PathBuf,
    listener: Option<FolderWatch>,
}

impl FileBell {
    /// A bell at this file, in a folder that is there. Others hear it; it hears them once
    /// [`listen`](Self::listen) was called. Nobody hears that it is opened.
    #[must_use]
    pub fn open(path: &Path) -> Self {
        Self {
            bell: Arc::default(),
            path: path.to_owned(),
            listener: None,
        }
    }

    /// Hears the rings of other processes from now on.
    ///
    /// # Errors
    /// When the system has no more watches or threads.
    pub fn listen(&mut self) -> io::Result<()> {
        self.listener = Some(FolderWatch::of_file(&self.path, Arc::clone(&self.bell))?);
        Ok(())
    }

    /// The bell in this process.
    #[must_use]
    pub fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }

    /// Rings here and in every process that listens. A file that cannot be written keeps nobody from
    /// working: the others look again after a while by themselves.
    pub fn ring(&self) {
        self.bell.ring();
        let mut options = OpenOptions::new();
        let _ = options.append(true).create(true).open(&self.path);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::time::Duration;

    #[test]
    fn another_bell_at_the_same_file_is_heard_also_where_the_file_was_replaced() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("wake");
        let mut here = FileBell::open(&path);
        here.listen().unwrap();
        let there = FileBell::open(&path);
        for replace in [false, true, true] {
            if replace {
                fs::remove_file(&path).unwrap();
            }
            let seen = here.bell().rings();
            there.ring();
            assert!(here.bell().wait(seen, Duration::from_secs(60)));
        }
        fs::remove_file(&path).unwrap();
        // The one who listened ends, whatever became of the file.
        drop(here);
    }

    #[test]
    fn what_happens_to_other_files_and_opening_the_bell_are_not_heard() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("wake");
        let mut here = FileBell::open(&path);
        here.listen().unwrap();
        let seen = here.bell().rings();
        fs::write(dir.path().join("queue.sqlite-wal"), "x").unwrap();
        let there = FileBell::open(&path);
        there.ring();
        assert!(here.bell().wait(seen, Duration::from_secs(60)));
        // The kernel tells in order: had more been heard, it would have been before.
        assert_eq!(here.bell().rings(), seen + 1);
    }
}
