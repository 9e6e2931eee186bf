//! One file of SQLite: opened, set up, brought to the present schema, and written and read in
//! transactions.

use crate::sync::hold;
use rusqlite::{
    Connection, Error, ErrorCode, OptionalExtension as _, Result, Transaction, TransactionBehavior,
};
use std::path::Path;
use std::sync::Mutex;
use std::time::Duration;

/// How long to wait for another process that writes.
const PATIENCE: Duration = Duration::from_secs(60);

/// Why a file cannot be opened.
#[derive(Debug)]
pub(super) enum Problem {
    /// What SQLite could not do with it.
    Sqlite(&'static str, Error),
    /// It has tables of another program.
    Foreign,
    /// A newer version of the program made it.
    Newer {
        /// The schema's version that was found.
        found: u32,
        /// The newest that is known.
        known: u32,
    },
}

/// A connection to a file, for one thread at a time.
pub(super) struct Database(Mutex<Connection>);

impl Database {
    /// Opens the file, and makes it where it is missing. `steps` is the schema, step by step; the
    /// number of steps that were taken is the file's `user_version`.
    pub(super) fn open(path: &Path, steps: &[&str]) -> std::result::Result<Self, Problem> {
        let failed = |action| move |error| Problem::Sqlite(action, error);
        let mut connection = Connection::open(path).map_err(failed("open the file"))?;
        if is_foreign(&connection).map_err(failed("read the file"))? {
            return Err(Problem::Foreign);
        }
        set_up(&connection).map_err(failed("set up the file"))?;
        let newer = migrate(&mut connection, steps);
        if let Some(found) = newer.map_err(failed("bring the file to the present schema"))? {
            let known = count(steps);
            return Err(Problem::Newer { found, known });
        }
        Ok(Self(Mutex::new(connection)))
    }

    /// Runs one transaction; what fails leaves no trace.
    pub(super) fn write<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        let mut connection = hold(&self.0);
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let result = work(&transaction)?;
        transaction.commit()?;
        Ok(result)
    }

    /// Reads one state of the whole.
    pub(super) fn read<T>(&self, work: impl FnOnce(&Transaction<'_>) -> Result<T>) -> Result<T> {
        work(&hold(&self.0).transaction()?)
    }
}

/// Whether the disk is full.
pub(super) fn is_full(error: &Error) -> bool {
    error.sqlite_error_code() == Some(ErrorCode::DiskFull)
}

/// Whether it has tables that are none of ours.
fn is_foreign(connection: &Connection) -> Result<bool> {
    let table = connection
        .query_row("SELECT 1 FROM sqlite_schema LIMIT 1", [], |_| Ok(()))
        .optional()?;
    Ok(table.is_some() && version(connection)? == 0)
}

fn set_up(connection: &Connection) -> Result<()> {
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

/// Takes the steps that a file has not taken yet. The answer is the version that was found if it is
/// newer than all steps: then nothing is done.
fn migrate(connection: &mut Connection, steps: &[&str]) -> Result<Option<u32>> {
    let known = count(steps);
    let found = version(connection)?;
    if found > known {
        return Ok(Some(found));
    }
    if found == known {
        return Ok(None);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    // Another process may have been quicker.
    let found = version(&transaction)?;
    for step in steps.iter().skip(found as usize) {
        transaction.execute_batch(step)?;
    }
    transaction.pragma_update(None, "user_version", known.max(found))?;
    transaction.commit()?;
    Ok(None)
}

fn version(connection: &Connection) -> Result<u32> {
    connection.pragma_query_value(None, "user_version", |row| row.get(0))
}

fn count(steps: &[&str]) -> u32 {
    u32::try_from(steps.len()).expect("there are few steps")
}
