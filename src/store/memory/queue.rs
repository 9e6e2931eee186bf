//! The queue's methods, each under the one lock.

use super::held::Held;
use crate::event::JobId;
use crate::import::queue::{
    Abandoned, Added, ClaimLimits, Claimed, Ended, Filter, Flow, JobQueue, Line, NewJob,
    QueueError, QueuedJob, Run, RunCounts, RunId, Standing, State, Stats, Worker, WorkerId,
    WorkerRow, ahead,
};
use crate::sync::{Bell, hold};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// A queue in memory.
#[derive(Debug, Default)]
pub struct MemoryQueue {
    held: Mutex<Held>,
    bell: Arc<Bell>,
}

impl MemoryQueue {
    fn held(&self) -> MutexGuard<'_, Held> {
        hold(&self.held)
    }
}

impl JobQueue for MemoryQueue {
    fn add(&self, jobs: &[NewJob], now: Timestamp) -> Result<Vec<Added>, QueueError> {
        let mut held = self.held();
        let added = jobs.iter().map(|it| held.add(it, now)).collect();
        self.bell.ring();
        Ok(added)
    }

    fn enlist(&self, worker: &Worker, until: Timestamp) -> Result<WorkerId, QueueError> {
        let mut held = self.held();
        held.last_worker += 1;
        let id = held.last_worker;
        held.workers.insert(id, (worker.clone(), until));
        Ok(id)
    }

    fn renew(&self, worker: WorkerId, until: Timestamp) -> Result<bool, QueueError> {
        let mut held = self.held();
        let known = held.workers.get_mut(&worker);
        Ok(known.map(|it| it.1 = until).is_some())
    }

    fn abandon(
        &self,
        worker: WorkerId,
        running: Option<&[JobId]>,
        crashes: u32,
        now: Timestamp,
    ) -> Result<Abandoned, QueueError> {
        let abandoned = self.held().abandon(worker, running, crashes, now);
        self.bell.ring();
        Ok(abandoned)
    }

    fn workers(&self) -> Result<Vec<WorkerRow>, QueueError> {
        let held = self.held();
        let workers = held.workers.iter().map(|(id, (worker, until))| WorkerRow {
            id: *id,
            worker: worker.clone(),
            until: *until,
            leased: held.leased(*id).len() as u64,
        });
        Ok(workers.collect())
    }

    fn claim(
        &self,
        worker: WorkerId,
        room: usize,
        limits: &ClaimLimits,
        now: Timestamp,
    ) -> Result<Claimed, QueueError> {
        Ok(self.held().claim(worker, room, limits, now))
    }

    fn finish(
        &self,
        worker: WorkerId,
        ended: &[Ended],
        now: Timestamp,
    ) -> Result<Vec<JobId>, QueueError> {
        let lost = self.held().finish(worker, ended, now);
        self.bell.ring();
        Ok(lost)
    }

    fn release(&self, worker: WorkerId, jobs: &[JobId], now: Timestamp) -> Result<(), QueueError> {
        self.held().release(worker, jobs, now);
        self.bell.ring();
        Ok(())
    }

    fn find(&self, filter: &Filter) -> Result<Vec<QueuedJob>, QueueError> {
        let mut jobs = self.history(filter)?;
        jobs.iter_mut().for_each(|it| it.record = None);
        Ok(jobs)
    }

    fn history(&self, filter: &Filter) -> Result<Vec<QueuedJob>, QueueError> {
        let held = self.held();
        let limit = filter.limit.and_then(|it| usize::try_from(it).ok());
        let jobs = held.jobs.values().map(|it| &it.job);
        let jobs = jobs.filter(|it| filter.fits(it));
        Ok(jobs.take(limit.unwrap_or(usize::MAX)).cloned().collect())
    }

    fn begin_run(&self, name: &str, about: &str, now: Timestamp) -> Result<Run, QueueError> {
        let mut held = self.held();
        if let Some(known) = held.runs.iter().find(|it| it.name == name) {
            return Ok(known.clone());
        }
        let run = Run {
            id: held.runs.len() as u64 + 1,
            name: name.to_owned(),
            about: about.to_owned(),
            begun: now,
        };
        held.runs.push(run.clone());
        Ok(run)
    }

