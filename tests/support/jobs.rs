//! Jobs for queues that never run them, and a clock that stands still.

use distmill::event::JobId;
use distmill::import::queue::{
    Added, Claim, ClaimLimits, Ended, JobQueue, Making, NewJob, Next, Record, Target, Worker,
    WorkerId,
};
use distmill::model::{BranchName, Project};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// So many seconds after the beginning.
pub fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(1_800_000_000).unwrap() + SignedDuration::from_secs(seconds)
}

/// A time that no test comes to.
pub fn far() -> Timestamp {
    at(1_000_000_000)
}

/// A job of an owner and a sandbox.
pub fn job(source: &str, owner: &str, sandbox: &str) -> NewJob {
    let target = Target {
        project: Project::new(owner, "project").unwrap(),
        branches: vec![BranchName::new("main").unwrap()],
        making: Making::default(),
    };
    NewJob {
        source: source.parse().unwrap(),
        digest: None,
        target: Arc::new(target),
        sandbox: sandbox.into(),
        priority: 0,
        background: false,
        run: None,
    }
}

/// `count` jobs of one sandbox, named after it.
pub fn jobs(count: usize, owner: &str, sandbox: &str) -> Vec<NewJob> {
    let name = |n| format!("pypi:{owner}-{sandbox}-{n}");
    (0..count).map(|n| job(&name(n), owner, sandbox)).collect()
}

/// Adds jobs that are all new; the answer is their numbers.
pub fn add(queue: &dyn JobQueue, jobs: &[NewJob]) -> Vec<JobId> {
    let added = queue.add(jobs, at(0)).unwrap().into_iter();
    let id = |it| match it {
        Added::New(id) => id,
        Added::Known(id, state) => panic!("job {id} was there, {state}"),
    };
    added.map(id).collect()
}

/// A worker whose lease does not end.
pub fn worker(queue: &dyn JobQueue) -> WorkerId {
    queue.enlist(&Worker::default(), far()).unwrap()
}

/// Hands out without limits.
pub fn claim(queue: &dyn JobQueue, worker: WorkerId, room: usize) -> Vec<Claim> {
    let limits = ClaimLimits::default();
    queue.claim(worker, room, &limits, at(1)).unwrap().jobs
}

/// The numbers of jobs that were handed out.
pub fn ids(claims: &[Claim]) -> Vec<JobId> {
    claims.iter().map(|it| it.id).collect()
}

/// An attempt that ended with this word.
pub fn ended(id: JobId, next: Next, result: &str) -> Ended {
    let is_good = next == Next::Done;
    let record = Record {
        state: if is_good { result } else { "failed" }.to_owned(),
        code: (!is_good).then(|| result.to_owned()),
        seconds: 0.25,
        ..Record::default()
    };
    Ended { id, next, record }
}
