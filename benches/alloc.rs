//! What a decision costs with 1,000 resources and 100,000 waiting tickets, after no history and
//! after one of 1,000,000 ended tickets and resources.
//!
//! `cargo bench --bench alloc -- [ENDED]…` (0 and 1000000 by default). In each round 64 tickets are
//! closed, as many are taken, and 64 are served; starts and deletions end at once. `decide` is the
//! time of the decisions alone, `all` is that of taking, closing, deciding, telling, and of the
//! reports of starts and deletions; `write` is the transaction in SQLite, its flush included.

#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::expect_used)]

use distmill::alloc::Rounds;
use distmill::alloc::pool::{Policy, Pool, PoolTag, Pools};
use distmill::alloc::resource::{Resource, ResourceId, Seed};
use distmill::alloc::starter::{Finished, Order, Task};
use distmill::alloc::store::{Change, TicketStore};
use distmill::alloc::ticket::{Request, Ticket, TicketId};
use distmill::store::SqliteTickets;
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const POOLS: u64 = 20;
const RESOURCES: u32 = 1000;
const WAITING: u64 = 100_000;
const BATCH: u64 = 64;
const ROUNDS: u64 = 500;

fn main() {
    let numbers = std::env::args().skip(1).filter_map(|it| it.parse().ok());
    let mut sizes: Vec<u64> = numbers.collect();
    if sizes.is_empty() {
        sizes = vec![0, 1_000_000];
    }
    println!(
        "{:>8} {:>10} {:>12} {:>12} {:>12} {:>12} {:>12} {:>10}",
        "ended", "owners", "decide/s", "us/decision", "all/s", "us/all", "us/write", "load ms"
    );
    for ended in sizes {
        let dir = TempDir::new().unwrap();
        let store = SqliteTickets::open(&dir.path().join("tickets.sqlite")).unwrap();
        fill(&store, ended);
        for owners in [0, 100] {
            Farm::new(&store, owners).measure(ended, owners);
        }
    }
}

fn start() -> Timestamp {
    Timestamp::from_second(1_700_000_000).unwrap()
}

/// Tickets and resources that have ended, half of each.
fn fill(store: &SqliteTickets, ended: u64) {
    let mut changes = Vec::new();
    for id in 1..=ended / 2 {
        let mut ticket = Ticket::new(TicketId(id), Request::new(["on_demand", "x86_64"]), start());
        ticket.serve(ResourceId(id), start()).unwrap();
        ticket.close(start());
        let seed = Seed {
            id: ResourceId(id),
            name: format!("pool00_{id:08}_20231114_221320").into(),
            pool: "pool00".into(),
            id_in_pool: 0,
            counters: BTreeMap::new(),
            offer: pool(0).offer(),
        };
        let mut resource = Resource::new(seed, start());
        resource.come_up(Arc::from(*b"host"), start()).unwrap();
        resource.ask_deletion().unwrap();
        resource.delete().unwrap();
        resource.end(start()).unwrap();
        changes.extend([Change::Ticket(ticket), Change::Resource(resource)]);
        if changes.len() >= 20_000 {
            store.write(&std::mem::take(&mut changes)).unwrap();
        }
    }
    store.write(&changes).unwrap();
}

fn pool(number: u64) -> Pool {
    Pool {
        tags_on_demand: vec![
            PoolTag::new("on_demand"),
            PoolTag::with_priority(&format!("pool-{number}"), 3),
        ],
        tags: vec![
            PoolTag::new("x86_64"),
            PoolTag::new(&format!("arch-{}", number % 4)),
        ],
        max: RESOURCES / u32::try_from(POOLS).unwrap(),
        max_starting: RESOURCES,
        reuse_opportunity_time: Duration::from_secs(10),
        ..Pool::named(&format!("pool{number:02}"))
    }
}

/// The farm, and the tickets that have a resource, the oldest first.
struct Farm<'a> {
    rounds: Rounds,
    store: &'a SqliteTickets,
    now: Timestamp,
    served: VecDeque<TicketId>,
    taken: u64,
    owners: u64,
    load: Duration,
}

impl<'a> Farm<'a> {
    fn new(store: &'a SqliteTickets, owners: u64) -> Self {
        let begun = Instant::now();
        let mut living = store.load().unwrap();
        let load = begun.elapsed();
        // The second farm in one store begins with nothing that lives, too.
        living.tickets.clear();
        living.resources.clear();
        let pools = Pools::new((0..POOLS).map(pool), Policy::default()).unwrap();
        let mut farm = Self {
            rounds: Rounds::new(pools, living, start()),
            store,
            now: start(),
            served: VecDeque::new(),
            taken: 0,
            owners,
            load,
        };
        for _ in 0..WAITING + u64::from(RESOURCES) {
            farm.take();
        }
        for _ in 0..2 {
            let orders = farm.rounds.decide(farm.now);
            farm.go_on(orders);
            store.write(&farm.rounds.take_changes()).unwrap();
        }
        farm
    }

    fn take(&mut self) {
        let number = self.taken;
        self.taken += 1;
        let (arch, own) = (
            format!("arch-{}", number % 4),
            format!("pool-{}", number % POOLS),
        );
        let tags: &[&str] = match number % 5 {
            0 => &["on_demand"],
            1 | 2 => &["on_demand", &arch],
            3 => &["on_demand", "x86_64"],
            _ => &[&own],
        };
        let sandbox = number / POOLS % 1000;
        let request = Request::new(tags).in_sandbox(&format!("sandbox-{sandbox}"));
        let request = match self.owners {
            0 => request,
            owners => request.of_owner(&format!("owner-{}", sandbox % owners)),
        };
        self.rounds.take(request, self.now);
    }

    /// Ends what was begun, and notes who was served.
    fn go_on(&mut self, orders: Vec<Order>) -> u64 {
        let news = self.rounds.take_news();
        let served = news.iter().filter(|it| it.is_open()).map(|it| it.ticket.id);
        let before = self.served.len();
        self.served.extend(served);
        for order in orders {
            let finished = match order.task {
                Task::Start(_) => Finished::ok("host"),
                _ => Finished::ok([]),
            };
            self.rounds.finished(order.number, finished, self.now);
        }
        (self.served.len() - before) as u64
    }

    fn measure(mut self, ended: u64, owners: u64) {
        let (mut decisions, mut deciding, mut all, mut writing) =
            (0, Duration::ZERO, Duration::ZERO, Duration::ZERO);
        for _ in 0..ROUNDS {
            let begun = Instant::now();
            for _ in 0..BATCH {
                if let Some(id) = self.served.pop_front() {
                    self.rounds.close(id, self.now);
                    self.take();
                }
            }
            self.now += SignedDuration::from_millis(100);
            let decided = Instant::now();
            let orders = self.rounds.decide(self.now);
            deciding += decided.elapsed();
            decisions += self.go_on(orders);
            let changes = self.rounds.take_changes();
            all += begun.elapsed();
            let begun = Instant::now();
            self.store.write(&changes).unwrap();
            writing += begun.elapsed();
        }
        let rate = |time: Duration| decisions as f64 / time.as_secs_f64();
        let each = |time: Duration| time.as_secs_f64() * 1e6 / decisions as f64;
        println!(
            "{ended:>8} {owners:>10} {:>12.0} {:>12.2} {:>12.0} {:>12.2} {:>12.2} {:>10.1}",
            rate(deciding),
            each(deciding),
            rate(all),
            each(all),
            each(writing),
            self.load.as_secs_f64() * 1e3,
        );
    }
}
