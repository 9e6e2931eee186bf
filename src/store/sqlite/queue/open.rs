//! The file: opened, set up, brought to the present schema.

use super::super::database::{Database, Problem, is_full};
use crate::import::queue::QueueError;
use crate::sync::FileBell;
use rusqlite::Transaction;
use std::path::Path;
use std::{fs, io};

/// The schema, step by step.
const STEPS: &[&str] = &[
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
    include_str!("schema/4.sql"),
];

/// A queue in a file. Any number of threads and processes may use it.
pub struct SqliteQueue {
    database: Database,
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
        let database = Database::open(&path, STEPS).map_err(|problem| match problem {
            Problem::Sqlite(action, error) => failed(action)(error),
            Problem::Foreign => fail(&path)(io::Error::other("it is of another program")),
            Problem::Newer { found, known } => QueueError::Newer {
                path: path.clone(),
                found,
                known,
            },
        })?;
        Ok(Self { database, bell })
    }

    /// Hears from now on when another process adds jobs.
    ///
    /// # Errors
    /// When the system has no more watches or threads.
    pub fn listen(&mut self) -> io::Result<()> {
        self.bell.listen()
    }

    /// Runs one transaction; what fails leaves no trace.
    pub(super) fn write<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, QueueError> {
        self.database.write(work).map_err(failed(action))
    }

    /// Reads one state of the whole.
    pub(super) fn read<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, QueueError> {
        self.database.read(work).map_err(failed(action))
    }
}

/// Wraps what SQLite says.
fn failed(action: &'static str) -> impl FnOnce(rusqlite::Error) -> QueueError {
    move |error| QueueError::Store {
        action,
        is_full: is_full(&error),
        source: error.into(),
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
