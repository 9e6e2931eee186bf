//! The farm, and what can be asked of it.

use super::pool_state::PoolState;
use super::queues::Queues;
use super::stock::{ShapeId, Stock};
use crate::alloc::pool::{Pool, Pools, SHORTEST_PERIOD};
use crate::alloc::resource::{Resource, ResourceId, ResourceState};
use crate::alloc::ticket::{Tags, Ticket, TicketId};
use crate::alloc::time::after;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// A living resource and its shape.
#[derive(Debug)]
pub(super) struct Held {
    pub(super) resource: Resource,
    pub(super) shape: ShapeId,
}

/// Something that is due, and when.
pub(super) type Due = BTreeSet<(Timestamp, ResourceId)>;

/// All that lives.
#[derive(Debug, Default)]
pub(crate) struct Farm {
    pub(super) pools: Pools,
    pub(super) states: BTreeMap<Arc<str>, PoolState>,
    pub(super) tickets: BTreeMap<TicketId, Ticket>,
    /// In boxes: a change takes one out and puts it back.
    pub(super) held: HashMap<ResourceId, Box<Held>>,
    pub(super) queues: Queues,
    pub(super) stock: Stock,
    /// Numbers in use of the named counters.
    pub(super) counters: BTreeMap<String, BTreeSet<u32>>,
    pub(super) expiries: Due,
    pub(super) deletions: Due,
    /// Resources to be deleted when what runs for them has ended.
    pub(super) condemned: BTreeSet<ResourceId>,
    /// When a failed deletion is tried again.
    pub(super) retries: BTreeMap<ResourceId, Timestamp>,
    pub(super) last_ticket: TicketId,
    pub(super) last_resource: ResourceId,
}

impl Farm {
    pub(crate) const fn pools(&self) -> &Pools {
        &self.pools
    }

    pub(crate) const fn queues(&self) -> &Queues {
        &self.queues
    }

    pub(crate) const fn stock(&self) -> &Stock {
        &self.stock
    }

    /// The pools, those that are drained too, by name.
    pub(crate) fn states(&self) -> impl Iterator<Item = (&Arc<str>, &PoolState)> {
        self.states.iter()
    }

    pub(crate) fn state(&self, pool: &str) -> Option<&PoolState> {
        self.states.get(pool)
    }

    pub(crate) fn state_mut(&mut self, pool: &str) -> Option<&mut PoolState> {
        self.states.get_mut(pool)
    }

    pub(crate) fn ticket(&self, id: TicketId) -> Option<&Ticket> {
        self.tickets.get(&id)
    }

    pub(crate) fn tickets(&self) -> impl Iterator<Item = &Ticket> {
        self.tickets.values()
    }

    pub(crate) fn open_tickets(&self) -> usize {
        self.tickets.len()
    }

    pub(crate) fn resource(&self, id: ResourceId) -> Option<&Resource> {
        self.held.get(&id).map(|it| &it.resource)
    }

    /// In no order.
    pub(crate) fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.held.values().map(|it| &it.resource)
    }

    pub(crate) fn shape(&self, id: ResourceId) -> Option<ShapeId> {
        self.held.get(&id).map(|it| it.shape)
    }

    /// The settings by which a resource lives.
    pub(crate) fn pool_of(&self, resource: &Resource) -> &Arc<Pool> {
        let state = self.states.get(&resource.pool);
        &state.expect("every resource has its pool's state").pool
    }

    pub(crate) fn is_condemned(&self, id: ResourceId) -> bool {
        self.condemned.contains(&id)
    }

    /// Used resources that nobody may get any more, and when that is so.
    pub(crate) fn expiries(&self) -> &Due {
        &self.expiries
    }

    /// Resources that are to be deleted and have no ticket, and when.
    pub(crate) fn deletions(&self) -> &Due {
        &self.deletions
    }

    /// Whether a tag is on demand in some pool.
    pub(super) fn is_on_demand(&self, tags: &Tags) -> bool {
        let states = self.states.values().filter(|it| !it.is_draining);
        let mut on_demand = states.flat_map(|it| &it.pool.tags_on_demand);
        on_demand.any(|it| tags.contains(&it.name))
    }

    /// When a used resource without a ticket is deleted.
    pub(super) fn expiry(&self, resource: &Resource) -> Option<Timestamp> {
        let is_idle = resource.state() == ResourceState::Up && resource.ticket().is_none();
        let entered = resource.entered.filter(|_| is_idle)?;
        let pool = self.pool_of(resource);
        let may_stay = pool.can_reuse()
            && resource.sandbox.is_some()
            && (pool.reuse_max_count == 0 || resource.releases <= pool.reuse_max_count);
        if !may_stay {
            return Some(Timestamp::MIN);
        }
        let released = resource.released.unwrap_or(entered);
        let by_use = after(released, pool.reuse_opportunity_time);
        Some(by_use.min(after(entered, pool.reuse_max_time)))
    }

    /// Whether a resource that is cleaned will then wait for a ticket of its sandbox.
    pub(crate) fn will_stay(&self, resource: &Resource, now: Timestamp) -> bool {
        let pool = self.pool_of(resource);
        let entered = resource.entered.unwrap_or(now);
        !self.is_condemned(resource.id)
            && pool.can_reuse()
            && resource.sandbox.is_some()
            && (pool.reuse_max_count == 0 || resource.releases <= pool.reuse_max_count)
            && now < after(entered, pool.reuse_max_time)
    }

    /// When a resource is checked next.
    pub(super) fn check_due(&self, resource: &Resource) -> Option<Timestamp> {
        let is_up = resource.state() == ResourceState::Up;
        let state = self.states.get(&resource.pool)?;
        let has_check = state.pool.commands.livecheck.is_some();
        if !is_up || !has_check || state.checking.contains(&resource.id) {
            return None;
        }
        let last = resource.checked.max(resource.up);
        let period = state.pool.livecheck_period.max(SHORTEST_PERIOD);
        Some(after(last.unwrap_or(resource.begun), period))
    }
}
