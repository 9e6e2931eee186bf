//! The dispatcher with simulated builders: every build ends once, every ticket is closed, and what
//! waits costs next to nothing.

use crate::support::builds::new_build;
use crossbeam_channel::{Receiver, Sender, unbounded};
use distmill::alloc::Allocator;
use distmill::alloc::pool::{Policy, Pool, PoolTag, Pools};
use distmill::alloc::starter::{Finished, InProcess as Starter, Task};
use distmill::build::dispatch::{Dispatcher, Places, Settings, Sight};
use distmill::build::entry::{Build, BuildId, NewBuild};
use distmill::build::line::Limits;
use distmill::build::results::Results;
use distmill::build::runner::{Done, Halted, Order, Runner, Verdict};
use distmill::build::state::State;
use distmill::build::store::{
    Added, BuildStore, BuildStoreError, Counts, Filter, Move, TicketChange, TicketName,
};
use distmill::build::tags::{BASE, Rule, Rules};
use distmill::build::target::{Target, Targets};
use distmill::build::tickets::{HERE, InProcess};
use distmill::store::{MemoryBuilds, MemoryTickets};
use distmill::sync::{Bell, StopLevel, StopToken};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tempfile::TempDir;

type Judge = dyn Fn(&Order, &Halted) -> Option<Verdict> + Send + Sync;

/// A runner that asks a function how an attempt goes; an attempt without an answer goes on until it
/// is halted.
struct Simulated {
    judge: Box<Judge>,
    orders: Sender<(Order, Halted, Done)>,
    left: Receiver<(Order, Halted, Done)>,
    seen: Mutex<Vec<(String, String)>>,
}

impl Simulated {
    fn new(judge: impl Fn(&Order, &Halted) -> Option<Verdict> + Send + Sync + 'static) -> Self {
        let (orders, left) = unbounded();
        Self {
            judge: Box::new(judge),
            orders,
            left,
            seen: Mutex::default(),
        }
    }

    /// One thread for all builders.
    fn work(&self) {
        while let Ok((order, mut halted, done)) = self.left.recv() {
            if order.name.is_empty() {
                return;
            }
            match (self.judge)(&order, &halted) {
                Some(verdict) => done(verdict),
                None => {
                    std::thread::spawn(move || {
                        let runtime = tokio::runtime::Builder::new_current_thread();
                        let runtime = { runtime }.build().unwrap();
                        runtime.block_on(async { drop(halted.wait_for(|it| *it).await) });
                        done(Verdict::Halted);
                    });
                }
            }
        }
    }

    fn machines(&self) -> BTreeMap<String, Vec<String>> {
        let mut out: BTreeMap<String, Vec<String>> = BTreeMap::new();
        for (package, machine) in self.seen.lock().unwrap().iter() {
            out.entry(package.clone())
                .or_default()
                .push(machine.clone());
        }
        out
    }
}

impl Runner for Simulated {
    fn begin(&self, order: Order, halted: Halted, done: Done) {
        let seen = (order.values.0[5].clone(), order.machine.name.clone());
        self.seen.lock().unwrap().push(seen);
        self.orders.send((order, halted, done)).unwrap();
    }
}

/// Everything that a dispatcher needs, with builders that are names.
struct Bench {
    dir: TempDir,
    store: MemoryBuilds,
    allocator: Allocator,
    settings: Settings,
    stop: StopToken,
}

fn pool(name: &str, max: u32, tags: &[&str]) -> Pool {
    Pool {
        max,
        max_starting: max,
        max_prealloc: max,
        tags: tags.iter().map(|it| PoolTag::new(it)).collect(),
        ..Pool::named(name)
    }
}

impl Bench {
    fn new(pools: Vec<Pool>) -> Self {
        Self::with_outputs(pools, |name| format!("{name}\n"))
    }

