//! The rounds themselves: calls, decisions, and what came of them.

use super::{Checked, PoolStatus, Trouble, Victims};
use crate::alloc::assign::{serve, spare, start, watch, why};
use crate::alloc::farm::{Farm, PoolState};
use crate::alloc::pool::Pools;
use crate::alloc::resource::{Resource, ResourceId, ResourceState};
use crate::alloc::starter::{Order, Task};
use crate::alloc::store::{Change, Living};
use crate::alloc::ticket::{IllegalMove, Request, Ticket, TicketId};
use crate::alloc::why::Why;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// All that lives, and what came of the last calls.
#[derive(Debug)]
pub struct Rounds {
    pub(super) farm: Farm,
    /// The latest time that was told: time only goes forward.
    pub(super) now: Timestamp,
    /// Orders that are under way.
    pub(super) orders: BTreeMap<u64, Task>,
    pub(super) last_order: u64,
    /// Orders that are to be begun with the next decision.
    pub(super) begin: Vec<Order>,
    pub(super) changes: Vec<Change>,
    pub(super) changed_tickets: BTreeSet<TicketId>,
    pub(super) changed_resources: BTreeSet<ResourceId>,
    pub(super) changed_stats: BTreeSet<Arc<str>>,
    pub(super) news: Vec<Checked>,
}

impl Rounds {
    /// Goes on with what lives. What a former run had begun and not ended is undone: resources
    /// that were starting, being cleaned or deleted are deleted. Open tickets keep theirs.
    #[must_use]
    pub fn new(pools: Pools, living: Living, now: Timestamp) -> Self {
        let mut rounds = Self {
            farm: Farm::restored(pools, living),
            now,
            orders: BTreeMap::new(),
            last_order: 0,
            begin: Vec::new(),
            changes: Vec::new(),
            changed_tickets: BTreeSet::new(),
            changed_resources: BTreeSet::new(),
            changed_stats: BTreeSet::new(),
            news: Vec::new(),
        };
        rounds.recover();
        rounds.keep_pools();
        rounds
    }

    /// The time, or the latest that was told before.
    pub(super) fn at(&mut self, now: Timestamp) -> Timestamp {
        self.now = self.now.max(now);
        self.now
    }

    /// Takes a ticket.
    pub fn take(&mut self, request: Request, now: Timestamp) -> TicketId {
        let now = self.at(now);
        let id = self.farm.take(request, now);
        self.changed_tickets.insert(id);
        id
    }

    /// Closes an open ticket. Whether it was open.
    pub fn close(&mut self, id: TicketId, now: Timestamp) -> bool {
        let now = self.at(now);
        let Some(mut ticket) = self.farm.end_ticket(id, now) else {
            return false;
        };
        ticket.close(now);
        if let Some(resource) = ticket.resource() {
            self.released(resource);
        }
        self.end(ticket);
        true
    }

    /// Makes an open ticket fail; its resource is deleted. Whether it was open.
    pub fn kill(&mut self, id: TicketId, reason: &str, now: Timestamp) -> bool {
        let now = self.at(now);
        let Some(mut ticket) = self.farm.end_ticket(id, now) else {
            return false;
        };
        settle(ticket.fail(reason, now));
        if let Some(resource) = ticket.resource() {
            self.farm.condemn(resource);
            self.changed_resources.insert(resource);
        }
        self.end(ticket);
        true
    }

    /// Says that the resource of an open ticket is bad: it is deleted once the ticket is closed.
    /// Whether the ticket has one.
    pub fn complain(&mut self, id: TicketId, reason: &str, now: Timestamp) -> bool {
        let now = self.at(now);
        let resource = self.farm.ticket(id).and_then(Ticket::resource);
        let Some(resource) = resource else {
            return false;
        };
        self.slot_failed(resource, reason, now);
        self.farm.condemn(resource);
        self.changed_resources.insert(resource);
        true
    }

    /// Has resources deleted, each as soon as it has no open ticket and nothing runs for it.
    /// Which of them live.
    pub fn delete_resources(&mut self, which: &Victims, now: Timestamp) -> Vec<ResourceId> {
        self.at(now);
        let farm = &self.farm;
        let is_unused = |it: &&Resource| it.state() == ResourceState::Up && it.ticket().is_none();
        let mut ids: Vec<ResourceId> = match which {
            Victims::Ids(ids) => {
                let living = ids.iter().filter(|it| farm.resource(**it).is_some());
                living.copied().collect()
            }
            Victims::All => farm.resources().map(|it| it.id).collect(),
            Victims::Unused => farm.resources().filter(is_unused).map(|it| it.id).collect(),
        };
        ids.sort_unstable();
        for id in &ids {
            self.farm.condemn(*id);
            self.changed_resources.insert(*id);
        }
        ids
    }

    /// Ends the pauses and quarantines of a pool. Whether there is such a pool.
    pub fn forgive(&mut self, pool: &str) -> bool {
        let state = self.farm.state_mut(pool);
        state.map(|it| it.health.forgive_all()).is_some()
    }

