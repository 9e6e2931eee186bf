//! Whatever happens, the allocator keeps its promises: random histories of tickets, starts,
//! failures, closes, config edits and restarts.

use crate::support::farm::{Farm, on_demand, pool, seconds};
use distmill::alloc::Victims;
use distmill::alloc::pool::{Commands, Policy, Pool, PoolTag, Pools, Reservation, Share};
use distmill::alloc::resource::{Resource, ResourceId, ResourceState};
use distmill::alloc::starter::{Finished, Order, Task};
use distmill::alloc::store::TicketStore;
use distmill::alloc::ticket::{Request, Ticket, TicketId};
use jiff::Timestamp;
use proptest::prelude::*;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};

#[derive(Clone, Debug)]
enum Call {
    /// Tags, sandbox, owner, priority.
    Take(u8, u8, u8, i8),
    /// The open tickets by their places.
    Close(u8),
    Kill(u8),
    Complain(u8),
    /// The orders by their places, and whether they end well.
    Finish(u8, bool),
    Delete(u8),
    Pools(u8),
    Pass(u16),
    Restart,
    Round,
}

fn call() -> impl Strategy<Value = Call> {
    let take = (0..6u8, 0..4u8, 0..3u8, -1..2i8);
    prop_oneof![
        8 => take.prop_map(|it| Call::Take(it.0, it.1, it.2, it.3)),
        5 => any::<u8>().prop_map(Call::Close),
        1 => any::<u8>().prop_map(Call::Kill),
        1 => any::<u8>().prop_map(Call::Complain),
        12 => (any::<u8>(), prop::bool::weighted(0.8)).prop_map(|it| Call::Finish(it.0, it.1)),
        1 => any::<u8>().prop_map(Call::Delete),
        1 => (0..4u8).prop_map(Call::Pools),
        4 => (0..700u16).prop_map(Call::Pass),
        1 => Just(Call::Restart),
        8 => Just(Call::Round),
    ]
}

/// Tags that tickets ask for; `big` is on demand, nobody has `none`.
const TAGS: [&[&str]; 6] = [
    &["x86"],
    &["x86", "fast"],
    &["big"],
    &["big", "x86"],
    &[],
    &["none"],
];

fn request(tags: u8, sandbox: u8, owner: u8, priority: i8) -> Request {
    let request = Request::new(TAGS[usize::from(tags)]).with_priority(priority.into());
    let request = match sandbox {
        0 => request,
        _ => request.in_sandbox(&format!("s{sandbox}")),
    };
    match owner {
        0 => request,
        _ => request.of_owner(&format!("o{owner}")),
    }
}

fn commands() -> Commands {
    Commands {
        start: "start".to_owned(),
        delete: "delete".to_owned(),
        livecheck: Some("check".to_owned()),
        release: Some("release".to_owned()),
        list: Some("list".to_owned()),
    }
}

/// Four configurations to go to and fro between.
fn pools(variant: u8) -> Pools {
    let kept = Pool {
        max: 5,
        max_starting: 2,
        max_prealloc: 2,
        start_delay: seconds(u64::from(variant % 2) * 20),
        reuse_opportunity_time: seconds(60),
        reuse_max_count: 3,
        named_counters: vec!["port".to_owned()],
        commands: commands(),
        ..pool("kept", &["x86", "fast"])
    };
    let mut wanted = on_demand("wanted", &["big"]);
    wanted.max = 4 + u32::from(variant);
    wanted.max_starting = 3;
    wanted.tags = vec![PoolTag::with_priority("x86", 7)];
    wanted.named_counters = vec!["port".to_owned(), "disk".to_owned()];
    wanted.commands = commands();
    wanted.commands.release = None;
    wanted.reuse_opportunity_time = seconds(100);
    wanted.reserved_for = vec![Reservation {
        count: u32::from(variant % 3),
        tags: vec!["x86".to_owned()],
        owners: vec!["o2".to_owned()],
    }];
    let mut second = on_demand("second", &["big"]);
    second.max = 2;
    second.commands = commands();
    let share = Share {
        weight: 1 + u32::from(variant),
        max: (variant == 3).then_some(3),
    };
    let policy = Policy {
        shares: [("o1".to_owned(), share)].into(),
        checks_at_once: 2,
        ..Policy::default()
    };
    let pools = match variant {
        0 => vec![kept, wanted],
        1 => vec![kept, second],
        2 => vec![wanted, second],
        _ => vec![kept, wanted, second],
    };
    Pools::new(pools, policy).unwrap()
}

