//! Tickets and resources in memory: nothing outlives the process.

use crate::alloc::pool::Pool;
use crate::alloc::resource::{Resource, ResourceId, ResourceState};
use crate::alloc::store::{
    Change, Living, ResourceFilter, StartStats, TicketFilter, TicketStore, TicketStoreError,
};
use crate::alloc::ticket::{Ticket, TicketId, TicketState};
use crate::sync::hold;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard};

/// A ticket store in memory.
#[derive(Debug, Default)]
pub struct MemoryTickets(Mutex<Rows>);

#[derive(Debug, Default)]
struct Rows {
    tickets: BTreeMap<TicketId, Ticket>,
    resources: BTreeMap<ResourceId, Resource>,
    names: BTreeMap<Arc<str>, ResourceId>,
    stats: BTreeMap<Arc<str>, StartStats>,
    pools: BTreeMap<Arc<str>, Arc<Pool>>,
}

impl Rows {
    fn keep(&mut self, change: &Change) {
        match change {
            Change::Ticket(it) => drop(self.tickets.insert(it.id, it.clone())),
            Change::Resource(it) => {
                self.names.insert(Arc::clone(&it.name), it.id);
                self.resources.insert(it.id, it.clone());
            }
            Change::Stats(pool, stats) => drop(self.stats.insert(Arc::clone(pool), *stats)),
            Change::Pool(it) => drop(self.pools.insert(it.name.as_str().into(), Arc::clone(it))),
            Change::PoolGone(name) => drop(self.pools.remove(name)),
        }
    }
}

impl MemoryTickets {
    fn rows(&self) -> MutexGuard<'_, Rows> {
        hold(&self.0)
    }
}

impl TicketStore for MemoryTickets {
    fn load(&self) -> Result<Living, TicketStoreError> {
        let rows = self.rows();
        let tickets = rows.tickets.values();
        let resources = rows.resources.values();
        Ok(Living {
            tickets: tickets
                .filter(|it| it.state() == TicketState::Open)
                .cloned()
                .collect(),
            resources: resources
                .filter(|it| it.state() != ResourceState::Ended)
                .cloned()
                .collect(),
            last_ticket: last(&rows.tickets),
            last_resource: last(&rows.resources),
            stats: rows.stats.clone(),
            pools: rows.pools.values().cloned().collect(),
        })
    }

    fn write(&self, changes: &[Change]) -> Result<(), TicketStoreError> {
        let mut rows = self.rows();
        changes.iter().for_each(|it| rows.keep(it));
        Ok(())
    }

    fn ticket(&self, id: TicketId) -> Result<Option<Ticket>, TicketStoreError> {
        Ok(self.rows().tickets.get(&id).cloned())
    }

    fn resource(&self, id: ResourceId) -> Result<Option<Resource>, TicketStoreError> {
        Ok(self.rows().resources.get(&id).cloned())
    }

    fn resource_named(&self, name: &str) -> Result<Option<Resource>, TicketStoreError> {
        let rows = self.rows();
        let id = rows.names.get(name);
        Ok(id.and_then(|id| rows.resources.get(id)).cloned())
    }

    fn tickets(&self, filter: &TicketFilter) -> Result<Vec<Ticket>, TicketStoreError> {
        let rows = self.rows();
        let fitting = rows.tickets.values().filter(|it| filter.fits(it));
        let limit = filter.limit.unwrap_or(usize::MAX);
        Ok(fitting.take(limit).cloned().collect())
    }

    fn resources(&self, filter: &ResourceFilter) -> Result<Vec<Resource>, TicketStoreError> {
        let rows = self.rows();
        let fitting = rows.resources.values().filter(|it| filter.fits(it));
        let limit = filter.limit.unwrap_or(usize::MAX);
        Ok(fitting.take(limit).cloned().collect())
    }
}

fn last<K: Copy + Default + Ord, V>(rows: &BTreeMap<K, V>) -> K {
    rows.last_key_value().map_or_else(K::default, |it| *it.0)
}
