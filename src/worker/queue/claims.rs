//! The jobs of a queue, as they are handed out, one after the other.

use super::keeper::LONGEST_WAIT;
use super::{WorkError, WorkSettings};
use crate::event::JobId;
use crate::import::queue::{Claim, Filter, JobQueue, RunId, State, WorkerId};
use crate::sync::{StopLevel, StopToken};
use jiff::Timestamp;
use std::collections::VecDeque;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// How many jobs are on their way, counted from several threads.
#[derive(Debug, Default)]
pub(super) struct Counts {
    /// Handed out, and not imported yet.
    pub(super) waiting: AtomicUsize,
    /// Handed out, and not given an end in the queue yet.
    pub(super) open: AtomicUsize,
}

/// Claims jobs whenever there is room, and waits for them. Ends when the run drains, and, unless
/// it follows, when no job is left that could still be begun; where it works for a run, when that
/// has no open job any more.
pub(super) struct Claims<'a> {
    queue: &'a dyn JobQueue,
    worker: WorkerId,
    settings: &'a WorkSettings,
    stop: &'a StopToken,
    counts: &'a Counts,
    claimed: VecDeque<Claim>,
    /// Up to this one no job of the run was open.
    passed: Option<JobId>,
    failure: Option<WorkError>,
}

impl<'a> Claims<'a> {
    pub(super) const fn new(
        queue: &'a dyn JobQueue,
        worker: WorkerId,
        settings: &'a WorkSettings,
        stop: &'a StopToken,
        counts: &'a Counts,
    ) -> Self {
        Self {
            queue,
            worker,
            settings,
            stop,
            counts,
            claimed: VecDeque::new(),
            passed: None,
            failure: None,
        }
    }

    /// The jobs that were claimed and not handed on, and what went wrong.
    pub(super) fn finish(self) -> (Vec<JobId>, Option<WorkError>) {
        let left = self.claimed.into_iter().map(|it| it.id);
        (left.collect(), self.failure)
    }

    /// Whether a job of the run is open. Looks on where the last one was, so that a long run is read
    /// once, and at all of it before the answer is no: a job may have been put back.
    fn has_open(&mut self, run: RunId) -> Result<bool, WorkError> {
        let open = State::ALL.into_iter().filter(|it| it.is_open());
        let mut filter = Filter {
            run: Some(run),
            states: Some(open.collect()),
            after: self.passed,
            limit: Some(1),
            ..Filter::default()
        };
        let mut found = self.queue.find(&filter)?;
        if found.is_empty() && filter.after.take().is_some() {
            found = self.queue.find(&filter)?;
        }
        self.passed = found.first().and_then(|it| it.id.checked_sub(1));
        Ok(!found.is_empty())
    }

    /// Claims; the answer is how long to wait before the next look, or nothing if all is done.
    fn claim(&mut self) -> Result<Option<Duration>, WorkError> {
        // One job waits for each thread: enough that none idles, and few enough that a sandbox
        // which comes late waits for one round of the pool at most.
        let threads = self.settings.threads.get();
        let waiting = self.counts.waiting.load(Ordering::SeqCst);
        let room = (2 * threads).saturating_sub(waiting);
        if room <= threads / 2 {
            return Ok(Some(LONGEST_WAIT));
        }
        let run = self.settings.run;
        if let Some(run) = run
            && !self.has_open(run)?
        {
            return Ok(None);
        }
        let open = self.counts.open.load(Ordering::SeqCst);
        let now = Timestamp::now();
        let limits = &self.settings.limits;
        let claimed = self.queue.claim(self.worker, room, limits, now)?;
        if !claimed.has_lease {
            return Err(WorkError::LeaseLost {
                seconds: self.settings.lease.as_secs(),
            });
        }
        let count = claimed.jobs.len();
        self.counts.waiting.fetch_add(count, Ordering::SeqCst);
        self.counts.open.fetch_add(count, Ordering::SeqCst);
        self.claimed.extend(claimed.jobs);
        let is_over = count == 0 && !claimed.is_more && claimed.due.is_none() && open == 0;
        if is_over && !self.settings.follow && run.is_none() {
            return Ok(None);
        }
        let due = claimed.due.map(|it| it.duration_since(now));
        let due = due.and_then(|it| Duration::try_from(it).ok());
        Ok(Some(due.unwrap_or(LONGEST_WAIT).min(LONGEST_WAIT)))
    }
}

impl Iterator for Claims<'_> {
    type Item = Claim;

    fn next(&mut self) -> Option<Claim> {
        loop {
            if self.stop.is_draining() {
                return None;
            }
            if let Some(claim) = self.claimed.pop_front() {
                return Some(claim);
            }
            let bell = self.queue.bell();
            let seen = bell.rings();
            match self.claim() {
                Ok(Some(_)) if !self.claimed.is_empty() => {}
                Ok(Some(longest)) => {
                    bell.wait(seen, longest);
                }
                Ok(None) => return None,
                Err(error) => {
                    tracing::error!(%error, "no jobs can be claimed");
                    self.failure = Some(error);
                    self.stop.raise(StopLevel::Drain);
                    return None;
                }
            }
        }
    }
}
