//! The file: opened, set up, brought to the present schema.

use crate::import::queue::QueueError;
use crate::sync::FileBell;
use rusqlite::{Connection, ErrorCode, Transaction, TransactionBehavior};
use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

/// The schema, step by step; the number of steps that were taken is the file's `user_version`.
const STEPS: &[&str] = &[include_str!("schema/1.sql"), include_str!("schema/2.sql")];

/// How long to wait for another process that writes.
const PATIENCE: Duration = Duration::from_secs(60);

/// A queue in a file. Any number of threads and processes may use it.
pub struct SqliteQueue {
    pub(super) connection: Mutex<Connection>,
    pub(super) bell: FileBell,
}

impl SqliteQueue {
    /// Opens the queue in this folder, and makes it where it is missing.
    ///
    /// # Errors
    /// When the folder cannot be written, the file is none of SQLite's, or it is from a newer
    /// version of the program.
    pub fn open(folder: &Path) -> Result<Self, QueueError> {
        let fail = |path: &Path| {
            let path = path.to_owned();
            move |source| QueueError::Open { path, source }
        };
        fs::create_dir_all(folder).map_err(fail(folder))?;
        let wake = folder.join("wake");
        let bell = FileBell::open(&wake).map_err(fail(&wake))?;
        let path = folder.join("queue.sqlite");
        let mut connection = Connection::open(&path).map_err(failed("open its file"))?;
        set_up(&connection).map_err(failed("set up its file"))?;
        migrate(&mut connection, &path)?;
        Ok(Self {
            connection: Mutex::new(connection),
            bell,
        })
    }

    /// Hears from now on when another process adds jobs.
    ///
    /// # Errors
    /// When the system has no more watches or threads.
    pub fn listen(&mut self) -> std::io::Result<()> {
        self.bell.listen()
    }

    /// Runs one transaction; what fails leaves no trace.
    pub(super) fn write<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, QueueError> {
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let run = || {
            let transaction =
                connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
            let result = work(&transaction)?;
            transaction.commit()?;
            Ok(result)
        };
        run().map_err(failed(action))
    }

    /// Reads one state of the whole.
    pub(super) fn read<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, QueueError> {
        let mut connection = self
            .connection
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        let run = || work(&connection.transaction()?);
        run().map_err(failed(action))
    }
}

/// Wraps what SQLite says.
pub(super) fn failed(action: &'static str) -> impl FnOnce(rusqlite::Error) -> QueueError {
    move |error| QueueError::Store {
        action,
        is_full: error.sqlite_error_code() == Some(ErrorCode::DiskFull),
        source: error.into(),
    }
}

pub(super) fn set_up(connection: &Connection) -> rusqlite::Result<()> {
    connection.busy_timeout(PATIENCE)?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // 64 MiB: enough for the indices of a million jobs, and a bound on memory.
    connection.pragma_update(None, "cache_size", -65_536)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    // 64 MiB of log before it is written back, lest the same pages are written again and again,
    // and no more kept than that.
    connection.pragma_update(None, "wal_autocheckpoint", 16_384)?;
    connection.pragma_update(None, "journal_size_limit", 64 << 20)?;
    connection.set_prepared_statement_cache_capacity(128);
    Ok(())
}

fn migrate(connection: &mut Connection, path: &Path) -> Result<(), QueueError> {
    let action = "bring its file to the present schema";
    let newer = super::migrate::migrate(connection, STEPS).map_err(failed(action))?;
    match newer {
        Some(found) => Err(QueueError::Newer {
            path: path.to_owned(),
            found,
            known: u32::try_from(STEPS.len()).expect("there are few steps"),
        }),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tempfile::TempDir;

    #[test]
    fn a_file_is_made_once_and_one_of_the_future_is_refused() {
        let dir = TempDir::new().unwrap();
        drop(SqliteQueue::open(dir.path()).unwrap());
        let queue = SqliteQueue::open(dir.path()).unwrap();
        let set = |it: &Transaction<'_>| it.pragma_update(None, "user_version", 99);
        queue.write("pretend", set).unwrap();
        let error = SqliteQueue::open(dir.path()).err().unwrap();
        assert!(error.to_string().contains("schema 99"), "{error}");
    }

    #[test]
    fn what_is_no_queue_is_refused() {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("queue.sqlite"), "no database\n".repeat(100)).unwrap();
        let error = SqliteQueue::open(dir.path()).err().unwrap();
        assert!(error.to_string().contains("not a database"), "{error}");
    }
}
