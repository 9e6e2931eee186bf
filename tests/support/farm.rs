//! A farm without threads: rounds over a store in memory, with a clock that the test sets and
//! orders that the test ends.

use distmill::alloc::pool::{Policy, Pool, PoolTag, Pools};
use distmill::alloc::resource::{Resource, ResourceId, ResourceState};
use distmill::alloc::starter::{Finished, Order, Task};
use distmill::alloc::store::TicketStore;
use distmill::alloc::ticket::{Request, TicketId};
use distmill::alloc::{Checked, Rounds};
use distmill::store::MemoryTickets;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// A pool with these tags, which keeps none ready.
pub fn pool(name: &str, tags: &[&str]) -> Pool {
    Pool {
        tags: tags.iter().map(|it| PoolTag::new(it)).collect(),
        max_prealloc: 0,
        ..Pool::named(name)
    }
}

/// A pool with these on-demand tags.
pub fn on_demand(name: &str, tags: &[&str]) -> Pool {
    Pool {
        tags_on_demand: tags.iter().map(|it| PoolTag::new(it)).collect(),
        max_starting: 4,
        ..Pool::named(name)
    }
}

/// A pool that keeps so many ready.
pub fn ready(name: &str, tags: &[&str], count: u32) -> Pool {
    Pool {
        max_prealloc: count,
        max_starting: count,
        max: count,
        ..pool(name, tags)
    }
}

pub fn seconds(count: u64) -> Duration {
    Duration::from_secs(count)
}

pub fn in_pools(pools: &[Pool]) -> Pools {
    Pools::new(pools.to_vec(), Policy::default()).unwrap()
}

/// The farm.
pub struct Farm {
    pub rounds: Rounds,
    pub now: Timestamp,
    pub orders: Vec<Order>,
    pub store: Arc<MemoryTickets>,
    pools: Pools,
}

impl Farm {
    pub fn new(pools: &[Pool]) -> Self {
        Self::under(in_pools(pools))
    }

    pub fn with_policy(pools: &[Pool], policy: Policy) -> Self {
        Self::under(Pools::new(pools.to_vec(), policy).unwrap())
    }

    pub fn under(pools: Pools) -> Self {
        let store = Arc::new(MemoryTickets::default());
        let now = Timestamp::from_second(1_700_000_000).unwrap();
        let mut farm = Self {
            rounds: Rounds::new(pools.clone(), store.load().unwrap(), now),
            now,
            orders: Vec::new(),
            store,
            pools,
        };
        farm.round();
        farm
    }

    /// Decides, writes, and notes what is to be begun. What is new of it.
    pub fn round(&mut self) -> Vec<Order> {
        let orders = self.rounds.decide(self.now);
        self.store.write(&self.rounds.take_changes()).unwrap();
        self.rounds.take_news();
        self.orders.extend(orders.iter().cloned());
        orders
    }

    pub fn take(&mut self, request: Request) -> TicketId {
        let id = self.rounds.take(request, self.now);
        self.round();
        id
    }

    pub fn close(&mut self, id: TicketId) {
        assert!(self.rounds.close(id, self.now), "ticket {id} is not open");
        self.round();
    }

    /// Lets time pass, round by round as things get due.
    pub fn pass(&mut self, passed: u64) {
        let end = self.now + SignedDuration::from_secs(i64::try_from(passed).unwrap());
        while let Some(due) = self.rounds.next_due().filter(|it| *it <= end) {
            assert!(
                due > self.now || self.rounds_are_due(due),
                "a round that does nothing"
            );
            self.now = self.now.max(due);
            self.round();
        }
        self.now = end;
        self.round();
    }

    /// Nothing may be due again and again.
    fn rounds_are_due(&mut self, due: Timestamp) -> bool {
        self.round();
        self.rounds.next_due() != Some(due)
    }

    /// Ends the orders of one kind, all in the same way.
    pub fn finish(&mut self, kind: &str, finished: &Finished) -> usize {
        let (ending, left) = self
            .orders
            .drain(..)
            .partition(|it: &Order| it.task.as_str() == kind);
        self.orders = left;
        for order in &ending {
            self.rounds
                .finished(order.number, finished.clone(), self.now);
        }
        self.round();
        ending.len()
    }

    /// Ends all orders well, and those that come of it.
    pub fn settle(&mut self) {
        while !self.orders.is_empty() {
            for order in std::mem::take(&mut self.orders) {
                let finished = match &order.task {
                    Task::Start(resource) => Finished::ok(resource.name.as_bytes()),
                    _ => Finished::ok([]),
                };
                self.rounds.finished(order.number, finished, self.now);
            }
            self.round();
        }
    }

    pub fn set_pools(&mut self, pools: &[Pool]) {
        self.pools = in_pools(pools);
        self.rounds.set_pools(self.pools.clone(), self.now);
        self.round();
    }

    /// The settings with which it starts anew.
    pub fn settings(&mut self, pools: Pools) {
        self.pools = pools;
    }

    /// Starts anew from the store; what was under way is lost.
    pub fn restart(&mut self) {
        self.orders.clear();
        self.rounds = Rounds::new(self.pools.clone(), self.store.load().unwrap(), self.now);
        self.round();
    }

    pub fn check(&self, id: TicketId) -> Checked {
        if let Some(checked) = self.rounds.check(id) {
            return checked;
        }
        let ticket = self.store.ticket(id).unwrap().unwrap();
        let resource = ticket.resource();
        Checked {
            resource: resource.and_then(|it| self.store.resource(it).unwrap()),
            ticket,
        }
    }

    /// The number of the ticket's resource.
    pub fn resource_of(&self, id: TicketId) -> Option<u64> {
        self.rounds
            .check(id)
            .unwrap()
            .ticket
            .resource()
            .map(|it| it.0)
    }

    pub fn pool_of(&self, id: TicketId) -> String {
        self.check(id).resource.unwrap().pool.to_string()
    }

    pub fn resource(&self, id: u64) -> Resource {
        self.store.resource(ResourceId(id)).unwrap().unwrap()
    }

    pub fn state(&self, id: u64) -> ResourceState {
        self.resource(id).state()
    }

    /// How many resources of a pool live.
    pub fn living(&self, pool: &str) -> usize {
        let resources = self.rounds.resources().into_iter();
        resources.filter(|it| &*it.pool == pool).count()
    }

    /// The kinds of the orders under way, sorted.
    pub fn under_way(&self) -> Vec<&'static str> {
        let mut kinds: Vec<_> = self.orders.iter().map(|it| it.task.as_str()).collect();
        kinds.sort_unstable();
        kinds
    }
}
