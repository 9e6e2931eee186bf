//! Any sequence of calls does the same to every store, and never breaks a limit.

use crate::support::jobs::{at, ended, job};
use distmill::event::JobId;
use distmill::import::queue::{
    ClaimLimits, Filter, JobQueue, NewJob, Next, QueuedJob, State, Worker, WorkerId,
};
use distmill::store::{MemoryQueue, SqliteQueue};
use proptest::prelude::*;
use std::collections::BTreeMap;
use tempfile::TempDir;

#[derive(Clone, Debug)]
enum Call {
    Add(Vec<(u8, u8, u8, bool, i8)>),
    Claim(u8, usize),
    /// The worker's jobs by their places, and how they end.
    Finish(u8, Vec<(u8, u8)>),
    Release(u8, u8),
    Abandon(u8, u8),
    Cancel(u8),
    Retry(u8),
    Pass(i64),
}

fn call() -> impl Strategy<Value = Call> {
    let new = (0..30u8, 0..3u8, 0..3u8, any::<bool>(), -3..4i8);
    prop_oneof![
        4 => prop::collection::vec(new, 1..12).prop_map(Call::Add),
        6 => (0..2u8, 0..6usize).prop_map(|it| Call::Claim(it.0, it.1)),
        5 => (0..2u8, prop::collection::vec((0..6u8, 0..4u8), 1..5))
            .prop_map(|it| Call::Finish(it.0, it.1)),
        1 => (0..2u8, 0..6u8).prop_map(|it| Call::Release(it.0, it.1)),
        1 => (0..2u8, 0..6u8).prop_map(|it| Call::Abandon(it.0, it.1)),
        1 => (0..30u8).prop_map(Call::Cancel),
        1 => (0..30u8).prop_map(Call::Retry),
        1 => (1..40i64).prop_map(Call::Pass),
    ]
}

fn new_job((name, owner, sandbox, background, priority): (u8, u8, u8, bool, i8)) -> NewJob {
    let source = match name % 3 {
        0 => format!("gem:n{name}"),
        1 => format!("pypi:n{name}"),
        _ => format!("pypi:n{name}==1"),
    };
    NewJob {
        background,
        priority: priority.into(),
        ..job(&source, &format!("o{owner}"), &format!("s{sandbox}"))
    }
}

fn limits() -> ClaimLimits {
    ClaimLimits {
        total: Some(8),
        owner: Some(4),
        sandbox: Some(2),
        registries: BTreeMap::from([("gem".to_owned(), 3)]),
    }
}

/// One store, its two workers, and the time.
struct Run<'a> {
    queue: &'a dyn JobQueue,
    workers: [WorkerId; 2],
    now: i64,
}

impl<'a> Run<'a> {
    fn new(queue: &'a dyn JobQueue) -> Self {
        let enlist = || queue.enlist(&Worker::default(), at(1_000_000)).unwrap();
        let workers = [enlist(), enlist()];
        Self {
            queue,
            workers,
            now: 0,
        }
    }

    fn all(&self) -> Vec<QueuedJob> {
        self.queue.find(&Filter::default()).unwrap()
    }

    fn leased(&self, worker: u8) -> Vec<JobId> {
        let worker = Some(self.workers[usize::from(worker)]);
        let of = |it: &QueuedJob| it.state == State::Leased && it.worker == worker;
        let all = self.all().into_iter();
        all.filter(of).map(|it| it.id).collect()
    }

