//! Results that the frontend did not take yet: one file each, until it did.
//!
//! ```text
//! {folder}/{build_id}.json   {"frontend": ADDRESS, "result": {…}}
//! ```
//!
//! A file is written aside, synced and renamed, so that a result that is there is whole, also
//! after a crash of the machine. Results for another frontend than today's are left alone: build
//! numbers mean nothing elsewhere.

use super::result::ImportResult;
use super::task::BuildId;
use crate::model::Code;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// How the names of files begin that are not whole yet.
const ASIDE: &str = ".new-";

/// The results that wait, on disk and in memory.
#[derive(Debug)]
pub struct Outbox {
    folder: PathBuf,
    frontend: String,
    held: BTreeMap<BuildId, Held>,
    passed_over: Vec<PathBuf>,
    /// On the folder itself.
    _lock: File,
    /// On that of the repositories.
    beside: Option<File>,
}

#[derive(Debug)]
struct Held {
    result: ImportResult,
    /// How often it was handed in without success.
    attempts: u32,
}

/// A file of the outbox.
#[derive(Serialize, Deserialize)]
struct Entry {
    frontend: String,
    result: ImportResult,
}

/// An outbox that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum OutboxError {
    /// A file or folder could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Another daemon has it, or the repositories.
    #[error(
        "{} is held by another distmill work: one at a time can use a root and its repositories",
        _0.display()
    )]
    Busy(PathBuf),
}

impl OutboxError {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Io { source, .. } => Code::of_io(source),
            Self::Busy(_) => Code::IoError,
        }
    }

    fn at(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

impl Outbox {
    /// Opens the outbox of one frontend, with what an earlier run left in it. No other process can
    /// open it for as long as this lives; one that was killed holds nothing any more.
    ///
    /// # Errors
    /// When the folder cannot be made or read, or another daemon has it.
    pub fn open(folder: &Path, frontend: &str) -> Result<Self, OutboxError> {
        fs::create_dir_all(folder).map_err(OutboxError::at("create", folder))?;
        let mut outbox = Self {
            _lock: alone(folder)?,
            beside: None,
            folder: folder.to_owned(),
            frontend: frontend.to_owned(),
            held: BTreeMap::new(),
            passed_over: Vec::new(),
        };
        for entry in fs::read_dir(folder).map_err(OutboxError::at("read", folder))? {
            let path = entry.map_err(OutboxError::at("read", folder))?.path();
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            if name.starts_with(ASIDE) {
                fs::remove_file(&path).map_err(OutboxError::at("remove", &path))?;
            } else if name.ends_with(".json") {
                let bytes = fs::read(&path).map_err(OutboxError::at("read", &path))?;
                outbox.take(path, &bytes);
            }
        }
        Ok(outbox)
    }

    /// Keeps daemons of other roots from the folder of the repositories, too: they would import the
    /// same builds.
    ///
    /// # Errors
    /// When one has it.
    pub fn beside(mut self, repositories: &Path) -> Result<Self, OutboxError> {
        self.beside = Some(alone(repositories)?);
        Ok(self)
    }

    fn take(&mut self, path: PathBuf, bytes: &[u8]) {
        match serde_json::from_slice::<Entry>(bytes) {
            Ok(entry) if entry.frontend == self.frontend => {
                self.hold(entry.result);
            }
            Ok(_) | Err(_) => self.passed_over.push(path),
        }
    }

    /// Files that belong to another frontend, or are none of ours.
    #[must_use]
    pub fn passed_over(&self) -> &[PathBuf] {
        &self.passed_over
    }

    /// The builds whose results wait.
    pub fn builds(&self) -> impl Iterator<Item = BuildId> {
        self.held.keys().copied()
    }

    /// How many results wait.
    #[must_use]
    pub fn len(&self) -> usize {
        self.held.len()
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.held.is_empty()
    }

    /// Takes a result in. It is held whatever happens; without an error it also survives a crash.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn put(&mut self, result: ImportResult) -> Result<(), OutboxError> {
        let path = self.path(result.build_id);
        let entry = Entry {
            frontend: self.frontend.clone(),
            result: result.clone(),
        };
        self.hold(result);
        let bytes =
            serde_json::to_vec(&entry).map_err(|it| OutboxError::at("write", &path)(it.into()))?;
        self.write(&path, &bytes)
            .map_err(OutboxError::at("write", &path))
    }

    fn hold(&mut self, result: ImportResult) {
        let held = Held {
            attempts: 0,
            result,
        };
        self.held.insert(held.result.build_id, held);
    }

    fn write(&self, path: &Path, bytes: &[u8]) -> io::Result<()> {
        let mut file = tempfile::Builder::new()
            .prefix(ASIDE)
            .tempfile_in(&self.folder)?;
        file.write_all(bytes)?;
        file.as_file().sync_all()?;
        file.persist(path).map_err(|error| error.error)?;
        File::open(&self.folder)?.sync_all()
    }

    /// Every result that waits, those first that were tried the least.
    #[must_use]
    pub fn waiting(&self) -> Vec<ImportResult> {
        let mut held: Vec<&Held> = self.held.values().collect();
        held.sort_by_key(|it| it.attempts);
        held.into_iter().map(|it| it.result.clone()).collect()
    }

    /// Counts an attempt that failed.
    pub fn note_failure(&mut self, build_id: BuildId) {
        if let Some(held) = self.held.get_mut(&build_id) {
            held.attempts = held.attempts.saturating_add(1);
        }
    }

    /// Forgets a result that the frontend took.
    ///
    /// # Errors
    /// When its file cannot be removed; the next run hands it in again then.
    pub fn remove(&mut self, build_id: BuildId) -> Result<(), OutboxError> {
        self.held.remove(&build_id);
        let path = self.path(build_id);
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(OutboxError::at("remove", &path)(error))
            }
            _ => Ok(()),
        }
    }

    fn path(&self, build_id: BuildId) -> PathBuf {
        self.folder.join(format!("{build_id}.json"))
    }
}

