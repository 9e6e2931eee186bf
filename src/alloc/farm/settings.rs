//! The farm under new settings, and after a restart.

use super::pool_state::PoolState;
use super::queues::Queues;
use super::state::Farm;
use super::stock::Stock;
use crate::alloc::pool::{Pool, Pools};
use crate::alloc::resource::{Resource, ResourceId};
use crate::alloc::store::Living;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

impl Farm {
    /// The farm as a store kept it.
    pub(crate) fn restored(pools: Pools, living: Living) -> Self {
        let mut farm = Self {
            last_ticket: living.last_ticket,
            last_resource: living.last_resource,
            ..Self::default()
        };
        let known: BTreeMap<_, _> = living
            .pools
            .iter()
            .map(|it| (it.name.as_str(), it))
            .collect();
        let lost = |resource: &Resource| match known.get(&*resource.pool) {
            Some(pool) => Arc::clone(pool),
            None => Arc::new(Pool::named(&resource.pool)),
        };
        farm.set_states(
            &pools,
            living.resources.iter().map(|it| (&it.pool, lost(it))),
        );
        for (name, stats) in living.stats {
            if let Some(state) = farm.states.get_mut(&name) {
                state.stats = stats;
            }
        }
        farm.pools = pools;
        farm.queues = Queues::new(Arc::clone(farm.pools.policy()));
        farm.fill(living.resources, living.tickets);
        farm
    }

    /// Uses these settings from now on. The pools that are drained since now, and those that came
    /// back.
    pub(crate) fn set_pools(&mut self, pools: Pools) {
        let old: BTreeMap<Arc<str>, PoolState> = std::mem::take(&mut self.states);
        let in_use = old.iter().filter(|it| it.1.living() > 0);
        let in_use = in_use.map(|it| (it.0, Arc::clone(&it.1.pool)));
        self.set_states(&pools, in_use);
        for (name, mut former) in old {
            if let Some(state) = self.states.get_mut(&name) {
                state.stats = former.stats;
                state.listed = former.listed;
                state.checking = former.checking;
                state.listing = former.listing;
                state.strays = former.strays;
                if state.pool != former.pool {
                    former.health.forgive();
                }
                state.health = former.health;
            }
        }
        self.pools = pools;
        self.queues = Queues::new(Arc::clone(self.pools.policy()));
        let tickets = std::mem::take(&mut self.tickets).into_values().collect();
        let mut resources: Vec<Resource> = std::mem::take(&mut self.held)
            .into_values()
            .map(|it| it.resource)
            .collect();
        resources.sort_unstable_by_key(|it| it.id);
        self.fill(resources, tickets);
    }

    /// States of these pools, and of those that are not among them and still have resources.
    fn set_states<'a>(
        &mut self,
        pools: &Pools,
        in_use: impl Iterator<Item = (&'a Arc<str>, Arc<Pool>)>,
    ) {
        self.stock = Stock::default();
        let configured = pools.iter().map(|it| (it.0, Arc::clone(it.1), false));
        let drained = in_use.filter(|it| pools.get(it.0).is_none());
        let drained = drained.map(|it| (it.0, it.1, true));
        let nobody = Queues::default();
        let mut states = BTreeMap::new();
        for (name, pool, is_draining) in configured.chain(drained) {
            let shape = self.stock.shape_of(name, &pool.offer(), &nobody);
            let state = || PoolState::new(pool, shape, is_draining);
            states.entry(Arc::clone(name)).or_insert_with(state);
        }
        self.states = states;
    }

    /// Puts all that lives into empty indices.
    fn fill(&mut self, resources: Vec<Resource>, tickets: Vec<crate::alloc::ticket::Ticket>) {
        self.counters = BTreeMap::new();
        self.expiries = BTreeSet::new();
        self.deletions = BTreeSet::new();
        for resource in resources {
            self.put(resource);
        }
        for ticket in tickets {
            self.put_ticket(ticket);
        }
    }

    /// Forgets a pool that is drained and empty. Whether it did.
    pub(crate) fn forget_pool(&mut self, pool: &str) -> bool {
        let is_over = |it: &PoolState| it.is_draining && it.living() == 0;
        match self.states.get(pool).is_some_and(is_over) {
            true => self.states.remove(pool).is_some(),
            false => false,
        }
    }

    /// Resources of pools that are drained and that are still to be asked to go.
    pub(crate) fn of_drained_pools(&self) -> Vec<ResourceId> {
        let is_drained =
            |it: &&Resource| self.states.get(&it.pool).is_some_and(|it| it.is_draining);
        let mut ids: Vec<_> = self
            .resources()
            .filter(is_drained)
            .map(|it| it.id)
            .collect();
        ids.sort_unstable();
        ids
    }
}