    /// Builders whose tickets say this of them.
    fn with_outputs(
        pools: Vec<Pool>,
        output: impl Fn(&str) -> String + Send + Sync + 'static,
    ) -> Self {
        let starter = Starter::new(move |order| match &order.task {
            Task::Start(resource) => Finished::ok(output(&resource.name)),
            _ => Finished::ok([]),
        });
        let pools = Pools::new(pools, Policy::default()).unwrap();
        let tickets = Arc::new(MemoryTickets::default());
        let target = Target::named("t-x86_64");
        let rule = Rule {
            pattern: "big/".to_owned(),
            tags: vec!["powerful".to_owned()],
        };
        Self {
            dir: TempDir::new_in("/dev/shm")
                .or_else(|_| TempDir::new())
                .unwrap(),
            store: MemoryBuilds::default(),
            allocator: Allocator::start(pools, tickets, Arc::new(starter)).unwrap(),
            settings: Settings {
                targets: Targets::from([(target.name.clone(), Arc::new(target))]),
                rules: Rules::new(BASE, vec![rule]).0,
                limits: Limits::default(),
                command: Arc::new("true".parse().unwrap()),
                clones: Places::Folder("/git".into()),
                time_limit: Duration::from_secs(60),
                max_log: u64::MAX,
                losses: 3,
                pause: Duration::from_millis(1),
                refresh: Duration::from_secs(60),
                createrepo: None,
                follow: false,
            },
            stop: StopToken::default(),
        }
    }

    fn add(&self, builds: &[NewBuild]) {
        self.store.add(builds, false, Timestamp::now()).unwrap();
    }

