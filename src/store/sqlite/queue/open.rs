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
    include_str!("schema/5.sql"),
    include_str!("schema/6.sql"),
    include_str!("schema/7.sql"),
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
        let bell = FileBell::open(&folder.join("wake"));
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
    use crate::import::queue::{ClaimLimits, Filter, JobQueue as _};
    use jiff::Timestamp;
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
    fn files_of_every_schema_are_taken_over() {
        for schema in 1..STEPS.len() {
            let dir = TempDir::new().unwrap();
            let old = rusqlite::Connection::open(dir.path().join("queue.sqlite")).unwrap();
            STEPS[..schema]
                .iter()
                .for_each(|it| old.execute_batch(it).unwrap());
            old.pragma_update(None, "user_version", schema.cast_signed())
                .unwrap();
            // Jobs of two hosts in one sandbox, of another sandbox, and of a registry: that of 1 is done.
            let (one, two, three) = ("http://h/x-1.gem", "https://u:p@i/y-1.gem", "gem:z");
            let lanes = [("s", "h"), ("s", "i"), ("t", "i"), ("s", "gem")];
            old.execute_batch("INSERT INTO targets VALUES (1, 'a/b', 'main', '{}')")
                .unwrap();
            for (id, (sandbox, registry)) in (1_i64..).zip(lanes) {
                let source = [one, two, two, three][id.unsigned_abs() as usize - 1];
                let (state, queued) = if id == 1 { (3, 0) } else { (0, 1) };
                old.execute(
                    "INSERT INTO lanes VALUES (?1, 'a', 0, ?2, ?3, ?4, 7, ?1)",
                    (id, sandbox, registry, queued),
                )
                .unwrap();
                old.execute(
                    "INSERT INTO jobs (id, key, source, target, lane, priority, rank, state,
                         attempts, crashes, added, changed)
                     VALUES (?1, ?2, ?3, 1, ?1, 0, ?1, ?4, 0, 0, 0, 0)",
                    (id, id.to_le_bytes(), source, state),
                )
                .unwrap();
            }
            old.execute_batch(
                "INSERT INTO flows SELECT 'a', 0, registry, sum(queued), 7, 0 FROM lanes
                     GROUP BY registry;
                 INSERT INTO workers VALUES (1, 0, '{\"pid\":1,\"threads\":1,\"limits\":{}}')",
            )
            .unwrap();
            drop(old);

            let queue = SqliteQueue::open(dir.path()).unwrap();
            let now = Timestamp::now();
            assert_eq!(queue.stats(now).unwrap().queued, 3);
            let jobs = queue.find(&Filter::default()).unwrap();
            let registries: Vec<_> = jobs.iter().map(|it| &*it.registry).collect();
            assert_eq!(registries, ["h", "i", "i", "gem"]);
            let limits = ClaimLimits {
                registries: [("i".to_owned(), 1)].into(),
                ..ClaimLimits::default()
            };
            let claimed = queue.claim(1, 9, &limits, now).unwrap();
            assert_eq!((claimed.jobs.len(), claimed.is_more), (2, true));
            assert!(claimed.jobs.iter().any(|it| it.source.to_string() == three));
            let rest = queue.claim(1, 9, &ClaimLimits::default(), now).unwrap();
            assert_eq!((rest.jobs.len(), rest.is_more), (1, false));
        }
    }

    #[test]
    fn what_is_no_queue_is_refused() {
        let dir = TempDir::new().unwrap();
        fs::write(dir.path().join("queue.sqlite"), "no database\n".repeat(100)).unwrap();
        let error = SqliteQueue::open(dir.path()).err().unwrap();
        assert!(error.to_string().contains("not a database"), "{error}");
    }
}
