//! What a store of jobs promises.
//!
//! Every method is one transaction: it happens as a whole or not at all, and once it returns its
//! effect survives the death of the process. Several workers, in one process or in many, may use
//! the same queue.
//!
//! A worker holds a lease, and with it all the jobs that it claimed; it renews the one lease for
//! all of them. When it is known to be dead, or others have not seen it renew the lease for as long
//! as that lasts, one of them takes it out ([`JobQueue::abandon`]) and its jobs go back. Until then it
//! has its jobs, whatever the clock says, which somebody may set; a result counts only if the worker
//! still holds the job.

use super::{
    ClaimLimits, Filter, NewJob, QueueError, QueuedJob, Record, Run, RunCounts, RunId, Standing,
    State, Stats, Target,
};
use crate::event::JobId;
use crate::import::job::Source;
use crate::model::{Code, Sha256};
use crate::sync::Bell;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// The result of a job that was set aside.
pub const CRASHED: &str = Code::Crashed.as_str();

/// The result of a job that was taken out of the queue.
pub const CANCELLED: &str = "cancelled";

/// The number of a worker in its queue.
pub type WorkerId = u64;

/// Who works.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Worker {
    /// The process.
    pub pid: u32,
    /// Its threads.
    pub threads: usize,
    /// The limits that it keeps.
    pub limits: ClaimLimits,
    /// How long its lease lasts, in milliseconds; 0 where it did not say.
    #[serde(default)]
    pub lease_ms: u64,
}

/// A worker that the queue knows.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct WorkerRow {
    /// Its number.
    pub id: WorkerId,
    /// Who it is.
    #[serde(flatten)]
    pub worker: Worker,
    /// The end of its lease, by the clock as it was when that was renewed.
    pub until: Timestamp,
    /// How many jobs it has.
    pub leased: u64,
}

/// What became of a job that was to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is new.
    New(JobId),
    /// It was there already and was left as it stands.
    Known(JobId, State),
}

/// A job that was handed out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Claim {
    /// Its number.
    pub id: JobId,
    /// What to import.
    pub source: Source,
    /// The digest that a local file must still have.
    pub digest: Option<Sha256>,
    /// Into what.
    pub target: Arc<Target>,
    /// The run that it belongs to.
    pub run: Option<RunId>,
    /// Which attempt this is, from 1.
    pub attempt: u32,
}

/// What a worker got, and when it is worth asking again.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Claimed {
    /// Whether the worker was not taken out; otherwise it gets nothing, and never will.
    pub has_lease: bool,
    /// The jobs, in the order in which they should begin.
    pub jobs: Vec<Claim>,
    /// Whether others wait still, for a turn or a limit.
    pub is_more: bool,
    /// When the next job that waits for a time can be tried.
    pub due: Option<Timestamp>,
}

/// What happens to a job after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Next {
    /// It is done.
    Done,
    /// It is tried again then.
    Retry(Timestamp),
    /// It could not begin, and is tried then: this attempt does not count.
    Wait(Timestamp),
    /// It failed for good.
    Failed,
}

/// An attempt that ended.
#[derive(Clone, Debug, PartialEq)]
pub struct Ended {
    /// The job.
    pub id: JobId,
    /// What happens to it.
    pub next: Next,
    /// What came of it.
    pub record: Record,
}

/// What became of the jobs of a worker that is gone.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Abandoned {
    /// Back in the queue.
    pub requeued: Vec<JobId>,
    /// Set aside.
    pub poisoned: Vec<JobId>,
}

/// A queue of jobs.
pub trait JobQueue: Send + Sync {
    /// Adds jobs at the end of their lines, all or none. The answers are in the same order. A job
    /// that is there already is left as it is; see [`Key`](super::Key).
    ///
    /// # Errors
    /// When the store fails; so everywhere below.
    fn add(&self, jobs: &[NewJob], now: Timestamp) -> Result<Vec<Added>, QueueError>;

    /// Takes a worker in, with a lease until then.
    ///
    /// # Errors
    /// When the store fails.
    fn enlist(&self, worker: &Worker, until: Timestamp) -> Result<WorkerId, QueueError>;

    /// Renews a worker's lease, to whatever time that is now. Whether it was still there; otherwise
    /// it has no jobs any more.
    ///
    /// # Errors
    /// When the store fails.
    fn renew(&self, worker: WorkerId, until: Timestamp) -> Result<bool, QueueError>;