    /// Dispatches until nothing is left to do; the answer is the builds that ended, in their order.
    fn run(&self, runner: &Simulated, see: impl Fn(&Sight<'_>)) -> Vec<Build> {
        self.run_on(&self.store, runner, see)
    }

    fn run_on(
        &self,
        store: &dyn BuildStore,
        runner: &Simulated,
        see: impl Fn(&Sight<'_>),
    ) -> Vec<Build> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .max_blocking_threads(2)
            .enable_all()
            .build()
            .unwrap();
        let results = Results::at(&self.dir.path().join("results"));
        let ended = Mutex::new(Vec::new());
        std::thread::scope(|scope| {
            scope.spawn(|| runner.work());
            let dispatcher = Dispatcher {
                store,
                tickets: &InProcess::new(self.allocator.clone(), HERE),
                runner,
                results: &results,
                settings: &self.settings,
                runtime: runtime.handle(),
                stop: &self.stop,
                show: &|sight| {
                    see(&sight);
                    if let Sight::Ended(build) = sight {
                        ended.lock().unwrap().push(build.clone());
                    }
                },
                more: &AtomicBool::new(false),
            };
            let result = dispatcher.run();
            let (_, halted) = distmill::build::runner::Halt::pair();
            let end = Order {
                name: String::new(),
                machine: distmill::build::machine::Machine::parse(b"x").unwrap(),
                command: Arc::clone(&self.settings.command),
                values: distmill::build::command::Values::default(),
                srpm: "x".into(),
                folder: "x".into(),
                time_limit: Duration::ZERO,
                max_log: 0,
            };
            runner.orders.send((end, halted, Box::new(drop))).unwrap();
            result.unwrap();
        });
        assert!(self.store.tickets().unwrap().is_empty(), "a ticket is open");
        let open = self.allocator.tickets().unwrap();
        assert!(open.is_empty(), "{open:?}");
        ended.into_inner().unwrap()
    }

    fn packages(&self, project: &str, count: usize) -> Vec<NewBuild> {
        let package = |n| new_build(project, &format!("p{n}"), "t-x86_64");
        (0..count).map(package).collect()
    }
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").unwrap().count()
}

const PLAIN: &[&str] = &["copr_builder", "arch_x86_64"];

#[test]
fn ten_thousand_builds_end_once_each_on_fifty_builders_without_threads_of_their_own() {
    let bench = Bench::new(vec![pool("plain", 50, PLAIN)]);
    let builds = bench.packages("a/x", 10_000);
    bench.add(&builds);
    let runner = Simulated::new(|_, _| Some(Verdict::Succeeded));
    let most = Mutex::new((0, 0, 0));
    let before = threads();
    let ended = bench.run(&runner, |sight| {
        if let Sight::Counts(_, waiting, running) = sight {
            let mut most = most.lock().unwrap();
            let threads = threads();
            *most = (
                most.0.max(*waiting),
                most.1.max(*running),
                most.2.max(threads),
            );
        }
    });
    assert_eq!(ended.len(), 10_000);
    let ids: BTreeSet<u64> = ended.iter().map(|it| it.id).collect();
    assert_eq!(ids.len(), 10_000);
    assert!(ended.iter().all(|it| it.state() == State::Finished));
    let (waiting, running, threads) = most.into_inner().unwrap();
    assert!(waiting <= 100, "{waiting} tickets were asked for ahead");
    assert!(running <= 50, "{running} ran on fifty builders");
    // Other tests have threads too: a few are not the ten thousand.
    assert!(threads < before + 100, "{threads} threads, {before} before");
    let machines = runner.machines();
    assert!(machines.values().all(|it| it.len() == 1));
}

#[test]
fn a_lost_builder_is_not_used_again_and_three_set_a_build_aside() {
    let bench = Bench::new(vec![pool("plain", 5, PLAIN)]);
    bench.add(&bench.packages("a/x", 20));
    // `p7` loses every builder, every fifth its first one.
    let tries: Mutex<BTreeMap<String, u32>> = Mutex::default();
    let runner = Simulated::new(move |order, _| {
        let package = order.values.0[5].clone();
        let mut tries = tries.lock().unwrap();
        let count = tries.entry(package.clone()).or_default();
        *count += 1;
        let is_lost = package == "p7" || package.ends_with('5') && *count == 1;
        Some(match is_lost {
            true => Verdict::Lost("it burns".to_owned()),
            false => Verdict::Succeeded,
        })
    });
    let ended = bench.run(&runner, |_| ());
    assert_eq!(ended.len(), 20);
    for build in &ended {
        let package = build.what.package.as_str();
        let machines = &runner.machines()[package];
        let distinct: BTreeSet<&String> = machines.iter().collect();
        assert_eq!(
            distinct.len(),
            machines.len(),
            "{package} came back to a machine"
        );
        let (state, lost) = match package {
            "p7" => (State::SetAside, 3),
            "p5" | "p15" => (State::Finished, 1),
            _ => (State::Finished, 0),
        };
        assert_eq!(
            (build.state(), build.trace.lost.len()),
            (state, lost),
            "{package}"
        );
    }
    let aside = ended.iter().find(|it| it.what.package == "p7").unwrap();
    assert_eq!(aside.code.as_deref(), Some("builder-lost"));
    let message = aside.trace.message.as_deref().unwrap();
    assert!(
        message.contains("3 builders were lost") && message.contains("it burns"),
        "{message}"
    );
}

#[test]
fn another_name_at_the_address_of_a_lost_builder_is_passed_over() {
    let started = AtomicUsize::new(0);
    // Two names at one dead address, then one elsewhere.
    let bench = Bench::with_outputs(vec![pool("plain", 1, PLAIN)], move |name| {
        let host = match started.fetch_add(1, Ordering::Relaxed) {
            0 | 1 => "dead",
            _ => "alive",
        };
        format!("---\nhost: {host}\nname: {name}\nssh_port: 22\n")
    });
    bench.add(&bench.packages("a/x", 1));
    let runner = Simulated::new(|order, _| {
        Some(match order.machine.host.as_str() {
            "dead" => Verdict::Lost("it burns".to_owned()),
            _ => Verdict::Succeeded,
        })
    });
    let ended = bench.run(&runner, |_| ());
    let trace = &ended[0].trace;
    assert_eq!(ended[0].state(), State::Finished);
    assert_eq!(
        (trace.attempts, trace.lost.len(), trace.refusals),
        (2, 1, 1)
    );
    assert_eq!(trace.lost_at, ["dead:22"]);
}

#[test]
fn rules_send_builds_to_builders_with_all_their_tags() {
    let powerful = [PLAIN, &["powerful"]].concat();
    let bench = Bench::new(vec![pool("plain", 2, PLAIN), pool("strong", 1, &powerful)]);
    bench.add(&bench.packages("a/x", 5));
    bench.add(&bench.packages("big/x", 3));
    let runner = Simulated::new(|_, _| Some(Verdict::Succeeded));
    let ended = bench.run(&runner, |_| ());
    assert_eq!(ended.len(), 8);
    for build in ended {
        let is_big = build.what.project.owner() == "big";
        let builder = build.trace.builder.unwrap();
        assert_eq!(build.trace.tags.contains(&"powerful".to_owned()), is_big);
        assert!(!is_big || builder.starts_with("strong"), "{builder}");
    }
}

#[test]
fn a_builder_that_is_taken_away_ends_the_attempt_and_not_the_build() {
    let bench = Bench::new(vec![pool("plain", 1, PLAIN)]);
    bench.add(&bench.packages("a/x", 1));
    let first = Mutex::new(true);
    let runner = Simulated::new(move |_, _| {
        let is_first = std::mem::replace(&mut *first.lock().unwrap(), false);
        (!is_first).then_some(Verdict::Succeeded)
    });
    let allocator = bench.allocator.clone();
    let ended = bench.run(&runner, |sight| {
        if let Sight::Begun(build, _) = sight
            && build.trace.attempts == 1
        {
            let ticket = build.trace.ticket.as_ref().unwrap().parse().unwrap();
            let killer = allocator.clone();
            std::thread::spawn(move || killer.kill_ticket(ticket, "taken by hand").unwrap());
        }
    });
    assert_eq!(ended[0].state(), State::Finished);
    assert_eq!((ended[0].trace.attempts, ended[0].trace.lost.len()), (2, 1));
}

#[test]
fn what_runs_is_cancelled_and_what_is_stopped_goes_back() {
    let bench = Bench::new(vec![pool("plain", 2, PLAIN)]);
    bench.add(&bench.packages("a/x", 4));
    let runner = Simulated::new(|_, _| None);
    let begun = Mutex::new(Vec::new());
    let ended = bench.run(&runner, |sight| {
        if let Sight::Begun(build, _) = sight {
            let mut begun = begun.lock().unwrap();
            begun.push(build.id);
            match begun.len() {
                // The first that runs and one that waits are cancelled.
                2 => {
                    let filter = Filter {
                        builds: Some(vec![begun[0], 4]),
                        ..Filter::default()
                    };
                    assert_eq!(bench.store.cancel(&filter, Timestamp::now()).unwrap(), 2);
                }
                3 => {
                    bench.stop.raise(StopLevel::Drain);
                    bench.stop.raise(StopLevel::Stop);
                }
                _ => {}
            }
        }
    });
    let begun = begun.into_inner().unwrap();
    assert_eq!(begun.len(), 3);
    let states: BTreeMap<u64, State> = ended.iter().map(|it| (it.id, it.state())).collect();
    assert_eq!(
        states,
        BTreeMap::from([(begun[0], State::Cancelled), (4, State::Cancelled)])
    );
    let filter = Filter {
        states: Some(vec![State::Queued]),
        ..Filter::default()
    };
    let queued = bench.store.find(&filter).unwrap();
    assert_eq!(queued.len(), 2);
    assert!(
        queued
            .iter()
            .all(|it| it.trace.attempts == 0 && it.trace.lost.is_empty())
    );
}

#[test]
fn a_target_that_is_gone_fails_its_builds_and_no_others() {
    let bench = Bench::new(vec![pool("plain", 2, PLAIN)]);
    bench.add(&[
        new_build("a/x", "p", "gone-x86_64"),
        new_build("a/x", "p", "t-x86_64"),
    ]);
    let runner = Simulated::new(|_, _| Some(Verdict::Failed(7)));
    let ended = bench.run(&runner, |_| ());
    let codes: BTreeMap<u64, String> = ended
        .iter()
        .map(|it| (it.id, it.code.clone().unwrap()))
        .collect();
    assert_eq!(codes[&1], "build-settings");
    assert_eq!(codes[&2], "build-failed");
}

/// A store where somebody cancels a build in the moment before it goes back into the queue.
struct Racing<'a>(&'a MemoryBuilds, AtomicBool);

