//! The queue's methods, each one transaction.

use super::{
    SqliteQueue, abandon, add, claim, find, finish, moves, runs, standing, stats, workers,
};
use crate::event::JobId;
use crate::import::queue::{
    Abandoned, Added, ClaimLimits, Claimed, Ended, Filter, JobQueue, NewJob, QueueError, QueuedJob,
    Run, RunCounts, RunId, Standing, Stats, Worker, WorkerId, WorkerRow,
};
use crate::sync::Bell;
use jiff::Timestamp;
use std::sync::Arc;

impl JobQueue for SqliteQueue {
    fn add(&self, jobs: &[NewJob], now: Timestamp) -> Result<Vec<Added>, QueueError> {
        let added = self.write("add jobs", |sql| add::add(sql, jobs, now))?;
        self.bell.ring();
        Ok(added)
    }

    fn enlist(&self, worker: &Worker, until: Timestamp) -> Result<WorkerId, QueueError> {
        self.write("take a worker in", |sql| {
            workers::enlist(sql, worker, until)
        })
    }

    fn renew(&self, worker: WorkerId, until: Timestamp) -> Result<bool, QueueError> {
        self.write("renew a lease", |sql| workers::renew(sql, worker, until))
    }

    fn abandon(
        &self,
        worker: WorkerId,
        running: Option<&[JobId]>,
        crashes: u32,
        now: Timestamp,
    ) -> Result<Abandoned, QueueError> {
        let abandoned = self.write("take a worker out", |sql| {
            abandon::abandon(sql, worker, running, crashes, now)
        })?;
        if abandoned != Abandoned::default() {
            self.bell.ring();
        }
        Ok(abandoned)
    }

    fn workers(&self) -> Result<Vec<WorkerRow>, QueueError> {
        self.read("list workers", |sql| workers::workers(sql))
    }

    fn claim(
        &self,
        worker: WorkerId,
        room: usize,
        limits: &ClaimLimits,
        now: Timestamp,
    ) -> Result<Claimed, QueueError> {
        self.write("hand jobs out", |sql| {
            claim::claim(sql, worker, room, limits, now)
        })
    }

    fn finish(
        &self,
        worker: WorkerId,
        ended: &[Ended],
        now: Timestamp,
    ) -> Result<Vec<JobId>, QueueError> {
        let lost = self.write("keep results", |sql| {
            finish::finish(sql, worker, ended, now)
        })?;
        // A limit may hold back less now, of workers in other processes too.
        self.bell.ring();
        Ok(lost)
    }

    fn release(&self, worker: WorkerId, jobs: &[JobId], now: Timestamp) -> Result<(), QueueError> {
        self.write("take jobs back", |sql| {
            finish::release(sql, worker, jobs, now)
        })?;
        self.bell.ring();
        Ok(())
    }

    fn find(&self, filter: &Filter) -> Result<Vec<QueuedJob>, QueueError> {
        self.read("find jobs", |sql| find::find(sql, filter))
    }

    fn history(&self, filter: &Filter) -> Result<Vec<QueuedJob>, QueueError> {
        self.read("find jobs", |sql| find::history(sql, filter))
    }

    fn begin_run(&self, name: &str, about: &str, now: Timestamp) -> Result<Run, QueueError> {
        self.write("begin a run", |sql| runs::begin(sql, name, about, now))
    }

    fn find_run(&self, name: Option<&str>) -> Result<Option<Run>, QueueError> {
        self.read("find a run", |sql| runs::find(sql, name))
    }

    fn count_run(&self, run: RunId) -> Result<RunCounts, QueueError> {
        self.read("count the jobs of a run", |sql| runs::count(sql, run))
    }

    fn note(&self, name: &str) -> Result<Option<String>, QueueError> {
        self.read("read a note", |sql| runs::note(sql, name))
    }

    fn set_note(&self, name: &str, text: &str) -> Result<(), QueueError> {
        self.write("write a note", |sql| runs::set_note(sql, name, text))
    }

    fn job(&self, id: JobId) -> Result<Option<QueuedJob>, QueueError> {
        self.read("find a job", |sql| find::job(sql, id))
    }

    fn cancel(&self, filter: &Filter, now: Timestamp) -> Result<u64, QueueError> {
        let count = self.write("cancel jobs", |sql| moves::cancel(sql, filter, now))?;
        // Who waits for the end of a run looks again.
        self.bell.ring();
        Ok(count)
    }

    fn retry(&self, filter: &Filter, now: Timestamp) -> Result<u64, QueueError> {
        let count = self.write("put jobs back", |sql| moves::retry(sql, filter, now))?;
        self.bell.ring();
        Ok(count)
    }

    fn standing(&self, id: JobId, now: Timestamp) -> Result<Option<Standing>, QueueError> {
        self.read("find a job's place", |sql| standing::standing(sql, id, now))
    }

    fn stats(&self, now: Timestamp) -> Result<Stats, QueueError> {
        self.read("count jobs", |sql| stats::stats(sql, now))
    }

    fn bell(&self) -> &Arc<Bell> {
        self.bell.bell()
    }
}