/// Who used a resource: a sandbox, or one ticket.
#[derive(Clone, Debug, PartialEq, Eq)]
enum User {
    Sandbox(String),
    Ticket(TicketId),
}

/// A farm, and what the test knows of it.
struct History {
    farm: Farm,
    variant: u8,
    users: BTreeMap<ResourceId, User>,
    starts: BTreeMap<String, Timestamp>,
    told: Vec<String>,
}

impl History {
    fn new() -> Self {
        Self {
            farm: Farm::under(pools(0)),
            variant: 0,
            users: BTreeMap::new(),
            starts: BTreeMap::new(),
            told: Vec::new(),
        }
    }

    fn open(&self, place: u8) -> Option<TicketId> {
        let open: Vec<TicketId> = self.farm.rounds.tickets().map(|it| it.id).collect();
        let place = usize::from(place).checked_rem(open.len())?;
        Some(open[place])
    }

    fn call(&mut self, call: &Call) {
        let now = self.farm.now;
        let rounds = &self.farm.rounds;
        match call {
            Call::Take(tags, sandbox, owner, priority) => {
                let request = request(*tags, *sandbox, *owner, *priority);
                self.farm.rounds.take(request, now);
            }
            Call::Close(place) => {
                if let Some(id) = self.open(*place) {
                    assert!(self.farm.rounds.close(id, now));
                }
            }
            Call::Kill(place) => {
                if let Some(id) = self.open(*place) {
                    assert!(self.farm.rounds.kill(id, "by hand", now));
                }
            }
            Call::Complain(place) => {
                if let Some(id) = self.open(*place) {
                    self.farm.rounds.complain(id, "bad", now);
                }
            }
            Call::Finish(place, ok) => {
                let place = usize::from(*place).checked_rem(self.farm.orders.len());
                if let Some(place) = place {
                    let order = self.farm.orders.remove(place);
                    self.finish(&order, *ok);
                }
            }
            Call::Delete(place) => {
                let living = rounds.resources();
                let victims = match usize::from(*place).checked_rem(living.len() + 2) {
                    Some(0) => Victims::All,
                    Some(1) | None => Victims::Unused,
                    Some(at) => Victims::Ids(vec![living[at - 2].id, ResourceId(99_999)]),
                };
                self.farm.rounds.delete_resources(&victims, now);
            }
            Call::Pools(variant) => {
                self.variant = *variant;
                self.farm.settings(pools(*variant));
                self.farm.rounds.set_pools(pools(*variant), now);
            }
            Call::Pass(passed) => {
                self.round();
                let end = now + seconds((*passed).into());
                while let Some(due) = self.farm.rounds.next_due().filter(|it| *it <= end) {
                    assert!(due > self.farm.now, "due at once after a round");
                    self.farm.now = due;
                    self.round();
                }
                self.farm.now = end;
            }
            Call::Restart => {
                self.round();
                self.farm.restart();
                self.look(&[]);
            }
            Call::Round => self.round(),
        }
    }

    fn finish(&mut self, order: &Order, ok: bool) {
        let finished = match (&order.task, ok) {
            (_, false) => Finished::failed("by chance"),
            (Task::List(pool), true) => Finished::ok(format!("{pool}-stray\n")),
            _ => Finished::ok([]),
        };
        self.farm
            .rounds
            .finished(order.number, finished, self.farm.now);
    }

    fn round(&mut self) {
        let orders = self.farm.round();
        self.look(&orders);
    }