impl BuildStore for Racing<'_> {
    fn write(
        &self,
        moves: &[Move],
        tickets: &[TicketChange],
    ) -> Result<Vec<BuildId>, BuildStoreError> {
        let back = |it: &&Move| it.from == State::Running && it.build.state() == State::Queued;
        if let Some(it) = moves.iter().find(back)
            && !self.1.swap(true, Ordering::Relaxed)
        {
            let filter = Filter {
                builds: Some(vec![it.build.id]),
                ..Filter::default()
            };
            assert_eq!(self.0.cancel(&filter, Timestamp::now())?, 1);
        }
        self.0.write(moves, tickets)
    }

    fn add(
        &self,
        builds: &[NewBuild],
        again: bool,
        now: Timestamp,
    ) -> Result<Vec<Added>, BuildStoreError> {
        self.0.add(builds, again, now)
    }

    fn changed(&self, after: u64, limit: usize) -> Result<Vec<(u64, Build)>, BuildStoreError> {
        self.0.changed(after, limit)
    }

    fn last_change(&self) -> Result<u64, BuildStoreError> {
        self.0.last_change()
    }

    fn build(&self, id: BuildId) -> Result<Option<Build>, BuildStoreError> {
        self.0.build(id)
    }

    fn find(&self, filter: &Filter) -> Result<Vec<Build>, BuildStoreError> {
        self.0.find(filter)
    }

    fn count(&self, filter: &Filter) -> Result<Counts, BuildStoreError> {
        self.0.count(filter)
    }

    fn tickets(&self) -> Result<Vec<(TicketName, BuildId)>, BuildStoreError> {
        self.0.tickets()
    }

    fn cancel(&self, filter: &Filter, now: Timestamp) -> Result<u64, BuildStoreError> {
        self.0.cancel(filter, now)
    }

    fn retry(&self, filter: &Filter, now: Timestamp) -> Result<u64, BuildStoreError> {
        self.0.retry(filter, now)
    }

    fn bell(&self) -> &Arc<Bell> {
        self.0.bell()
    }
}

