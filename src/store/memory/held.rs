//! All that is held, behind one lock.

use crate::event::JobId;
use crate::import::job::Source;
use crate::import::queue::{
    Added, Flow, HOSTS, Key, Lanes, NewJob, Pace, QueuedJob, Run, Running, State, Worker, WorkerId,
    line_of, registry_of,
};
use crate::model::Sha256;
use jiff::Timestamp;
use std::collections::{BTreeMap, HashMap};

/// A job and what only the store needs to know of it.
#[derive(Debug)]
pub(super) struct HeldJob {
    pub(super) job: QueuedJob,
    pub(super) source: Source,
    pub(super) digest: Option<Sha256>,
    pub(super) key: Key,
    pub(super) is_fixed: bool,
    pub(super) lane: usize,
    pub(super) rank: i64,
}

/// Everything.
#[derive(Debug, Default)]
pub(super) struct Held {
    pub(super) jobs: BTreeMap<JobId, HeldJob>,
    pub(super) keys: HashMap<Key, Vec<JobId>>,
    pub(super) lanes: Lanes,
    pub(super) workers: BTreeMap<WorkerId, (Worker, Timestamp)>,
    pub(super) last_worker: WorkerId,
    pub(super) runs: Vec<Run>,
    pub(super) notes: BTreeMap<String, String>,
    /// Attempts that ended, by minute, and when the first of them did.
    pub(super) minutes: BTreeMap<i64, (u64, Timestamp)>,
}

impl Held {
    /// The job that a new one would be the same as, other than `but`.
    pub(super) fn same(&self, key: Key, but: Option<JobId>) -> Option<(JobId, State)> {
        let ids = self.keys.get(&key)?.iter();
        let mut jobs = ids.map(|id| &self.jobs[id]);
        let same =
            jobs.find(|it| Some(it.job.id) != but && (it.is_fixed || it.job.state.is_open()))?;
        Some((same.job.id, same.job.state))
    }

    pub(super) fn add(&mut self, new: &NewJob, now: Timestamp) -> Added {
        let key = new.key();
        let id = self.jobs.last_key_value().map_or(1, |it| it.0 + 1);
        let flow = Flow {
            owner: new.target.owner().to_owned(),
            background: new.background,
        };
        let (registry, line) = (registry_of(&new.source), line_of(&new.source));
        let lane = self.lanes.find_or_make(&flow, &new.sandbox, line);
        if let Some((id, state)) = self.same(key, None) {
            return Added::Known(id, state);
        }
        let last_rank = &mut self.lanes.all[lane].last_rank;
        *last_rank += 1;
        let rank = *last_rank + i64::from(new.priority);
        let job = QueuedJob {
            id,
            source: new.source.to_string(),
            target: new.target.clone(),
            sandbox: new.sandbox.to_string(),
            registry: registry.to_owned(),
            priority: new.priority,
            background: new.background,
            run: new.run,
            state: State::Queued,
            attempts: 0,
            crashes: 0,
            result: None,
            worker: None,
            added: now,
            changed: now,
            due: None,
            record: None,
        };
        let held = HeldJob {
            job,
            source: new.source.clone(),
            digest: new.digest,
            key,
            is_fixed: new.is_fixed(),
            lane,
            rank,
        };
        if line == HOSTS {
            self.lanes.hosts.insert(id, registry.to_owned());
        }
        self.jobs.insert(id, held);
        self.keys.entry(key).or_default().push(id);
        self.lanes.gain(lane, rank, id);
        Added::New(id)
    }

    /// A job comes to wait, as it is otherwise.
    pub(super) fn requeue(&mut self, id: JobId, now: Timestamp) {
        let held = self.jobs.get_mut(&id).expect("the job is held");
        held.job.state = State::Queued;
        held.job.worker = None;
        held.job.due = None;
        held.job.changed = now;
        self.lanes.gain(held.lane, held.rank, id);
    }

    /// The jobs of a worker.
    pub(super) fn leased(&self, worker: WorkerId) -> Vec<JobId> {
        let jobs = self.jobs.values().map(|it| &it.job);
        let of = jobs.filter(|it| it.state == State::Leased && it.worker == Some(worker));
        of.map(|it| it.id).collect()
    }

    pub(super) fn running(&self) -> Running {
        let mut running = Running::default();
        for it in self.jobs.values().map(|it| &it.job) {
            if it.state == State::Leased {
                running.add(it.target.owner(), &it.sandbox, &it.registry);
            }
        }
        running
    }

    pub(super) fn pace(&self, now: Timestamp) -> Pace {
        let minute = now.as_second().div_euclid(60);
        let minutes = || self.minutes.range(minute - 9..).map(|it| it.1);
        let first = minutes().map(|it| it.1).min();
        Pace::new(minutes().map(|it| it.0).sum(), first, now)
    }
}