    fn find_run(&self, name: Option<&str>) -> Result<Option<Run>, QueueError> {
        let held = self.held();
        let fits = |it: &&Run| name.is_none_or(|name| it.name == name);
        Ok(held.runs.iter().rev().find(fits).cloned())
    }

    fn count_run(&self, run: RunId) -> Result<RunCounts, QueueError> {
        let held = self.held();
        let mut counts = RunCounts::default();
        let jobs = held.jobs.values().map(|it| &it.job);
        for job in jobs.filter(|it| it.run == Some(run)) {
            let key = (job.state, job.result.clone());
            *counts.0.entry(key).or_default() += 1;
        }
        Ok(counts)
    }

    fn note(&self, name: &str) -> Result<Option<String>, QueueError> {
        Ok(self.held().notes.get(name).cloned())
    }

    fn set_note(&self, name: &str, text: &str) -> Result<(), QueueError> {
        self.held().notes.insert(name.to_owned(), text.to_owned());
        Ok(())
    }

    fn job(&self, id: JobId) -> Result<Option<QueuedJob>, QueueError> {
        Ok(self.held().jobs.get(&id).map(|it| it.job.clone()))
    }

    fn cancel(&self, filter: &Filter, now: Timestamp) -> Result<u64, QueueError> {
        let count = self.held().cancel(filter, now);
        self.bell.ring();
        Ok(count)
    }

    fn retry(&self, filter: &Filter, now: Timestamp) -> Result<u64, QueueError> {
        let count = self.held().retry(filter, now);
        self.bell.ring();
        Ok(count)
    }

    fn standing(&self, id: JobId, now: Timestamp) -> Result<Option<Standing>, QueueError> {
        let workers = self.workers()?;
        let held = self.held();
        let Some(it) = held.jobs.get(&id) else {
            return Ok(None);
        };
        let line = match it.job.state {
            State::Queued => line(&held, it.lane, (it.rank, id)),
            _ => Line::default(),
        };
        Ok(Some(Standing {
            job: it.job.clone(),
            in_lane: line.in_lane,
            in_all: ahead(&line),
            running: held.running(),
            workers,
            pace: held.pace(now),
        }))
    }

    fn stats(&self, now: Timestamp) -> Result<Stats, QueueError> {
        let held = self.held();
        let mut stats = Stats {
            workers: held.workers.values().filter(|it| it.1 > now).count() as u64,
            recent: held.pace(now).ended,
            ..Stats::default()
        };
        for it in held.jobs.values().map(|it| &it.job) {
            let result = it.result.clone().unwrap_or_default();
            *match it.state {
                State::Queued if it.background => &mut stats.queued_background,
                State::Queued => &mut stats.queued,
                State::Leased => &mut stats.leased,
                State::Retry => &mut stats.retry,
                State::Done => stats.done.entry(result).or_default(),
                State::Failed => stats.failed.entry(result).or_default(),
                State::Cancelled => &mut stats.cancelled,
                State::Poison => &mut stats.poison,
            } += 1;
        }
        Ok(stats)
    }

    fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }
}

fn line(held: &Held, lane: usize, place: (i64, JobId)) -> Line {
    let flow = &held.lanes.all[lane].flow;
    let mut line = Line {
        cost: flow.cost(),
        ..Line::default()
    };
    let mut flows: BTreeMap<&Flow, u64> = BTreeMap::new();
    for (at, it) in held.lanes.all.iter().enumerate() {
        let queued = it.waiting.len() as u64;
        if at == lane {
            line.in_lane = it.waiting.range(..place).count() as u64;
        } else if queued > 0 && it.flow == *flow {
            line.lanes.push(queued);
        } else if queued > 0 {
            *flows.entry(&it.flow).or_default() += queued;
        }
    }
    let flows = flows
        .into_iter()
        .map(|(flow, queued)| (queued, flow.cost()));
    line.flows = flows.collect();
    line
}
