//! Plays a load.

use super::arrivals::{Arrival, arrivals};
use super::random::Random;
use super::results::{Class, Point, PoolUse, Results, thin};
use crate::alloc::pool::{Pool, Pools, PoolsError};
use crate::alloc::resource::ResourceState;
use crate::alloc::round::Rounds;
use crate::alloc::starter::{Finished, Order, Task};
use crate::alloc::store::{Change, Living};
use crate::alloc::ticket::TicketId;
use crate::alloc::time::{after, between};
use crate::config::{Cost, LoadFile};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BinaryHeap};
use std::sync::Arc;
use std::time::Duration;

/// Plays a load on these pools, up to so long after its last ticket. Live checks and lists are
/// left out: they cost nothing here.
///
/// # Errors
/// When the pools are wrong.
pub fn simulate(
    pools: &Pools,
    load: &LoadFile,
    longest: Duration,
) -> Result<Results, Vec<PoolsError>> {
    let plain = pools.iter().map(|(_, pool)| {
        let mut pool = Pool::clone(pool);
        pool.commands.livecheck = None;
        pool.commands.list = None;
        pool
    });
    let pools = Pools::new(plain, pools.policy().as_ref().clone())?;
    Ok(Farm::new(pools, load, longest).play())
}

/// What happens at a time; of what happens at one time, what was planned first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Arrive(usize),
    Finish(u64, bool),
    Close(TicketId),
}

/// A resource's time.
#[derive(Debug)]
struct Span {
    begun: Timestamp,
    taken: Duration,
}

struct Farm<'a> {
    load: &'a LoadFile,
    arrivals: Vec<Arrival>,
    rounds: Rounds,
    begin: Timestamp,
    end: Timestamp,
    now: Timestamp,
    events: BinaryHeap<Reverse<(Timestamp, u64, Event)>>,
    planned: u64,
    random: Random,
    /// The arrivals by their tickets.
    tickets: BTreeMap<TicketId, usize>,
    /// Tickets that have a resource.
    taken: u64,
    waits: BTreeMap<String, Vec<Duration>>,
    spans: BTreeMap<u64, (Arc<str>, Span)>,
    uses: BTreeMap<Arc<str>, PoolUse>,
    living: BTreeMap<Arc<str>, u32>,
    points: Vec<Point>,
}

impl<'a> Farm<'a> {
    fn new(pools: Pools, load: &'a LoadFile, longest: Duration) -> Self {
        let begin = Timestamp::UNIX_EPOCH;
        let arrivals = arrivals(load);
        let last = arrivals.last().map_or(Duration::ZERO, |it| it.at);
        let uses = pools.iter().map(|(name, pool)| {
            let fresh = PoolUse {
                pool: name.to_string(),
                max: pool.max,
                peak: 0,
                starts: 0,
                failed_starts: 0,
                hours: 0.0,
                taken_hours: 0.0,
                used: 0.0,
                cost: 0.0,
            };
            (Arc::clone(name), fresh)
        });
        let mut farm = Self {
            load,
            uses: uses.collect(),
            rounds: Rounds::new(pools, Living::default(), begin),
            begin,
            end: after(begin, last.saturating_add(longest)),
            now: begin,
            events: BinaryHeap::new(),
            planned: 0,
            random: Random::new(load.seed),
            tickets: BTreeMap::new(),
            taken: 0,
            waits: BTreeMap::new(),
            spans: BTreeMap::new(),
            living: BTreeMap::new(),
            points: Vec::new(),
            arrivals,
        };
        for at in 0..farm.arrivals.len() {
            farm.plan(farm.arrivals[at].at, Event::Arrive(at));
        }
        farm
    }

    /// Plans an event so long after now.
    fn plan(&mut self, passed: Duration, event: Event) {
        self.planned += 1;
        let at = after(self.now, passed);
        self.events.push(Reverse((at, self.planned, event)));
    }

    fn play(mut self) -> Results {
        self.round();
        loop {
            let next = self.events.peek().map(|it| it.0.0);
            let due = self.rounds.next_due();
            let Some(at) = next.into_iter().chain(due).min() else {
                break;
            };
            if at > self.end || self.is_over() {
                break;
            }
            self.now = self.now.max(at);
            while let Some(Reverse((at, _, _))) = self.events.peek()
                && *at <= self.now
                && let Some(Reverse((_, _, event))) = self.events.pop()
            {
                self.happen(&event);
            }
            self.round();
        }
        self.results()
    }

    /// Whether every ticket came and was closed.
    fn is_over(&self) -> bool {
        self.tickets.len() == self.arrivals.len() && self.rounds.tickets().next().is_none()
    }

