//! The file: opened, set up, brought to the present schema.

use super::super::database::{Database, Problem, is_full};
use super::write;
use crate::build::entry::BuildId;
use crate::build::store::BuildStoreError;
use crate::model::Project;
use crate::sync::FileBell;
use rusqlite::Transaction;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The schema, step by step.
const STEPS: &[&str] = &[
    include_str!("schema/1.sql"),
    include_str!("schema/2.sql"),
    include_str!("schema/3.sql"),
];

/// Builds in a file. Any number of processes may add and look; one dispatches, see
/// [`lock`](Self::lock).
pub struct SqliteBuilds {
    folder: PathBuf,
    database: Database,
    pub(super) bell: FileBell,
}

impl SqliteBuilds {
    /// Opens the builds in this folder, and makes them where they are missing.
    ///
    /// # Errors
    /// When the folder cannot be written, the file is none of SQLite's, or it is from a newer
    /// version of the program.
    pub fn open(folder: &Path) -> Result<Self, BuildStoreError> {
        let fail = |path: &Path| {
            let path = path.to_owned();
            move |source| BuildStoreError::Open { path, source }
        };
        fs::create_dir_all(folder).map_err(fail(folder))?;
        let bell = FileBell::open(&folder.join("wake"));
        let path = Self::file(folder);
        let database = Database::open(&path, STEPS).map_err(|problem| match problem {
            Problem::Sqlite(action, error) => failed(action)(error),
            Problem::Foreign => fail(&path)(io::Error::other("it is of another program")),
            Problem::Newer { found, known } => BuildStoreError::Newer {
                path: path.clone(),
                found,
                known,
            },
        })?;
        Ok(Self {
            folder: folder.to_owned(),
            database,
            bell,
        })
    }

    /// The file in a folder of builds, which need not be there.
    #[must_use]
    pub fn file(folder: &Path) -> PathBuf {
        folder.join("builds.sqlite")
    }

    /// Hears from now on when another process changes something.
    ///
    /// # Errors
    /// When the system has no more watches or threads.
    pub fn listen(&mut self) -> io::Result<()> {
        self.bell.listen()
    }

    /// Keeps other dispatchers off for as long as the answer lives; none where there is another one.
    ///
    /// # Errors
    /// When the lock's file cannot be made.
    pub fn lock(&self) -> io::Result<Option<File>> {
        let file = File::options()
            .create(true)
            .truncate(false)
            .write(true)
            .open(self.folder.join("dispatcher.lock"))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Ok(None),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Removes all builds of a project. Which they were.
    ///
    /// # Errors
    /// When the store fails.
    pub fn remove(&self, project: &Project) -> Result<Vec<BuildId>, BuildStoreError> {
        self.change("remove builds", |sql| write::remove(sql, project))
    }

    /// Runs one transaction; what fails leaves no trace.
    pub(super) fn change<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, BuildStoreError> {
        self.database.write(work).map_err(failed(action))
    }

    /// Reads one state of the whole.
    pub(super) fn read<T>(
        &self,
        action: &'static str,
        work: impl FnOnce(&Transaction<'_>) -> rusqlite::Result<T>,
    ) -> Result<T, BuildStoreError> {
        self.database.read(work).map_err(failed(action))
    }
}

fn failed(action: &'static str) -> impl FnOnce(rusqlite::Error) -> BuildStoreError {
    move |error| BuildStoreError::Store {
        action,
        is_full: is_full(&error),
        source: error.into(),
    }
}
