//! The file: opened, set up, brought to the present schema.

use super::super::database::{Database, Problem, is_full};
use crate::alloc::store::TicketStoreError;
use crate::sync::FileBell;
use rusqlite::Transaction;
use std::ffi::OsString;
use std::fmt;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The schema, step by step.
const STEPS: &[&str] = &[include_str!("schema/1.sql")];

/// The pause before a lock is tried again.
const LOCK_PAUSE: Duration = Duration::from_millis(20);

/// Tickets and resources in a file. One process serves them, see [`lock`](Self::lock); others may
/// look, and leave wishes.
pub struct SqliteTickets {
    path: PathBuf,
    /// For the allocator's rounds.
    writer: Database,
    /// For everybody else, who does not wait for a round's flush.
    reader: Database,
    pub(super) bell: FileBell,
}

impl SqliteTickets {
    /// Opens the file, and makes it where it is missing.
    ///
    /// # Errors
    /// When it cannot be read or written, is none of SQLite's, is from another program or from a
    /// newer version of this one.
    pub fn open(path: &Path) -> Result<Self, TicketStoreError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(failed_io("make the folder of its file"))?;
        }
        let open = || Database::open(path, STEPS).map_err(|it| unopened(path, it));
        let (writer, reader) = (open()?, open()?);
        let bell = FileBell::open(&beside(path, ".wake"));
        Ok(Self {
            path: path.to_owned(),
            writer,
            reader,
            bell,
        })
    }

    /// Keeps other servers off this file for as long as the answer lives; none where another one
    /// has it for longer than `patience`: one that ends takes a moment, and so do its commands
    /// that were just begun.
    ///
    /// # Errors
    /// When the lock's file cannot be made.
    pub fn lock(&self, patience: Duration) -> io::Result<Option<File>> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(beside(&self.path, ".lock"))?;
        let begun = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(Some(file)),
                Err(fs::TryLockError::WouldBlock) if begun.elapsed() >= patience => {
                    return Ok(None);
                }
                Err(fs::TryLockError::WouldBlock) => std::thread::sleep(LOCK_PAUSE),
                Err(fs::TryLockError::Error(error)) => return Err(error),
            }
        }
    }

    /// Runs one transaction; what fails leaves no trace.
    pub(super) fn change<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, TicketStoreError> {
        self.writer.write(work).map_err(failed(action))
    }

    /// Reads one state of the whole.
    pub(super) fn look<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, TicketStoreError> {
        self.reader.read(work).map_err(failed(action))
    }
}

/// The file with an ending put behind its whole name.
fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(ending);
    name.into()
}

fn unopened(path: &Path, problem: Problem) -> TicketStoreError {
    let problem = match problem {
        Problem::Sqlite(action, error) => return failed(action)(error),
        Problem::Foreign => {
            "it is the database of another program: name a new file in db_url".to_owned()
        }
        Problem::Newer { found, known } => {
            format!("it has schema {found}, this program knows {known}: use a newer one")
        }
    };
    let what = path.display().to_string();
    TicketStoreError::Damaged { what, problem }
}

/// Wraps what SQLite says.
fn failed(action: &'static str) -> impl FnOnce(rusqlite::Error) -> TicketStoreError {
    move |error| TicketStoreError::Store {
        action,
        is_full: is_full(&error),
        source: Arc::new(error),
    }
}

fn failed_io(action: &'static str) -> impl FnOnce(io::Error) -> TicketStoreError {
    move |error| TicketStoreError::Store {
        action,
        is_full: error.kind() == io::ErrorKind::StorageFull,
        source: Arc::new(error),
    }
}

impl fmt::Debug for SqliteTickets {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SqliteTickets({})", self.path.display())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alloc::store::TicketStore as _;
    use rusqlite::Connection;
    use tempfile::TempDir;

    #[test]
    fn a_file_is_made_once_and_foreign_ones_are_refused() {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("new/db.sqlite");
        drop(SqliteTickets::open(&path).unwrap());
        let store = SqliteTickets::open(&path).unwrap();
        assert!(store.load().unwrap().tickets.is_empty());
        let error = |path: &Path| SqliteTickets::open(path).unwrap_err().to_string();
        let set = |it: &Transaction<'_>| it.pragma_update(None, "user_version", 99);
        store.change("pretend", set).unwrap();
        assert!(error(&path).contains("schema 99"), "{}", error(&path));
        let other = dir.path().join("other.sqlite");
        let connection = Connection::open(&other).unwrap();
        connection
            .execute_batch("CREATE TABLE tickets (id INTEGER)")
            .unwrap();
        assert!(error(&other).contains("db_url"), "{}", error(&other));
        fs::write(&other, "no database\n".repeat(100)).unwrap();
        assert!(error(&other).contains("not a database"));
    }

    #[test]
    fn one_server_has_it() {
        let dir = TempDir::new().unwrap();
        let path = dir.path().join("db.sqlite");
        let (one, two) = (SqliteTickets::open(&path), SqliteTickets::open(&path));
        let (one, two) = (one.unwrap(), two.unwrap());
        let held = one.lock(Duration::ZERO).unwrap();
        assert!(held.is_some() && two.lock(Duration::from_millis(1)).unwrap().is_none());
        drop(held);
        assert!(two.lock(Duration::ZERO).unwrap().is_some());
    }
}
