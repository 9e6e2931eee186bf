//! Group commit: the results of jobs that ended together, made durable together.
//!
//! While one flush runs, the results of further jobs gather; the next flush covers them all.
//! Only then does one transaction mark them.

use super::claims::Counts;
use super::{WorkError, WorkSettings};
use crate::event::JobId;
use crate::import::outcome::{Failure, Outcome, State};
use crate::import::queue::{Claim, Ended, JobQueue, Next, Record, RetryPolicy, WorkerId};
use crate::model::Code;
use crate::sync::{StopLevel, StopToken};
use crossbeam_channel::Receiver;
use jiff::Timestamp;
use std::hash::{BuildHasher, RandomState};
use std::io;
use std::sync::atomic::Ordering;

/// What became of a job after an attempt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disposal {
    /// It is done, or failed for good, or waits for its next attempt.
    Kept(Next),
    /// The run was stopped: it is in the queue as if it had never begun.
    GivenBack,
    /// Others have it by now, or had ended it before: this attempt does not count.
    Lost,
}

/// One attempt that ended.
pub(super) struct Attempt {
    pub(super) claim: Claim,
    pub(super) outcome: Outcome,
}

/// Takes attempts and marks their jobs.
pub(super) struct Committer<'a> {
    pub(super) queue: &'a dyn JobQueue,
    pub(super) worker: WorkerId,
    pub(super) settings: &'a WorkSettings,
    pub(super) stop: &'a StopToken,
    pub(super) counts: &'a Counts,
    /// Waits until what was written is on stable storage.
    pub(super) flush: &'a (dyn Fn() -> io::Result<()> + Sync),
    /// Told of each attempt after its job was marked.
    pub(super) report: &'a (dyn Fn(&Claim, &Outcome, Disposal) + Sync),
}

impl Committer<'_> {
    /// Works until the channel is closed. When the queue fails the run drains, and whatever
    /// comes after that stays leased until this worker is taken out.
    pub(super) fn run(&self, attempts: &Receiver<Attempt>) -> Result<(), WorkError> {
        let mut result = Ok(());
        while let Ok(first) = attempts.recv() {
            let mut batch = vec![first];
            batch.extend(attempts.try_iter());
            let count = batch.len();
            if result.is_ok() {
                result = self.commit(batch);
                if let Err(error) = &result {
                    tracing::error!(%error, "results cannot be kept");
                    self.stop.raise(StopLevel::Drain);
                }
            }
            self.counts.open.fetch_sub(count, Ordering::SeqCst);
            self.queue.bell().ring();
        }
        result
    }

    fn commit(&self, mut batch: Vec<Attempt>) -> Result<(), WorkError> {
        if batch.iter().any(|it| it.outcome.left_something())
            && let Err(error) = (self.flush)()
        {
            tracing::error!(%error, "results cannot be flushed");
            batch
                .iter_mut()
                .for_each(|it| fail(&mut it.outcome, &error));
        }
        let now = Timestamp::now();
        let mut ended = Vec::with_capacity(batch.len());
        let mut given_back = Vec::new();
        let mut disposals = Vec::with_capacity(batch.len());
        for Attempt { claim, outcome } in &batch {
            if outcome.failure().is_some_and(|it| it.code == Code::Stopped) {
                given_back.push(claim.id);
                disposals.push(Disposal::GivenBack);
                continue;
            }
            let next = next(&self.settings.retry, claim, outcome, now);
            disposals.push(Disposal::Kept(next));
            ended.push(Ended {
                id: claim.id,
                next,
                record: Record::from(outcome),
            });
        }
        if !given_back.is_empty() {
            self.queue.release(self.worker, &given_back, now)?;
        }
        let lost: Vec<JobId> = match ended.is_empty() {
            true => Vec::new(),
            false => self.queue.finish(self.worker, &ended, now)?,
        };
        for (it, disposal) in batch.iter().zip(disposals) {
            let disposal = match lost.contains(&it.claim.id) {
                true => Disposal::Lost,
                false => disposal,
            };
            (self.report)(&it.claim, &it.outcome, disposal);
        }
        Ok(())
    }
}

/// A result that may not be on stable storage is none, not even that of one branch of several.
fn fail(outcome: &mut Outcome, error: &io::Error) {
    if outcome.left_something() {
        outcome.branches.clear();
        outcome.srpm = None;
        outcome.state = State::Failed(Failure {
            code: Code::of_io(error),
            message: format!("what was made could not be flushed to the disk: {error}"),
        });
    }
}

fn next(policy: &RetryPolicy, claim: &Claim, outcome: &Outcome, now: Timestamp) -> Next {
    let Some(failure) = outcome.failure() else {
        return Next::Done;
    };
    let asked = outcome.wait.map(|it| it.pause);
    if outcome.wait.is_some_and(|it| it.is_unasked) {
        return Next::Wait(now + RetryPolicy::kept(asked));
    }
    // The standard library seeds every RandomState anew: randomness enough to spread attempts.
    #[expect(clippy::cast_precision_loss, reason = "a number below 1024")]
    let share = (RandomState::new().hash_one(()) % 1024) as f64 / 1023.0;
    match policy.pause(failure.code, claim.attempt, asked, share) {
        Some(pause) => Next::Retry(now + pause),
        None => Next::Failed,
    }
}