/// A lock on a folder, which nobody else has.
fn alone(folder: &Path) -> Result<File, OutboxError> {
    let lock = File::open(folder).map_err(OutboxError::at("open", folder))?;
    match lock.try_lock() {
        Ok(()) => Ok(lock),
        Err(TryLockError::WouldBlock) => Err(OutboxError::Busy(folder.to_owned())),
        Err(TryLockError::Error(error)) => Err(OutboxError::at("lock", folder)(error)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    const HERE: &str = "http://example.org/";

    #[test]
    fn what_was_put_is_there_in_the_next_run() {
        let dir = TempDir::new().unwrap();
        let mut outbox = Outbox::open(dir.path(), HERE).unwrap();
        for build_id in [3, 1, 2] {
            outbox.put(ImportResult::failure(build_id)).unwrap();
        }
        outbox.note_failure(1);
        outbox.remove(2).unwrap();
        outbox.remove(2).unwrap();
        let second = Outbox::open(dir.path(), HERE);
        assert!(matches!(second, Err(OutboxError::Busy(_))));
        let order: Vec<BuildId> = outbox.waiting().iter().map(|it| it.build_id).collect();
        assert_eq!(order, [3, 1]);
        drop(outbox);
        fs::write(dir.path().join(".new-x"), "{").unwrap();
        let next = Outbox::open(dir.path(), HERE).unwrap();
        assert_eq!(next.builds().collect::<Vec<_>>(), [1, 3]);
        assert!(!dir.path().join(".new-x").exists());
    }

    #[test]
    fn what_is_not_ours_is_left_alone() {
        let dir = TempDir::new().unwrap();
        Outbox::open(dir.path(), "http://example.net/")
            .unwrap()
            .put(ImportResult::failure(1))
            .unwrap();
        fs::write(dir.path().join("2.json"), "nonsense").unwrap();
        let outbox = Outbox::open(dir.path(), HERE).unwrap();
        assert!(outbox.is_empty());
        assert_eq!(outbox.passed_over().len(), 2);
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 2);
    }

    #[test]
    fn a_result_that_cannot_be_written_is_held_all_the_same() {
        let dir = TempDir::new().unwrap();
        let folder = dir.path().join("outbox");
        let mut outbox = Outbox::open(&folder, HERE).unwrap();
        fs::remove_dir(&folder).unwrap();
        assert!(outbox.put(ImportResult::failure(1)).is_err());
        assert_eq!(outbox.len(), 1);
    }
}