    /// Looks whether all promises are kept after a round.
    fn look(&mut self, orders: &[Order]) {
        self.told.extend(orders.iter().map(|it| format!("{it:?}")));
        let rounds = &self.farm.rounds;
        let tickets: BTreeMap<TicketId, &Ticket> = rounds.tickets().map(|it| (it.id, it)).collect();
        let resources: BTreeMap<ResourceId, &Resource> = rounds
            .resources()
            .into_iter()
            .map(|it| (it.id, it))
            .collect();
        for ticket in tickets.values().filter(|it| it.resource().is_some()) {
            let resource = resources[&ticket.resource().unwrap()];
            assert_eq!(resource.ticket(), Some(ticket.id));
            assert!(resource.offer.score(&ticket.request.tags).is_some());
            let user = match &ticket.request.sandbox {
                Some(sandbox) => User::Sandbox(sandbox.to_string()),
                None => User::Ticket(ticket.id),
            };
            let first = self
                .users
                .entry(resource.id)
                .or_insert_with(|| user.clone());
            assert_eq!(*first, user, "{resource:?}");
        }
        let mut numbers = BTreeSet::new();
        for resource in resources.values() {
            if let Some(ticket) = resource.ticket() {
                assert_eq!(tickets[&ticket].resource(), Some(resource.id));
                assert!(matches!(
                    resource.state(),
                    ResourceState::Up | ResourceState::DeleteRequest
                ));
            }
            assert!(numbers.insert((resource.pool.to_string(), resource.id_in_pool)));
            for (counter, number) in &resource.counters {
                assert!(numbers.insert((format!("counter {counter}"), *number)));
            }
        }
        // What is kept is what lives.
        let living = self.farm.store.load().unwrap();
        assert!(living.tickets.iter().eq(tickets.values().copied()));
        assert!(living.resources.iter().eq(resources.values().copied()));
        for order in orders {
            match &order.task {
                Task::Delete(it) => assert_eq!(resources[&it.id].ticket(), None),
                Task::Start(it) => {
                    look_at_start(order, &resources);
                    let before = self.starts.insert(it.pool.to_string(), self.farm.now);
                    let delay = order.pool.start_delay;
                    assert!(before.is_none_or(|it| it + delay <= self.farm.now));
                }
                _ => {}
            }
        }
    }

    /// Lets everything go well until nothing changes any more: whoever can be served is served.
    fn serve_all(&mut self) {
        let mut idle = 0;
        while idle < 3 {
            for order in std::mem::take(&mut self.farm.orders) {
                self.finish(&order, true);
            }
            self.round();
            let served = self
                .farm
                .rounds
                .tickets()
                .filter(|it| it.resource().is_some());
            let served: Vec<TicketId> = served.map(|it| it.id).collect();
            idle = if served.is_empty() { idle + 1 } else { 0 };
            for id in served {
                self.farm.rounds.close(id, self.farm.now);
            }
            self.call(&Call::Pass(4000));
            self.round();
        }
        let pools = pools(self.variant);
        for ticket in self.farm.rounds.tickets() {
            let tags = &ticket.request.tags;
            let wants_big = tags.contains("big");
            let serves = |pool: &Pool| {
                pool.offer().score(tags).is_some()
                    && (pool.prealloc() > 0 || (wants_big && pool.is_on_demand()))
            };
            let can = pools.iter().any(|it| serves(it.1));
            let why = self.farm.rounds.why(ticket.id, self.farm.now).unwrap();
            assert!(!can, "{why}\n{ticket:?}");
        }
    }
}

