//! The file systems that results go to, flushed as a whole.
//!
//! One flush of a file system covers every file, folder and ref that was written before it: it
//! costs about the same for one job as for a hundred, where a flush a file would cost each of
//! them a dozen.

use super::{hold, woken};
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::PathBuf;
use std::sync::{Condvar, Mutex};

/// One open folder for each file system.
#[derive(Debug)]
pub struct Disks {
    folders: Vec<File>,
    turns: Mutex<Turns>,
    turn_over: Condvar,
}

/// Flushes that many ask for at the same time.
#[derive(Debug, Default)]
struct Turns {
    /// Flushes that began.
    begun: u64,
    /// The last one that ended well.
    flushed: u64,
    /// The last one that failed, and the system's number of its failure.
    failed: (u64, Option<i32>),
    at_work: bool,
    /// Threads that wait for the one at work to end.
    waiting: usize,
}

/// A folder could not be opened.
#[derive(Debug, thiserror::Error)]
#[error("cannot open {}: {source}", path.display())]
pub struct DiskError {
    /// The folder.
    pub path: PathBuf,
    /// Why.
    pub source: io::Error,
}

impl Disks {
    /// The file systems that these folders are on.
    ///
    /// # Errors
    /// Names the folder that cannot be opened.
    pub fn of(folders: impl IntoIterator<Item = PathBuf>) -> Result<Self, DiskError> {
        let mut seen = BTreeSet::new();
        let mut disks = Vec::new();
        for path in folders {
            let open = || File::open(&path).and_then(|it| Ok((it.metadata()?.dev(), it)));
            let (device, folder) = open().map_err(|source| DiskError {
                path: path.clone(),
                source,
            })?;
            if seen.insert(device) {
                disks.push(folder);
            }
        }
        Ok(Self {
            folders: disks,
            turns: Mutex::default(),
            turn_over: Condvar::new(),
        })
    }

    /// Waits until all that was written so far is on stable storage.
    ///
    /// # Errors
    /// When a file system could not write something, whoever wrote it.
    pub fn flush(&self) -> io::Result<()> {
        for disk in &self.folders {
            rustix::fs::syncfs(disk)?;
        }
        Ok(())
    }

    /// The same for many threads: those that ask while a flush is at work share the next one.
    ///
    /// # Errors
    /// When a file system could not write something, whoever wrote it.
    pub fn flush_shared(&self) -> io::Result<()> {
        self.share(|| self.flush())
    }

    fn share(&self, flush: impl FnOnce() -> io::Result<()>) -> io::Result<()> {
        let mut turns = hold(&self.turns);
        // One that is at work may have passed by what the caller wrote.
        let needed = turns.begun + 1;
        while turns.at_work {
            turns.waiting += 1;
            turns = woken(&self.turn_over, turns);
            turns.waiting -= 1;
        }
        if turns.flushed >= needed {
            return Ok(());
        }
        if let (failed, Some(number)) = turns.failed
            && failed >= needed
        {
            return Err(io::Error::from_raw_os_error(number));
        }
        turns.begun += 1;
        turns.at_work = true;
        let turn = turns.begun;
        drop(turns);
        let result = flush();
        let mut turns = hold(&self.turns);
        turns.at_work = false;
        match &result {
            Ok(()) => turns.flushed = turn,
            Err(error) => turns.failed = (turn, error.raw_os_error()),
        }
        drop(turns);
        self.turn_over.notify_all();
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicU32, Ordering};

    #[test]
    fn folders_of_one_file_system_are_flushed_once() {
        let dir = tempfile::TempDir::new().unwrap();
        let (a, b) = (dir.path().join("a"), dir.path().join("b"));
        std::fs::create_dir_all(&a).unwrap();
        std::fs::create_dir_all(&b).unwrap();
        let disks = Disks::of([a, b]).unwrap();
        assert_eq!(disks.folders.len(), 1);
        disks.flush().unwrap();
        disks.flush_shared().unwrap();
        let error = Disks::of([dir.path().join("c")]).unwrap_err();
        assert!(error.to_string().contains("cannot open"), "{error}");
    }

    #[test]
    fn who_asks_during_a_flush_gets_the_next_one_and_shares_it() {
        let disks = Disks::of([]).unwrap();
        let flushes = AtomicU32::new(0);
        let (begun, all_wait) = (Barrier::new(2), Barrier::new(2));
        std::thread::scope(|scope| {
            let first = scope.spawn(|| {
                disks.share(|| {
                    flushes.fetch_add(1, Ordering::SeqCst);
                    begun.wait();
                    all_wait.wait();
                    Ok(())
                })
            });
            begun.wait();
            let others: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        disks.share(|| {
                            flushes.fetch_add(1, Ordering::SeqCst);
                            Err(io::Error::from_raw_os_error(5))
                        })
                    })
                })
                .collect();
            while disks.turns.lock().unwrap().waiting < others.len() {
                std::thread::yield_now();
            }
            all_wait.wait();
            first.join().unwrap().unwrap();
            for other in others {
                let error = other.join().unwrap().unwrap_err();
                assert_eq!(error.raw_os_error(), Some(5));
            }
        });
        assert_eq!(flushes.into_inner(), 2);
    }
}
