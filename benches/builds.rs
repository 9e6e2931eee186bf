//! What it costs to dispatch a build: processor time and memory for many builds on simulated builders.
//!
//! `cargo bench --bench builds -- [BUILDS] [BUILDERS]` (10000 and 50 by default) queues builds in a
//! file, and dispatches them to builders that are names, where each build succeeds at once. Times are
//! of the whole process: store, allocator, tickets, results and their flushes. Linux only: it reads
//! `/proc`.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

use distmill::alloc::Allocator;
use distmill::alloc::pool::{Policy, Pool, PoolTag, Pools};
use distmill::alloc::starter::{Finished, InProcess as Starter, Task};
use distmill::build::dispatch::{Dispatcher, Places, Settings, Sight};
use distmill::build::entry::NewBuild;
use distmill::build::line::Limits;
use distmill::build::results::Results;
use distmill::build::runner::{Done, Halted, Order, Runner, Verdict};
use distmill::build::store::BuildStore;
use distmill::build::tags::{BASE, Rules};
use distmill::build::target::{Target, Targets};
use distmill::build::tickets::{HERE, InProcess};
use distmill::model::Project;
use distmill::store::{MemoryTickets, SqliteBuilds};
use distmill::sync::StopToken;
use jiff::Timestamp;
use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tempfile::TempDir;
use tokio::runtime::Handle;

/// Every attempt succeeds, one after the other on a few threads.
struct AtOnce(Handle);

impl Runner for AtOnce {
    fn begin(&self, _: Order, _: Halted, done: Done) {
        self.0.spawn_blocking(move || done(Verdict::Succeeded));
    }
}

fn build(n: usize) -> NewBuild {
    NewBuild {
        project: Project::new(&format!("owner{}", n % 7), "project").unwrap(),
        package: format!("package-{n}"),
        evr: "1-1".to_owned(),
        commit: None,
        srpm: format!("/srpms/package-{n}-1-1.src.rpm").into(),
        target: "fedora-42-x86_64".to_owned(),
        sandbox: format!("owner{}/project", n % 7),
        priority: 0,
        background: n.is_multiple_of(2),
        run: None,
    }
}

fn allocator(builders: u32) -> Allocator {
    let pool = Pool {
        max: builders,
        max_starting: builders,
        max_prealloc: builders,
        reuse_opportunity_time: Duration::from_secs(3600),
        tags: [BASE, "arch_x86_64"].map(PoolTag::new).into(),
        ..Pool::named("names")
    };
    let starter = Starter::new(|order| match &order.task {
        Task::Start(resource) => Finished::ok(format!("{}\n", resource.name)),
        _ => Finished::ok([]),
    });
    let pools = Pools::new([pool], Policy::default()).unwrap();
    Allocator::start(pools, Arc::new(MemoryTickets::default()), Arc::new(starter)).unwrap()
}

fn settings() -> Settings {
    let target = Target::named("fedora-42-x86_64");
    Settings {
        targets: Targets::from([(target.name.clone(), Arc::new(target))]),
        rules: Rules::new(BASE, Vec::new()).0,
        limits: Limits::default(),
        command: Arc::new("true".parse().unwrap()),
        clones: Places::Folder("/git".into()),
        time_limit: Duration::from_secs(60),
        max_log: u64::MAX,
        losses: 3,
        pause: Duration::from_secs(1),
        refresh: Duration::from_secs(60),
        createrepo: None,
        follow: false,
    }
}

/// Kilobytes of a line of `/proc/self/status`.
fn status(name: &str) -> u64 {
    let text = fs::read_to_string("/proc/self/status").unwrap();
    let line = text.lines().find(|it| it.starts_with(name)).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

/// Processor time of the process.
fn processor() -> Duration {
    let text = fs::read_to_string("/proc/self/stat").unwrap();
    let fields: Vec<&str> = text.rsplit(") ").next().unwrap().split(' ').collect();
    let ticks: u64 = fields[11].parse::<u64>().unwrap() + fields[12].parse::<u64>().unwrap();
    Duration::from_millis(ticks * 10)
}

fn main() {
    let numbers: Vec<usize> = std::env::args()
        .skip(1)
        .filter_map(|it| it.parse().ok())
        .collect();
    let builds = numbers.first().copied().unwrap_or(10_000);
    let builders = numbers.get(1).copied().unwrap_or(50);
    // In memory, so that the processor is measured and not the disk.
    let dir = TempDir::new_in(Path::new("/dev/shm"))
        .or_else(|_| TempDir::new())
        .unwrap();
    let store = SqliteBuilds::open(&dir.path().join("builds")).unwrap();
    for chunk in (0..builds).collect::<Vec<_>>().chunks(5000) {
        let chunk: Vec<NewBuild> = chunk.iter().map(|n| build(*n)).collect();
        store.add(&chunk, false, Timestamp::now()).unwrap();
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .max_blocking_threads(2)
        .enable_all()
        .build()
        .unwrap();
    let allocator = allocator(u32::try_from(builders).unwrap());
    let (ended, most_threads, half) = (AtomicUsize::new(0), AtomicUsize::new(0), AtomicU64::new(0));
    let (begun, spent) = (Instant::now(), processor());
    let dispatcher = Dispatcher {
        store: &store,
        tickets: &InProcess::new(allocator, HERE),
        runner: &AtOnce(runtime.handle().clone()),
        results: &Results::at(&dir.path().join("results")),
        settings: &settings(),
        runtime: runtime.handle(),
        stop: &StopToken::default(),
        show: &|sight| {
            if let Sight::Ended(_) = sight {
                let count = ended.fetch_add(1, Ordering::Relaxed) + 1;
                if count == builds / 2 {
                    half.store(status("VmRSS"), Ordering::Relaxed);
                    most_threads.store(status("Threads") as usize, Ordering::Relaxed);
                }
            }
        },
        more: &AtomicBool::new(false),
    };
    dispatcher.run().unwrap();
    let (wall, spent) = (begun.elapsed(), processor() - spent);
    assert_eq!(ended.into_inner(), builds);
    println!(
        "{builds} builds on {builders} builders in {:.1} s",
        wall.as_secs_f64()
    );
    println!(
        "processor: {:.3} ms a build",
        spent.as_secs_f64() * 1e3 / builds as f64
    );
    println!(
        "memory: {} MiB in the middle, {} MiB at the end, {} MiB at most; {} threads",
        half.into_inner() / 1024,
        status("VmRSS") / 1024,
        status("VmHWM") / 1024,
        most_threads.into_inner()
    );
}
