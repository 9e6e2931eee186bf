//! The rounds themselves.

use super::{Checked, PoolStatus, Victims, Why};
use crate::alloc::pool::Pools;
use crate::alloc::resource::{Resource, ResourceId};
use crate::alloc::starter::{Finished, Order};
use crate::alloc::store::{Change, Living};
use crate::alloc::ticket::{Request, Ticket, TicketId};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// All that lives, and what came of the last calls.
#[derive(Debug)]
pub struct Rounds {
    tickets: BTreeMap<TicketId, Ticket>,
    resources: BTreeMap<ResourceId, Resource>,
    last: TicketId,
    changes: Vec<Change>,
    news: Vec<Checked>,
}

impl Rounds {
    /// Goes on with what lives, see the module.
    #[must_use]
    pub fn new(_pools: Pools, living: Living, _now: Timestamp) -> Self {
        Self {
            tickets: living.tickets.into_iter().map(|it| (it.id, it)).collect(),
            resources: living.resources.into_iter().map(|it| (it.id, it)).collect(),
            last: living.last_ticket,
            changes: Vec::new(),
            news: Vec::new(),
        }
    }

    /// Takes a ticket.
    pub fn take(&mut self, request: Request, now: Timestamp) -> TicketId {
        self.last.0 += 1;
        let ticket = Ticket::new(self.last, request, now);
        self.changes.push(Change::Ticket(ticket.clone()));
        self.tickets.insert(self.last, ticket);
        self.last
    }

    /// Closes an open ticket. Whether it was open.
    pub fn close(&mut self, id: TicketId, now: Timestamp) -> bool {
        let Some(mut ticket) = self.tickets.remove(&id) else {
            return false;
        };
        ticket.close(now);
        self.changes.push(Change::Ticket(ticket.clone()));
        self.news.push(Checked {
            ticket,
            resource: None,
        });
        true
    }

    /// Makes an open ticket fail. Whether it was open.
    pub fn kill(&mut self, _id: TicketId, _reason: &str, _now: Timestamp) -> bool {
        false
    }

    /// Says that a ticket's resource is bad. Whether it has one.
    pub fn complain(&mut self, _id: TicketId, _reason: &str, _now: Timestamp) -> bool {
        false
    }

    /// An order ended.
    pub fn finished(&mut self, _number: u64, _finished: Finished, _now: Timestamp) {}

    /// Uses these settings from now on.
    pub fn set_pools(&mut self, _pools: Pools, _now: Timestamp) {}

    /// Has resources deleted; which of them live.
    pub fn delete_resources(&mut self, _which: &Victims, _now: Timestamp) -> Vec<ResourceId> {
        Vec::new()
    }

    /// Ends the pauses of a pool. Whether there is such a pool.
    pub fn forgive(&mut self, _pool: &str) -> bool {
        false
    }

    /// Decides all that can be decided now: what is to be begun, once the changes are written.
    pub fn decide(&mut self, _now: Timestamp) -> Vec<Order> {
        Vec::new()
    }

    /// When the next round is due if nothing happens before.
    #[must_use]
    pub fn next_due(&self) -> Option<Timestamp> {
        None
    }

    /// What changed since the last call.
    pub fn take_changes(&mut self) -> Vec<Change> {
        std::mem::take(&mut self.changes)
    }

    /// The tickets that were served or ended since the last call.
    pub fn take_news(&mut self) -> Vec<Checked> {
        std::mem::take(&mut self.news)
    }

    /// An open ticket and its resource.
    #[must_use]
    pub fn check(&self, id: TicketId) -> Option<Checked> {
        let ticket = self.tickets.get(&id)?.clone();
        let resource = ticket.resource();
        let resource = resource.and_then(|it| self.resources.get(&it).cloned());
        Some(Checked { ticket, resource })
    }

    /// What an open ticket waits for.
    #[must_use]
    pub fn why(&self, id: TicketId, _now: Timestamp) -> Option<Why> {
        self.check(id).map(|it| Why::of_ended(&it))
    }

    /// The open tickets, by number.
    pub fn tickets(&self) -> impl Iterator<Item = &Ticket> {
        self.tickets.values()
    }

    /// The resources that live, by number.
    pub fn resources(&self) -> impl Iterator<Item = &Resource> {
        self.resources.values()
    }

    /// How the pools do, by name.
    #[must_use]
    pub fn pools(&self, _now: Timestamp) -> Vec<PoolStatus> {
        Vec::new()
    }
}
