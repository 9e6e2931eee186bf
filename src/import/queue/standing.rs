//! What a job waits for, and for how long about.

use super::limits::{ClaimLimits, Limit, Running};
use super::{QueuedJob, State, WorkerId, WorkerRow};
use jiff::Timestamp;
use serde::Serialize;
use std::time::Duration;

/// The facts about one job's place in the queue.
#[derive(Clone, Debug)]
pub struct Standing {
    /// The job.
    pub job: QueuedJob,
    /// Jobs before it in its lane.
    pub in_lane: u64,
    /// About how many jobs are handed out before it.
    pub in_all: u64,
    /// What runs.
    pub running: Running,
    /// The workers, dead ones too.
    pub workers: Vec<WorkerRow>,
    /// How fast jobs ended lately.
    pub pace: Pace,
}

/// Attempts that ended within the last ten minutes, and how much of these they took.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pace {
    /// How many.
    pub ended: u64,
    /// From the first of them until now; a second at least.
    pub span: Duration,
}

impl Pace {
    /// From the end of the first one, if there is one.
    #[must_use]
    pub fn new(ended: u64, first: Option<Timestamp>, now: Timestamp) -> Self {
        let span = first.and_then(|it| Duration::try_from(now.duration_since(it)).ok());
        Self {
            ended,
            span: span.unwrap_or_default().max(Duration::from_secs(1)),
        }
    }
}

/// One thing that a job waits for, or the end that it came to.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "kebab-case", tag = "reason")]
pub enum Reason {
    /// Nobody works.
    NoWorker,
    /// So many run already.
    Limit {
        /// Which limit.
        limit: Limit,
        /// Its number.
        at_most: u32,
    },
    /// Others come first.
    Turn {
        /// Jobs before it in its sandbox.
        in_sandbox: u64,
        /// About how many before it in all.
        in_all: u64,
        /// About how many seconds that takes, at the pace of the last ten minutes.
        seconds: Option<u64>,
    },
    /// The time of its next attempt has not come.
    RetryAt {
        /// That time.
        due: Timestamp,
    },
    /// A worker has it.
    Running {
        /// Which.
        worker: Option<WorkerId>,
        /// Since when.
        since: Timestamp,
    },
    /// It waits for nothing any more.
    Ended {
        /// How it stands.
        state: State,
    },
}

/// How many wait in each lane, as far as the place of one job hangs on it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Line {
    /// Jobs before it in its own lane.
    pub in_lane: u64,
    /// Jobs in the other lanes of its flow.
    pub lanes: Vec<u64>,
    /// Jobs in the other flows, each with what a turn of it costs.
    pub flows: Vec<(u64, i64)>,
    /// What a turn of its own flow costs.
    pub cost: i64,
}

/// About how many jobs are handed out before one that stands so.
#[must_use]
pub fn ahead(line: &Line) -> u64 {
    // By the time it goes every other lane of its flow has had as many turns as its own one.
    let turns = line.in_lane + 1;
    let own: u64 = line.in_lane + line.lanes.iter().map(|it| (*it).min(turns)).sum::<u64>();
    let cost = u64::try_from(line.cost).unwrap_or(1);
    let others = line.flows.iter().map(|(queued, other)| {
        let other = u64::try_from(*other).unwrap_or(1).max(1);
        (*queued).min((own + 1).saturating_mul(cost) / other)
    });
    own + others.sum::<u64>()
}

impl Standing {
    /// Everything that the job waits for.
    #[must_use]
    pub fn reasons(&self, now: Timestamp) -> Vec<Reason> {
        let job = &self.job;
        match job.state {
            State::Queued => self.waiting(now),
            State::Retry => vec![Reason::RetryAt {
                due: job.due.unwrap_or(now),
            }],
            State::Leased => vec![Reason::Running {
                worker: job.worker,
                since: job.changed,
            }],
            state => vec![Reason::Ended { state }],
        }
    }

    fn waiting(&self, now: Timestamp) -> Vec<Reason> {
        let job = &self.job;
        let alive = || self.workers.iter().filter(|it| it.until > now);
        let mut reasons = Vec::new();
        if alive().next().is_none() {
            reasons.push(Reason::NoWorker);
        }
        let reached = |limits: &ClaimLimits| {
            let owner = job.target.owner();
            limits.reached(&self.running, owner, &job.sandbox, &job.registry)
        };
        // A limit holds the job back only where every worker keeps it.
        let mut common: Option<Vec<(Limit, u32)>> = None;
        for worker in alive() {
            let here = reached(&worker.worker.limits);
            common = Some(match common {
                None => here,
                Some(before) => before.into_iter().filter(|it| here.contains(it)).collect(),
            });
        }
        for (limit, at_most) in common.unwrap_or_default() {
            reasons.push(Reason::Limit { limit, at_most });
        }
        reasons.push(Reason::Turn {
            in_sandbox: self.in_lane,
            in_all: self.in_all,
            seconds: self.estimate().map(|it| it.as_secs()),
        });
        reasons
    }

    /// How long it takes until the job begins, at the pace of the last ten minutes, or of those since
    /// work began.
    #[must_use]
    pub fn estimate(&self) -> Option<Duration> {
        #[expect(clippy::cast_precision_loss, reason = "an estimate for people to read")]
        let seconds =
            (self.in_all + 1) as f64 * self.pace.span.as_secs_f64() / self.pace.ended as f64;
        Duration::try_from_secs_f64(seconds).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_follows_from_the_turns() {
        let line = |in_lane, lanes: &[u64], flows: &[(u64, i64)], cost| {
            ahead(&Line {
                in_lane,
                lanes: lanes.to_vec(),
                flows: flows.to_vec(),
                cost,
            })
        };
        assert_eq!(line(0, &[], &[], 1), 0);
        // The first of its sandbox waits for one of each other sandbox.
        assert_eq!(line(0, &[10_000, 3], &[], 1), 2);
        assert_eq!(line(0, &[], &[(10_000, 1)], 1), 1);
        // Background jobs of others do not matter until a hundred rounds have passed.
        assert_eq!(line(5, &[], &[(1000, 100)], 1), 5);
        assert_eq!(line(0, &[], &[(1000, 1)], 100), 100);
    }
}