/// A start is within the bounds of its pool.
fn look_at_start(order: &Order, resources: &BTreeMap<ResourceId, &Resource>) {
    let pool = &order.pool;
    let count = |fits: &dyn Fn(&Resource) -> bool| {
        let own = resources.values().filter(|it| *it.pool == *pool.name);
        u32::try_from(own.filter(|it| fits(it)).count()).unwrap()
    };
    let starting = count(&|it| it.state() == ResourceState::Starting);
    let unused = count(&|it| it.state() == ResourceState::Up && it.is_unused());
    assert!(count(&|_| true) <= pool.max);
    assert!(starting <= pool.max_starting);
    assert!(pool.is_on_demand() || starting + unused <= pool.max_prealloc);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_history_keeps_the_promises(calls in prop::collection::vec(call(), 1..150)) {
        let run = || {
            let mut history = History::new();
            for call in &calls {
                history.call(call);
            }
            history.round();
            history
        };
        let mut history = run();
        // The same calls, the same decisions.
        prop_assert_eq!(&run().told, &history.told);
        history.serve_all();
    }

    #[test]
    fn tickets_get_what_the_plain_rules_say(
        resources in prop::collection::vec((0..3u8, 0..3u8), 1..12),
        wanted in prop::collection::vec((0..5u8, 0..4u8), 1..20),
    ) {
        let mut farm = stocked(&resources);
        for (tags, sandbox) in &wanted {
            farm.rounds.take(request(*tags, *sandbox, 0, 0), farm.now);
        }
        let expected = by_the_rules(&farm);
        farm.round();
        let served: BTreeMap<TicketId, ResourceId> = farm
            .rounds
            .tickets()
            .filter_map(|it| Some((it.id, it.resource()?)))
            .collect();
        prop_assert_eq!(served, expected);
    }
}

/// A farm in which nothing starts any more, with such resources: of a pool, and used in a sandbox
/// or unused.
fn stocked(resources: &[(u8, u8)]) -> Farm {
    let mut kept = pool("kept", &["x86", "fast"]);
    kept.tags[0].priority = 3;
    let mut wanted = on_demand("wanted", &["big"]);
    wanted.tags = vec![PoolTag::with_priority("x86", 700)];
    let plain = pool("plain", &["x86"]);
    let all = [kept, wanted, plain].map(|it| Pool {
        max: 99,
        max_starting: 99,
        reuse_opportunity_time: seconds(60),
        ..it
    });
    let mut farm = Farm::new(&all);
    let mut living = farm.store.load().unwrap();
    for (number, (pool, sandbox)) in resources.iter().enumerate() {
        let pool = &all[usize::from(*pool)];
        let id = ResourceId(number as u64 + 1);
        let seed = distmill::alloc::resource::Seed {
            id,
            name: format!("r{number}").into(),
            pool: pool.name.as_str().into(),
            id_in_pool: u32::try_from(number).unwrap(),
            counters: BTreeMap::new(),
            offer: pool.offer(),
        };
        let mut resource = Resource::new(seed, farm.now);
        resource
            .come_up(std::sync::Arc::default(), farm.now)
            .unwrap();
        if *sandbox > 0 {
            let sandbox = format!("s{sandbox}").into();
            resource
                .hand(TicketId(1), Some(&sandbox), farm.now)
                .unwrap();
            resource.release(farm.now).unwrap();
        }
        living.resources.push(resource);
        living.last_resource = id;
    }
    let pools = Pools::new(all, Policy::default()).unwrap();
    farm.rounds = distmill::alloc::Rounds::new(pools, living, farm.now);
    farm
}

/// The rules as they are written down, by going through everything.
fn by_the_rules(farm: &Farm) -> BTreeMap<TicketId, ResourceId> {
    let mut free: Vec<&Resource> = farm.rounds.resources();
    free.retain(|it| it.is_free());
    let mut tickets: Vec<&Ticket> = farm.rounds.tickets().collect();
    tickets.sort_by_key(|it| (!it.request.tags.contains("big"), it.id));
    let mut served = BTreeMap::new();
    for ticket in tickets {
        let request = &ticket.request;
        let score = |it: &&Resource| {
            let sum = it.offer.score(&request.tags)?;
            match it.is_unused() {
                true => Some((sum, Reverse(it.id))),
                false if request.sandbox.is_some() && it.sandbox == request.sandbox => {
                    Some((sum + 500, Reverse(it.id)))
                }
                false => None,
            }
        };
        let best = free.iter().filter_map(score).max();
        if let Some((_, Reverse(best))) = best {
            served.insert(ticket.id, best);
            free.retain(|it| it.id != best);
        }
    }
    served
}