    /// Takes a worker out; its jobs go back. Those in `running` (all, where that is not known) were
    /// running when it died: each of them goes to the end of its line, and is set aside when that
    /// happened `crashes` times, with a record that says so. The others are as if they had never been handed out.
    ///
    /// # Errors
    /// When the store fails.
    fn abandon(
        &self,
        worker: WorkerId,
        running: Option<&[JobId]>,
        crashes: u32,
        now: Timestamp,
    ) -> Result<Abandoned, QueueError>;

    /// Every worker that was not taken out, also where its lease has expired.
    ///
    /// # Errors
    /// When the store fails.
    fn workers(&self) -> Result<Vec<WorkerRow>, QueueError>;

    /// Hands out up to `room` jobs by turn and within the limits. Jobs whose time has come are back
    /// in the queue before. A worker that was taken out gets nothing.
    ///
    /// # Errors
    /// When the store fails.
    fn claim(
        &self,
        worker: WorkerId,
        room: usize,
        limits: &ClaimLimits,
        now: Timestamp,
    ) -> Result<Claimed, QueueError>;

    /// Takes results. The answer is the jobs that the worker does not have any more: nothing
    /// happened to them.
    ///
    /// # Errors
    /// When the store fails.
    fn finish(
        &self,
        worker: WorkerId,
        ended: &[Ended],
        now: Timestamp,
    ) -> Result<Vec<JobId>, QueueError>;

    /// Gives jobs back as if they had never been handed out.
    ///
    /// # Errors
    /// When the store fails.
    fn release(&self, worker: WorkerId, jobs: &[JobId], now: Timestamp) -> Result<(), QueueError>;

    /// Jobs by number, without their records.
    ///
    /// # Errors
    /// When the store fails.
    fn find(&self, filter: &Filter) -> Result<Vec<QueuedJob>, QueueError>;

    /// The same with their records.
    ///
    /// # Errors
    /// When the store fails.
    fn history(&self, filter: &Filter) -> Result<Vec<QueuedJob>, QueueError>;

    /// The run of this name, which is begun if there is none yet.
    ///
    /// # Errors
    /// When the store fails.
    fn begin_run(&self, name: &str, about: &str, now: Timestamp) -> Result<Run, QueueError>;

    /// The run of this name, or the one that was begun last.
    ///
    /// # Errors
    /// When the store fails.
    fn find_run(&self, name: Option<&str>) -> Result<Option<Run>, QueueError>;

    /// How the jobs of a run stand; the time that it takes grows with them.
    ///
    /// # Errors
    /// When the store fails.
    fn count_run(&self, run: RunId) -> Result<RunCounts, QueueError>;

    /// What was noted under this name, such as the state of a registry that a run begins at.
    ///
    /// # Errors
    /// When the store fails.
    fn note(&self, name: &str) -> Result<Option<String>, QueueError>;

    /// Notes something under a name, in the place of what was there.
    ///
    /// # Errors
    /// When the store fails.
    fn set_note(&self, name: &str, text: &str) -> Result<(), QueueError>;

    /// One job, with its record.
    ///
    /// # Errors
    /// When the store fails.
    fn job(&self, id: JobId) -> Result<Option<QueuedJob>, QueueError>;

    /// Takes jobs that wait out of the queue. How many.
    ///
    /// # Errors
    /// When the store fails.
    fn cancel(&self, filter: &Filter, now: Timestamp) -> Result<u64, QueueError>;

    /// Puts jobs that ended badly, or wait for a time, back in their places, with all attempts
    /// before them again. How many. A job of which the same waits already is left out.
    ///
    /// # Errors
    /// When the store fails.
    fn retry(&self, filter: &Filter, now: Timestamp) -> Result<u64, QueueError>;

    /// Where a job stands.
    ///
    /// # Errors
    /// When the store fails.
    fn standing(&self, id: JobId, now: Timestamp) -> Result<Option<Standing>, QueueError>;

    /// The queue in numbers.
    ///
    /// # Errors
    /// When the store fails.
    fn stats(&self, now: Timestamp) -> Result<Stats, QueueError>;

    /// Rings when there may be something new to claim.
    fn bell(&self) -> &Arc<Bell>;
}
