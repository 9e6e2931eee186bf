//! What a job costs in a queue of 10,000 and in one of 1,000,000.
//!
//! `cargo bench --bench queue -- [JOBS] [MANY]` (10000 and 1000000 by default) fills a queue in a
//! file, hands jobs out and takes their results, in batches of 1000, each one transaction and one
//! flush, as group commit makes them when jobs end by the thousand. Once the names are in order, as
//! registries list them, and once in none. Linux only: it reads `/proc`.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

use distmill::import::queue::{
    ClaimLimits, Ended, JobQueue, Making, NewJob, Next, Record, Target, Worker,
};
use distmill::model::{BranchName, Project};
use distmill::store::SqliteQueue;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

/// Jobs that are added at once, as the program does.
const ADDED: usize = 50_000;
/// Jobs that are handed out at once, and end together.
const BATCH: usize = 1000;
/// Jobs that go through in each size.
const THROUGH: usize = 50_000;

/// Microseconds a job, or a call.
struct Costs {
    add: f64,
    claim: f64,
    finish: f64,
    /// Time of the processor for claim and finish; the rest is waiting, for the disk above all.
    cpu: f64,
    single: f64,
    stats: f64,
    why: f64,
}

fn main() {
    let numbers = std::env::args().skip(1).filter_map(|it| it.parse().ok());
    let mut sizes: Vec<usize> = numbers.collect();
    if sizes.is_empty() {
        sizes = vec![10_000, 1_000_000];
    }
    println!(
        "{:>8} {:>8} {:>8} {:>8} {:>8} {:>8} {:>9} {:>8} {:>8} {:>8} {:>8} {:>8}",
        "jobs",
        "order",
        "add",
        "claim",
        "finish",
        "of it cpu",
        "claim 1",
        "stats",
        "why",
        "both/s",
        "MB",
        "MiB peak"
    );
    for jobs in sizes {
        measure(jobs, Order::Names);
        measure(jobs, Order::None);
    }
}

/// The order of the names.
#[derive(Clone, Copy)]
enum Order {
    Names,
    None,
}

fn measure(jobs: usize, order: Order) {
    let dir = TempDir::new_in(env!("CARGO_TARGET_TMPDIR")).unwrap();
    let queue = SqliteQueue::open(dir.path()).unwrap();
    let targets: Vec<Arc<Target>> = (0..10).map(target).collect();
    let started = Instant::now();
    for first in (0..jobs).step_by(ADDED) {
        let batch: Vec<NewJob> = (first..jobs.min(first + ADDED))
            .map(|n| job(n, order, &targets))
            .collect();
        queue.add(&batch, Timestamp::now()).unwrap();
    }
    let add = started.elapsed();
    let until = Timestamp::now() + Duration::from_secs(100_000);
    let me = queue.enlist(&Worker::default(), until).unwrap();
    let limits = ClaimLimits {
        registries: BTreeMap::from([("gem".to_owned(), 1000)]),
        ..ClaimLimits::default()
    };
    let (mut claim, mut finish, mut through) = (Duration::ZERO, Duration::ZERO, 0);
    let cpu = cpu_seconds();
    while through < THROUGH.min(jobs * 9 / 10) {
        let started = Instant::now();
        let claimed = queue
            .claim(me, BATCH, &limits, Timestamp::now())
            .unwrap()
            .jobs;
        claim += started.elapsed();
        let ended: Vec<Ended> = claimed.iter().map(|it| ended(it.id)).collect();
        let started = Instant::now();
        assert!(
            queue
                .finish(me, &ended, Timestamp::now())
                .unwrap()
                .is_empty()
        );
        finish += started.elapsed();
        through += claimed.len();
    }
    let cpu = cpu_seconds() - cpu;
    let time = |call: &dyn Fn()| {
        let started = Instant::now();
        (0..50).for_each(|_| call());
        micros(started.elapsed(), 50)
    };
    let single = time(&|| {
        let got = queue.claim(me, 1, &limits, Timestamp::now()).unwrap();
        assert_eq!(got.jobs.len(), 1);
    });
    let stats = time(&|| {
        let stats = queue.stats(Timestamp::now()).unwrap();
        assert_eq!(stats.done["imported"], through as u64);
    });
    let last = jobs as u64;
    let why = time(&|| assert!(queue.standing(last, Timestamp::now()).unwrap().is_some()));
    let costs = Costs {
        add: micros(add, jobs),
        claim: micros(claim, through),
        finish: micros(finish, through),
        cpu: cpu * 1e6 / through as f64,
        single,
        stats,
        why,
    };
    print(jobs, order, through, claim + finish, &costs, &dir);
}