    fn happen(&mut self, event: &Event) {
        match *event {
            Event::Arrive(at) => {
                let request = self.arrivals[at].request.clone();
                let id = self.rounds.take(request, self.now);
                self.tickets.insert(id, at);
            }
            Event::Close(id) => {
                if self.rounds.close(id, self.now) {
                    self.taken -= 1;
                }
            }
            Event::Finish(number, ok) => {
                let finished = match ok {
                    true => Finished::ok([]),
                    false => Finished::failed("the start failed, as the load says"),
                };
                self.rounds.finished(number, finished, self.now);
            }
        }
    }

    fn round(&mut self) {
        let orders = self.rounds.decide(self.now);
        for change in self.rounds.take_changes() {
            if let Change::Resource(it) = change
                && it.state() == ResourceState::Ended
            {
                self.over(it.id.0);
            }
        }
        for order in orders {
            self.begin(&order);
        }
        for news in self.rounds.take_news() {
            if !news.is_open() {
                continue;
            }
            let ticket = &news.ticket;
            let arrival = &self.arrivals[self.tickets[&ticket.id]];
            let tags = ticket.request.tags.to_string();
            let wait = between(ticket.taken, self.now);
            let keeps = arrival.keeps;
            self.waits.entry(tags).or_default().push(wait);
            self.taken += 1;
            let span = ticket.resource().and_then(|it| self.spans.get_mut(&it.0));
            if let Some((_, span)) = span {
                span.taken += keeps;
            }
            self.plan(keeps, Event::Close(ticket.id));
        }
        self.note();
    }

    fn cost(&self, pool: &str) -> Cost {
        self.load.cost(pool)
    }

    fn begin(&mut self, order: &Order) {
        let cost = self.cost(&order.pool.name);
        let (seconds, ok) = match &order.task {
            Task::Start(resource) => {
                let ok = self.random.part() >= cost.failures;
                let pool = Arc::clone(&resource.pool);
                let living = self.living.entry(Arc::clone(&pool)).or_default();
                *living += 1;
                if let Some(it) = self.uses.get_mut(&pool) {
                    it.starts += 1;
                    it.failed_starts += u64::from(!ok);
                    it.peak = it.peak.max(*living);
                }
                let span = Span {
                    begun: self.now,
                    taken: Duration::ZERO,
                };
                self.spans.insert(resource.id.0, (pool, span));
                (cost.start_seconds, ok)
            }
            Task::Delete(_) => (cost.delete_seconds, true),
            Task::Release(_) => (cost.release_seconds, true),
            Task::Livecheck(_) | Task::List(_) | Task::DeleteStray { .. } => (0.0, true),
        };
        let passed = Duration::from_secs_f64(seconds);
        self.plan(passed, Event::Finish(order.number, ok));
    }

    /// A resource is no more: its time is summed up.
    fn over(&mut self, id: u64) {
        let Some((pool, span)) = self.spans.remove(&id) else {
            return;
        };
        if let Some(living) = self.living.get_mut(&pool) {
            *living -= 1;
        }
        let hours = between(span.begun, self.now).as_secs_f64() / 3600.0;
        let cost = self.cost(&pool).cost_per_hour;
        if let Some(it) = self.uses.get_mut(&pool) {
            it.hours += hours;
            it.taken_hours += (span.taken.as_secs_f64() / 3600.0).min(hours);
            it.cost += hours * cost;
        }
    }

    fn note(&mut self) {
        let open = self.rounds.open_tickets() as u64;
        self.points.push(Point {
            at: between(self.begin, self.now).as_secs_f64(),
            waiting: open - self.taken,
            resources: self.living.values().copied().map(u64::from).sum(),
            taken: self.taken,
        });
    }

    fn results(mut self) -> Results {
        for id in self.spans.keys().copied().collect::<Vec<_>>() {
            self.over(id);
        }
        let mut classes: BTreeMap<String, Class> = BTreeMap::new();
        for (tags, waits) in std::mem::take(&mut self.waits) {
            let class = Class::new(&tags, waits);
            classes.insert(tags, class);
        }
        for ticket in self.rounds.tickets().filter(|it| it.is_waiting()) {
            let tags = ticket.request.tags.to_string();
            let none = || Class::new(&tags, Vec::new());
            let class = classes.entry(tags.clone()).or_insert_with(none);
            class.tickets += 1;
            class.unserved += 1;
            if class.unserved_because.is_none() {
                let why = self.rounds.why(ticket.id, self.now);
                class.unserved_because = why.map(|it| it.to_string());
            }
        }
        let mut pools: Vec<PoolUse> = self.uses.into_values().collect();
        for it in pools.iter_mut().filter(|it| it.hours > 0.0) {
            it.used = it.taken_hours / it.hours;
        }
        Results {
            hours: between(self.begin, self.now).as_secs_f64() / 3600.0,
            tickets: self.tickets.len() as u64,
            unserved: classes.values().map(|it| it.unserved).sum(),
            classes: classes.into_values().collect(),
            cost: pools.iter().map(|it| it.cost).sum(),
            pools,
            series: thin(&self.points),
        }
    }
}
