//! Changes of the farm that keep its indices true.

use super::group::Owner;
use super::state::{Farm, Held};
use crate::alloc::resource::{Offer, Resource, ResourceId, ResourceState, Seed};
use crate::alloc::ticket::{IllegalMove, Request, Ticket, TicketId};
use jiff::Timestamp;
use jiff::tz::TimeZone;
use std::collections::BTreeMap;
use std::sync::Arc;

impl Farm {
    /// A new ticket waits.
    pub(crate) fn take(&mut self, request: Request, now: Timestamp) -> TicketId {
        self.last_ticket.0 += 1;
        let id = self.last_ticket;
        self.put_ticket(Ticket::new(id, request, now));
        id
    }

    /// Puts an open ticket where it belongs.
    pub(super) fn put_ticket(&mut self, ticket: Ticket) {
        match ticket.resource() {
            None => self.queue(&ticket),
            Some(_) => self.change_use(&ticket, 1),
        }
        self.tickets.insert(ticket.id, ticket);
    }

    fn queue(&mut self, ticket: &Ticket) {
        let is_on_demand = self.is_on_demand(&ticket.request.tags);
        let (group, is_new) = self.queues.add(ticket, is_on_demand);
        if is_new {
            self.stock.add_group(group, &ticket.request.tags);
        }
        if let Some(sandbox) = &ticket.request.sandbox {
            self.stock.note(sandbox, &self.queues);
        }
    }

    fn unqueue(&mut self, id: TicketId) {
        let Some((place, is_gone)) = self.queues.remove(id) else {
            return;
        };
        if is_gone {
            self.stock.remove_group(place.group);
        }
        if let Some(sandbox) = &place.sandbox {
            self.stock.note(sandbox, &self.queues);
        }
    }

    /// Counts the use of a resource by a ticket, or the end of it.
    fn change_use(&mut self, ticket: &Ticket, change: i32) {
        let owner: Owner = self.queues.owner(ticket);
        self.queues.change_load(&owner, change);
        let resource = ticket.resource();
        let held = resource.and_then(|it| self.held.get(&it));
        let pool = held.map(|it| &it.resource.pool);
        if let Some(state) = pool.and_then(|it| self.states.get_mut(it)) {
            let class = state.class(&ticket.request.tags, &owner);
            state.change_usage(class, change);
        }
    }

    /// Gives a resource to a waiting ticket.
    pub(crate) fn serve(
        &mut self,
        id: TicketId,
        resource: ResourceId,
        now: Timestamp,
    ) -> Result<(), IllegalMove> {
        let Some(ticket) = self.tickets.get_mut(&id) else {
            return Ok(());
        };
        ticket.serve(resource, now)?;
        let ticket = ticket.clone();
        let sandbox = ticket.request.sandbox.as_ref();
        self.change(resource, |it| it.hand(id, sandbox, now))?;
        self.queues.serve(id, now);
        self.unqueue(id);
        self.change_use(&ticket, 1);
        Ok(())
    }

    /// Takes out a ticket that ends; its resource, if it has one, is without a ticket then.
    pub(crate) fn end_ticket(&mut self, id: TicketId, now: Timestamp) -> Option<Ticket> {
        let ticket = self.tickets.remove(&id)?;
        match ticket.resource() {
            None => self.unqueue(id),
            Some(resource) => {
                self.change_use(&ticket, -1);
                let freed = self.change(resource, |it| it.release(now));
                debug_assert!(freed.is_ok(), "{freed:?}");
            }
        }
        Some(ticket)
    }

    /// Begins a resource of a pool.
    pub(crate) fn begin(&mut self, pool: &Arc<str>, now: Timestamp) -> Option<Resource> {
        let state = self.states.get_mut(pool)?;
        self.last_resource.0 += 1;
        let id = self.last_resource;
        state.stats.begun += 1;
        state.stats.last = Some(now);
        let mut counters = BTreeMap::new();
        for name in &state.pool.named_counters {
            let used = self.counters.get(name);
            let is_free = |it: &u32| used.is_none_or(|used| !used.contains(it));
            let free = (0..=u32::MAX).find(is_free);
            counters.insert(name.clone(), free.unwrap_or(u32::MAX));
        }
        let seed = Seed {
            id,
            name: name_of(&state.pool.name_pattern, pool, id, now).into(),
            pool: Arc::clone(pool),
            id_in_pool: state.free_slot(now),
            counters,
            offer: state.pool.offer(),
        };
        let resource = Resource::new(seed, now);
        self.put(resource.clone());
        Some(resource)
    }

    /// Puts a living resource into all indices.
    pub(super) fn put(&mut self, resource: Resource) {
        let (pool, offer): (&Arc<str>, &Offer) = (&resource.pool, &resource.offer);
        let shape = self.stock.shape_of(pool, offer, &self.queues);
        for (name, number) in &resource.counters {
            let used = self.counters.entry(name.clone()).or_default();
            used.insert(*number);
        }
        let held = Box::new(Held { resource, shape });
        self.index(&held);
        self.held.insert(held.resource.id, held);
    }