fn print(jobs: usize, order: Order, through: usize, both: Duration, costs: &Costs, dir: &TempDir) {
    let size = |name: &str| fs::metadata(dir.path().join(name)).map_or(0, |it| it.len());
    let size = size("queue.sqlite") + size("queue.sqlite-wal");
    println!(
        "{jobs:>8} {:>8} {:>5.1} µs {:>5.1} µs {:>5.1} µs {:>5.1} µs {:>6.0} µs {:>5.0} µs {:>5.0} µs {:>8.0} {:>8.1} {:>8}",
        match order {
            Order::Names => "names",
            Order::None => "none",
        },
        costs.add,
        costs.claim,
        costs.finish,
        costs.cpu,
        costs.single,
        costs.stats,
        costs.why,
        through as f64 / both.as_secs_f64(),
        size as f64 / 1e6,
        high_water_kib() / 1024
    );
}

fn target(number: usize) -> Arc<Target> {
    Arc::new(Target {
        project: Project::new(&format!("owner{number}"), "rebuild").unwrap(),
        branches: vec![
            BranchName::new("f42").unwrap(),
            BranchName::new("main").unwrap(),
        ],
        making: Making::default(),
    })
}

/// One of ten owners, each with ten sandboxes, from one of two registries.
fn job(n: usize, order: Order, targets: &[Arc<Target>]) -> NewJob {
    let word = match order {
        Order::Names => n,
        // Each number once, all over the place.
        Order::None => n.wrapping_mul(0x9e37_79b1) & 0xff_ffff,
    };
    let scheme = if n.is_multiple_of(3) { "gem" } else { "pypi" };
    NewJob {
        source: format!("{scheme}:{word:06x}-package==1.0.{n}")
            .parse()
            .unwrap(),
        digest: None,
        target: Arc::clone(&targets[n % 10]),
        sandbox: format!("sandbox{}", n / 10 % 10).into(),
        priority: 0,
        background: n.is_multiple_of(7),
        run: None,
    }
}

/// A result of the size that real ones have.
fn ended(id: u64) -> Ended {
    let commit = "0123456789abcdef0123456789abcdef01234567".to_owned();
    let commits = ["f42", "main"].map(|it| (it.to_owned(), commit.clone()));
    let stages = ["resolve", "fetch", "read", "spec", "srpm", "commit"];
    Ended {
        id,
        next: Next::Done,
        record: Record {
            state: "imported".to_owned(),
            package: Some(format!("python-package-number-{id}")),
            evr: Some("1.0.1-1".to_owned()),
            branch_commits: commits.into(),
            srpm: Some(
                format!("/srv/distmill/srpms/owner/rebuild/python-package-{id}.src.rpm").into(),
            ),
            size_bytes: 12_345,
            seconds: 0.123_456,
            stages: stages.map(|it| (it.to_owned(), 0.012_345)).into(),
            ..Record::default()
        },
    }
}

fn micros(time: Duration, by: usize) -> f64 {
    time.as_secs_f64() * 1e6 / by as f64
}

/// Time that the processor spent on this process, in user and system mode.
fn cpu_seconds() -> f64 {
    let text = fs::read_to_string("/proc/self/stat").unwrap();
    let fields = text.rsplit(')').next().unwrap().split_whitespace();
    let ticks = fields.skip(11).take(2).map(|it| it.parse::<f64>().unwrap());
    // The kernel counts in hundredths, whatever its own clock is.
    ticks.sum::<f64>() / 100.0
}

/// The highest resident set so far.
fn high_water_kib() -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|it| it.starts_with("VmHWM:")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}