    /// Decides all that can be decided now: what is to be begun, once the changes are written.
    pub fn decide(&mut self, now: Timestamp) -> Vec<Order> {
        let now = self.at(now);
        for id in spare::expired(&self.farm, now) {
            self.condemn(id);
        }
        let mut turns = serve::Turns::new(&self.farm);
        while let Some((ticket, resource)) = turns.next(&self.farm) {
            self.serve(ticket, resource, now);
        }
        for id in spare::surplus(&self.farm) {
            self.condemn(id);
        }
        for pool in start::starts(&self.farm, now) {
            if let Some(resource) = self.farm.begin(&pool, now) {
                self.changed_resources.insert(resource.id);
                self.changed_stats.insert(Arc::clone(&pool));
                self.order(&pool, Task::Start(resource));
            }
        }
        for id in spare::doomed(&self.farm, now) {
            settle(self.farm.change(id, Resource::delete));
            self.order_for(id, Task::Delete);
        }
        for (pool, id) in watch::checks(&self.farm, now) {
            self.farm.set_checking(&pool, id, true);
            self.order_for(id, Task::Livecheck);
        }
        for pool in watch::lists(&self.farm, now) {
            if let Some(state) = self.farm.state_mut(&pool) {
                state.listed = Some(now);
                state.listing = Some(BTreeSet::new());
            }
            self.order(&pool, Task::List(Arc::clone(&pool)));
        }
        std::mem::take(&mut self.begin)
    }

    fn serve(&mut self, ticket: TicketId, resource: ResourceId, now: Timestamp) {
        settle(self.farm.serve(ticket, resource, now));
        self.changed_tickets.insert(ticket);
        self.changed_resources.insert(resource);
        self.news.extend(self.check(ticket));
    }

    /// When the next round is due if nothing happens before.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        watch::next_due(&self.farm, self.now)
    }

    /// What changed since the last call, each ticket and resource once.
    pub fn take_changes(&mut self) -> Vec<Change> {
        let mut changes = std::mem::take(&mut self.changes);
        for id in std::mem::take(&mut self.changed_tickets) {
            let ticket = self.farm.ticket(id).cloned();
            changes.extend(ticket.map(Change::Ticket));
        }
        for id in std::mem::take(&mut self.changed_resources) {
            let resource = self.farm.resource(id).cloned();
            changes.extend(resource.map(Change::Resource));
        }
        for pool in std::mem::take(&mut self.changed_stats) {
            let stats = self.farm.state(&pool).map(|it| it.stats);
            changes.extend(stats.map(|it| Change::Stats(pool, it)));
        }
        changes
    }

    /// The tickets that were served or ended since the last call.
    pub fn take_news(&mut self) -> Vec<Checked> {
        std::mem::take(&mut self.news)
    }

    /// An open ticket and its resource.
    #[must_use]
    pub fn check(&self, id: TicketId) -> Option<Checked> {
        let ticket = self.farm.ticket(id)?.clone();
        let resource = ticket.resource();
        let resource = resource.and_then(|it| self.farm.resource(it).cloned());
        Some(Checked { ticket, resource })
    }

    /// What an open ticket waits for.
    #[must_use]
    pub fn why(&self, id: TicketId, now: Timestamp) -> Option<Why> {
        why::why(&self.farm, id, self.now.max(now))
    }

    /// The open tickets, by number.
    pub fn tickets(&self) -> impl Iterator<Item = &Ticket> {
        self.farm.tickets()
    }

    /// How many tickets are open.
    #[must_use]
    pub fn open_tickets(&self) -> usize {
        self.farm.open_tickets()
    }

    /// The resources that live, by number.
    #[must_use]
    pub fn resources(&self) -> Vec<&Resource> {
        let mut resources: Vec<&Resource> = self.farm.resources().collect();
        resources.sort_unstable_by_key(|it| it.id);
        resources
    }

    /// How the pools do, by name.
    #[must_use]
    pub fn pools(&self, now: Timestamp) -> Vec<PoolStatus> {
        let now = self.now.max(now);
        let free = |name: &Arc<str>| {
            let free = self.farm.resources();
            let free = free.filter(|it| it.is_free() && it.pool == *name).count();
            u32::try_from(free).unwrap_or(u32::MAX)
        };
        let states = self.farm.states();
        let status = states.map(|(name, it)| PoolStatus {
            pool: Arc::clone(&it.pool),
            is_draining: it.is_draining,
            states: it
                .states
                .iter()
                .filter(|it| *it.1 > 0)
                .map(|it| (*it.0, *it.1))
                .collect(),
            taken: it.taken,
            free: free(name),
            stats: it.stats,
            trouble: trouble(it, now),
        });
        status.collect()
    }
}

fn trouble(state: &PoolState, now: Timestamp) -> Trouble {
    let health = &state.health;
    let until = health.until.filter(|it| *it > now);
    Trouble {
        failures: health.failures,
        last: health.last.clone(),
        paused_until: until,
        is_quarantined: health.is_quarantined && until.is_some(),
        bad_slots: health.bad_slots(now).collect(),
    }
}

/// A decision is made by the state that it is applied to, so its move is always legal.
pub(super) fn settle<T>(moved: Result<T, IllegalMove>) {
    if let Err(error) = moved {
        debug_assert!(false, "{error}");
        tracing::error!(%error, "a decision does not fit its resource");
    }
}