    /// Changes a resource, and all indices with it. One that has ended is gone.
    pub(crate) fn change(
        &mut self,
        id: ResourceId,
        change: impl FnOnce(&mut Resource) -> Result<(), IllegalMove>,
    ) -> Result<Option<Resource>, IllegalMove> {
        let Some(mut held) = self.held.remove(&id) else {
            return Ok(None);
        };
        self.unindex(&held);
        let changed = change(&mut held.resource);
        if held.resource.state() == ResourceState::Ended {
            self.forget(&held.resource);
            return changed.map(|()| Some(held.resource));
        }
        self.index(&held);
        self.held.insert(id, held);
        changed.map(|()| None)
    }

    fn forget(&mut self, resource: &Resource) {
        for (name, number) in &resource.counters {
            if let Some(used) = self.counters.get_mut(name) {
                used.remove(number);
            }
        }
        self.condemned.remove(&resource.id);
        self.retries.remove(&resource.id);
        let state = self.states.get_mut(&resource.pool);
        if let Some(ended) = state.and_then(|it| it.listing.as_mut()) {
            ended.insert(Arc::clone(&resource.name));
        }
    }

    fn index(&mut self, held: &Held) {
        let (resource, id) = (&held.resource, held.resource.id);
        let check = self.check_due(resource);
        if let Some(state) = self.states.get_mut(&resource.pool) {
            state.add(resource);
            state.checks.extend(check.map(|it| (it, id)));
        }
        self.stock.add(resource, held.shape);
        if let Some(sandbox) = &resource.sandbox {
            self.stock.note(sandbox, &self.queues);
        }
        if let Some(due) = self.expiry(resource) {
            self.expiries.insert((due, id));
        }
        let is_leaving = resource.state() == ResourceState::DeleteRequest;
        if is_leaving && resource.ticket().is_none() {
            let due = self.retries.get(&id).copied();
            self.deletions.insert((due.unwrap_or(Timestamp::MIN), id));
        }
    }

    fn unindex(&mut self, held: &Held) {
        let (resource, id) = (&held.resource, held.resource.id);
        let check = self.check_due(resource);
        if let Some(due) = self.expiry(resource) {
            self.expiries.remove(&(due, id));
        }
        let due = self.retries.get(&id).copied();
        self.deletions.remove(&(due.unwrap_or(Timestamp::MIN), id));
        if let Some(state) = self.states.get_mut(&resource.pool) {
            state.remove(resource);
            if let Some(due) = check {
                state.checks.remove(&(due, id));
            }
        }
        self.stock.remove(resource, held.shape);
        if let Some(sandbox) = &resource.sandbox {
            self.stock.note(sandbox, &self.queues);
        }
    }

    /// Notes that a resource of a pool is being checked, or is no more. It may have ended.
    pub(crate) fn set_checking(&mut self, pool: &str, id: ResourceId, is_checking: bool) {
        let held = self.held.remove(&id);
        if let Some(held) = &held {
            self.unindex(held);
        }
        if let Some(state) = self.states.get_mut(pool) {
            match is_checking {
                true => state.checking.insert(id),
                false => state.checking.remove(&id),
            };
        }
        if let Some(held) = held {
            self.index(&held);
            self.held.insert(id, held);
        }
    }

    /// Has a resource deleted as soon as what runs for it has ended, or now.
    pub(crate) fn condemn(&mut self, id: ResourceId) {
        use ResourceState::{DeleteRequest, Deleting, Ended, Releasing, Starting, Up};
        match self.resource(id).map(Resource::state) {
            Some(Starting | Releasing) => drop(self.condemned.insert(id)),
            Some(Up) => {
                let asked = self.change(id, Resource::ask_deletion);
                debug_assert!(asked.is_ok(), "{asked:?}");
            }
            Some(DeleteRequest | Deleting | Ended) | None => {}
        }
    }

    /// A deletion failed: it is tried again then.
    pub(crate) fn delete_again(
        &mut self,
        id: ResourceId,
        at: Timestamp,
    ) -> Result<(), IllegalMove> {
        self.retries.insert(id, at);
        self.change(id, |it| {
            it.failed_deletions += 1;
            it.ask_deletion()
        })?;
        Ok(())
    }
}

/// The name of a resource by its pool's pattern.
fn name_of(pattern: &str, pool: &str, id: ResourceId, now: Timestamp) -> String {
    let time = now.to_zoned(TimeZone::UTC);
    pattern
        .replace("{pool_name}", pool)
        .replace("{id}", &format!("{:08}", id.0))
        .replace("{datetime}", &time.strftime("%Y%m%d_%H%M%S").to_string())
}