    /// Does it; the answer is all that can be seen of it.
    fn call(&mut self, call: &Call) -> String {
        let (queue, now) = (self.queue, at(self.now));
        let id = |worker: &u8| self.workers[usize::from(*worker)];
        match call {
            Call::Add(jobs) => {
                let jobs: Vec<NewJob> = jobs.iter().copied().map(new_job).collect();
                format!("{:?}", queue.add(&jobs, now).unwrap())
            }
            Call::Claim(worker, room) => {
                format!(
                    "{:?}",
                    queue.claim(id(worker), *room, &limits(), now).unwrap()
                )
            }
            Call::Finish(worker, ends) => {
                let leased = self.leased(*worker);
                let end = |(place, how): &(u8, u8)| {
                    let job = leased.get(usize::from(*place)).copied().unwrap_or(9999);
                    match how {
                        0 | 1 => ended(job, Next::Done, "imported"),
                        2 => ended(job, Next::Failed, "no-sdist"),
                        _ => ended(job, Next::Retry(at(self.now + 20)), "http-error"),
                    }
                };
                let ends: Vec<_> = ends.iter().map(end).collect();
                format!("{:?}", queue.finish(id(worker), &ends, now).unwrap())
            }
            Call::Release(worker, place) => {
                let leased = self.leased(*worker);
                let jobs = leased.get(usize::from(*place)).into_iter().copied();
                let jobs: Vec<_> = jobs.collect();
                format!("{:?}", queue.release(id(worker), &jobs, now).unwrap())
            }
            Call::Abandon(worker, place) => {
                let leased = self.leased(*worker);
                let ran = leased.get(usize::from(*place)).into_iter().copied();
                let ran: Vec<_> = ran.collect();
                let gone = queue.abandon(id(worker), Some(&ran), 2, now).unwrap();
                let next = queue.enlist(&Worker::default(), at(1_000_000)).unwrap();
                self.workers[usize::from(*worker)] = next;
                let mut back = gone.requeued;
                back.sort_unstable();
                format!("{back:?} {:?}", gone.poisoned)
            }
            Call::Cancel(job) => {
                format!(
                    "{}",
                    queue.cancel(&Filter::job((*job).into()), now).unwrap()
                )
            }
            Call::Retry(job) => {
                format!("{}", queue.retry(&Filter::job((*job).into()), now).unwrap())
            }
            Call::Pass(seconds) => {
                self.now += seconds;
                String::new()
            }
        }
    }

    fn check(&self) {
        let all = self.all();
        let count = |what: &dyn Fn(&QueuedJob) -> String| {
            let mut counts: BTreeMap<String, u32> = BTreeMap::new();
            for it in all.iter().filter(|it| it.state == State::Leased) {
                *counts.entry(what(it)).or_default() += 1;
            }
            counts
        };
        let most = |counts: BTreeMap<String, u32>| counts.into_values().max().unwrap_or(0);
        assert!(most(count(&|_| String::new())) <= 8, "in all");
        assert!(
            most(count(&|it| it.target.owner().to_owned())) <= 4,
            "owner"
        );
        let sandbox = |it: &QueuedJob| format!("{}/{}", it.target.owner(), it.sandbox);
        assert!(most(count(&sandbox)) <= 2, "sandbox");
        let by_registry = count(&|it| it.registry.clone());
        assert!(by_registry.get("gem").is_none_or(|it| *it <= 3), "registry");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn stores_agree_and_limits_hold(calls in prop::collection::vec(call(), 1..60)) {
        let dir = TempDir::new().unwrap();
        let (memory, sqlite) = (MemoryQueue::default(), SqliteQueue::open(dir.path()).unwrap());
        let (mut one, mut two) = (Run::new(&memory), Run::new(&sqlite));
        for it in &calls {
            prop_assert_eq!(one.call(it), two.call(it), "{:?}", it);
            two.check();
        }
        let text = |it: &dyn JobQueue, now| {
            let stats = distmill::import::queue::Stats {
                size_bytes: 0,
                ..it.stats(at(now)).unwrap()
            };
            let jobs = it.find(&Filter::default()).unwrap();
            let places: Vec<_> = jobs
                .iter()
                .map(|job| it.standing(job.id, at(now)).unwrap().unwrap().reasons(at(now)))
                .collect();
            (serde_json::to_string_pretty(&jobs).unwrap(), stats, places)
        };
        prop_assert_eq!(text(&memory, one.now), text(&sqlite, two.now));
    }
}
