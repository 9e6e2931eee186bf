//! The run that a batch works for: how far it is, whoever has its jobs.

use crate::cli::build::{Builds, Item, item_of_job};
use crate::event::JobId;
use crate::import::queue::{Filter, JobQueue as _, QueueError, RunCounts, RunId, State, pages};
use crate::store::SqliteQueue;
use crate::sync::hold;
use crate::ui::Display;
use crossbeam_channel::{RecvTimeoutError, bounded};
use std::collections::HashSet;
use std::sync::Mutex;
use std::thread;
use std::time::{Duration, Instant};

/// How often the jobs of a run are counted, unless that takes long.
const PAUSE: Duration = Duration::from_millis(500);

/// A run, and how it stood before this process came to it.
#[derive(Debug)]
pub(in crate::cli) struct OwnRun {
    pub(super) id: RunId,
    before: RunCounts,
    /// Jobs whose builds this process has queued.
    queued: Mutex<HashSet<JobId>>,
}

impl OwnRun {
    pub(in crate::cli) fn new(id: RunId, before: RunCounts) -> Self {
        Self {
            id,
            before,
            queued: Mutex::default(),
        }
    }

    /// The builds of this job are queued. Whether they were not before.
    pub(super) fn mark(&self, job: JobId) -> bool {
        let mut queued = hold(&self.queued);
        queued.insert(job)
    }

    /// Jobs to which something will still happen.
    pub(super) fn open(&self, queue: &SqliteQueue) -> Result<u64, QueueError> {
        Ok(queue.count_run(self.id)?.open())
    }

    /// Works, and shows meanwhile how many of the jobs that are open have ended.
    pub(super) fn watch<T>(
        &self,
        queue: &SqliteQueue,
        display: &Display,
        work: impl FnOnce() -> T,
    ) -> T {
        let (end, over) = bounded::<()>(0);
        thread::scope(|scope| {
            scope.spawn(move || {
                let total = display.total();
                let mut pause = PAUSE;
                while matches!(over.recv_timeout(pause), Err(RecvTimeoutError::Timeout)) {
                    let begin = Instant::now();
                    match self.open(queue) {
                        Ok(now) => display.progress(total.saturating_sub(now)),
                        Err(error) => tracing::warn!(%error, "the run cannot be counted"),
                    }
                    // A small part of the time, however many jobs there are.
                    pause = PAUSE.max(20 * begin.elapsed());
                }
            });
            let result = work();
            drop(end);
            result
        })
    }

    /// Counts what others did for the run too. How many of its jobs are open.
    pub(super) fn sum(&self, queue: &SqliteQueue, display: &Display) -> Result<u64, QueueError> {
        let now = queue.count_run(self.id)?;
        for (result, jobs) in now.since(&self.before) {
            display.raise(result, jobs);
        }
        Ok(now.open())
    }

    /// Queues the builds of what was imported: others may have imported it, and a process that died
    /// may not have come to it.
    pub(in crate::cli) fn queue_builds(
        &self,
        queue: &SqliteQueue,
        builds: &Builds,
    ) -> anyhow::Result<()> {
        let filter = Filter {
            run: Some(self.id),
            states: Some(vec![State::Done]),
            ..Filter::default()
        };
        for jobs in pages(filter, |it| queue.history(it)) {
            let jobs = jobs?;
            let jobs = jobs.iter().filter(|it| self.mark(it.id));
            let items: Vec<Item> = jobs.filter_map(item_of_job).collect();
            builds.queue(&items)?;
        }
        Ok(())
    }
}
