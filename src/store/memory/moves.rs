//! Jobs that change their state.

use super::held::Held;
use crate::event::JobId;
use crate::import::queue::{
    Abandoned, CANCELLED, CRASHED, Claim, ClaimLimits, Claimed, Ended, Filter, Next, Record, State,
    WorkerId, pick,
};
use jiff::Timestamp;

impl Held {
    pub(super) fn claim(
        &mut self,
        worker: WorkerId,
        room: usize,
        limits: &ClaimLimits,
        now: Timestamp,
    ) -> Claimed {
        if !self.workers.contains_key(&worker) {
            return Claimed::default();
        }
        let waits = |id: &JobId| self.jobs[id].job.due;
        let retries = self.ids(|state| state == State::Retry);
        let due = retries
            .iter()
            .filter(|id| waits(id).is_none_or(|it| it <= now));
        for id in due.copied().collect::<Vec<_>>() {
            self.requeue(id, now);
        }
        let running = self.running();
        let clock = self.lanes.clock;
        let Ok(plan) = pick(&mut self.lanes, running, limits, room, clock);
        self.lanes.apply(&plan);
        let mut jobs = Vec::with_capacity(plan.picks.len());
        for it in &plan.picks {
            let held = self.jobs.get_mut(&it.job).expect("the job is held");
            held.job.state = State::Leased;
            held.job.worker = Some(worker);
            held.job.attempts += 1;
            held.job.changed = now;
            jobs.push(Claim {
                id: it.job,
                source: held.source.clone(),
                digest: held.digest,
                target: held.job.target.clone(),
                run: held.job.run,
                attempt: held.job.attempts,
            });
        }
        Claimed {
            has_lease: true,
            jobs,
            is_more: self.lanes.all.iter().any(|it| !it.waiting.is_empty()),
            due: self.jobs.values().filter_map(|it| it.job.due).min(),
        }
    }

    pub(super) fn finish(
        &mut self,
        worker: WorkerId,
        ended: &[Ended],
        now: Timestamp,
    ) -> Vec<JobId> {
        let mut lost = Vec::new();
        for it in ended {
            let Some(job) = self.jobs.get_mut(&it.id).map(|it| &mut it.job) else {
                lost.push(it.id);
                continue;
            };
            if job.state != State::Leased || job.worker != Some(worker) {
                lost.push(it.id);
                continue;
            }
            (job.state, job.due) = match it.next {
                Next::Done => (State::Done, None),
                Next::Failed => (State::Failed, None),
                Next::Retry(due) | Next::Wait(due) => (State::Retry, Some(due)),
            };
            job.worker = None;
            job.changed = now;
            job.result = Some(it.record.result().to_owned());
            job.record = Some(it.record.clone());
            let is_void = it.record.is_void() && job.run.is_none();
            match it.next {
                Next::Wait(_) => job.attempts -= 1,
                Next::Done | Next::Failed | Next::Retry(_) => {
                    let minute = now.as_second().div_euclid(60);
                    self.minutes.entry(minute).or_insert((0, now)).0 += 1;
                }
            }
            let held = self.jobs.get_mut(&it.id).expect("the job is held");
            held.is_fixed &= !is_void;
        }
        lost
    }

    pub(super) fn release(&mut self, worker: WorkerId, jobs: &[JobId], now: Timestamp) {
        let held = self.leased(worker);
        for id in jobs.iter().filter(|id| held.contains(id)) {
            self.give_back(*id, now);
        }
    }

    /// As if it had never been handed out.
    fn give_back(&mut self, id: JobId, now: Timestamp) {
        let held = self.jobs.get_mut(&id).expect("the job is held");
        held.job.attempts -= 1;
        self.requeue(id, now);
    }

    pub(super) fn abandon(
        &mut self,
        worker: WorkerId,
        running: Option<&[JobId]>,
        crashes: u32,
        now: Timestamp,
    ) -> Abandoned {
        let mut out = Abandoned::default();
        for id in self.leased(worker) {
            let held = self.jobs.get_mut(&id).expect("the job is held");
            if running.is_some_and(|all| !all.contains(&id)) {
                self.give_back(id, now);
                out.requeued.push(id);
                continue;
            }
            held.job.crashes += 1;
            if held.job.crashes < crashes {
                let last_rank = &mut self.lanes.all[held.lane].last_rank;
                *last_rank += 1;
                held.rank = *last_rank;
                self.requeue(id, now);
                out.requeued.push(id);
            } else {
                held.job.state = State::Poison;
                held.job.result = Some(CRASHED.to_owned());
                held.job.record = Some(Record::crashed(held.job.crashes));
                held.job.worker = None;
                held.job.changed = now;
                out.poisoned.push(id);
            }
        }
        self.workers.remove(&worker);
        out
    }

    pub(super) fn cancel(&mut self, filter: &Filter, now: Timestamp) -> u64 {
        let ids = self.fitting(filter, State::may_cancel);
        for id in &ids {
            let held = self.jobs.get_mut(id).expect("the job is held");
            held.job.state = State::Cancelled;
            held.job.result = Some(CANCELLED.to_owned());
            held.job.due = None;
            held.job.changed = now;
            let waiting = &mut self.lanes.all[held.lane].waiting;
            waiting.remove(&(held.rank, *id));
        }
        ids.len() as u64
    }

    pub(super) fn retry(&mut self, filter: &Filter, now: Timestamp) -> u64 {
        let mut count = 0;
        for id in self.fitting(filter, State::may_retry) {
            if self.same(self.jobs[&id].key, Some(id)).is_some() {
                continue;
            }
            let held = self.jobs.get_mut(&id).expect("the job is held");
            held.job.attempts = 0;
            held.job.crashes = 0;
            held.job.result = None;
            self.requeue(id, now);
            count += 1;
        }
        count
    }

    fn ids(&self, may: impl Fn(State) -> bool) -> Vec<JobId> {
        let jobs = self.jobs.values().filter(|it| may(it.job.state));
        jobs.map(|it| it.job.id).collect()
    }

    fn fitting(&self, filter: &Filter, may: impl Fn(State) -> bool) -> Vec<JobId> {
        let limit = filter.limit.and_then(|it| usize::try_from(it).ok());
        let mut ids = self.ids(may);
        ids.retain(|id| filter.fits(&self.jobs[id].job));
        ids.truncate(limit.unwrap_or(usize::MAX));
        ids
    }
}