#[test]
fn a_build_that_is_cancelled_as_it_goes_back_is_not_built() {
    let bench = Bench::new(vec![pool("plain", 2, PLAIN)]);
    bench.add(&bench.packages("a/x", 1));
    let first = Mutex::new(true);
    let runner = Simulated::new(move |_, _| {
        let is_first = std::mem::replace(&mut *first.lock().unwrap(), false);
        Some(match is_first {
            true => Verdict::Lost("it burns".to_owned()),
            false => Verdict::Succeeded,
        })
    });
    let store = Racing(&bench.store, AtomicBool::new(false));
    let ended = bench.run_on(&store, &runner, |_| ());
    assert_eq!(ended.len(), 1);
    assert_eq!(ended[0].state(), State::Cancelled);
    let kept = bench.store.build(1).unwrap().unwrap();
    assert_eq!(kept.state(), State::Cancelled);
}

#[test]
fn what_this_machine_cannot_do_is_not_tried_for_ever() {
    let bench = Bench::new(vec![pool("plain", 2, PLAIN)]);
    bench.add(&bench.packages("a/x", 2));
    // One finds no room here, which passes; the other fails here for ever.
    let rooms = Mutex::new(0);
    let runner = Simulated::new(move |order, _| {
        Some(match order.values.0[5].as_str() {
            "p0" => Verdict::Trouble("a bug".to_owned()),
            _ => {
                let mut rooms = rooms.lock().unwrap();
                *rooms += 1;
                match *rooms {
                    ..8 => Verdict::NoRoom("full".to_owned()),
                    _ => Verdict::Succeeded,
                }
            }
        })
    });
    let ended = bench.run(&runner, |_| ());
    let by_package = |name: &str| ended.iter().find(|it| it.what.package == name).unwrap();
    let (trouble, room) = (by_package("p0"), by_package("p1"));
    assert_eq!(trouble.state(), State::SetAside);
    assert_eq!(trouble.code.as_deref(), Some("build-trouble"));
    assert_eq!(trouble.trace.attempts, 5);
    assert_eq!((room.state(), room.trace.attempts), (State::Finished, 8));
}

#[test]
fn a_pause_of_all_builds_that_ends_before_the_dispatcher_sleeps_is_over() {
    let mut bench = Bench::new(vec![pool("plain", 1, PLAIN)]);
    bench.settings.pause = Duration::from_millis(50);
    bench.add(&bench.packages("a/x", 1));
    let full = AtomicBool::new(true);
    let runner = Simulated::new(move |_, _| {
        Some(match full.swap(false, Ordering::SeqCst) {
            true => Verdict::NoRoom("full".to_owned()),
            false => Verdict::Succeeded,
        })
    });
    // It is held up when the ticket is closed, and nothing else will wake it.
    let (is_full, looks) = (AtomicBool::new(false), AtomicUsize::new(0));
    let ended = bench.run(&runner, |sight| match sight {
        Sight::Notice(_) => is_full.store(true, Ordering::SeqCst),
        Sight::Counts(..)
            if is_full.load(Ordering::SeqCst) && looks.fetch_add(1, Ordering::SeqCst) == 2 =>
        {
            std::thread::sleep(Duration::from_millis(100));
        }
        _ => {}
    });
    assert_eq!(ended[0].state(), State::Finished);
}
