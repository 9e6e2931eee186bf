//! The store's methods, each one transaction.

use super::{SqliteTickets, read, write};
use crate::alloc::resource::{Resource, ResourceId};
use crate::alloc::store::{
    Change, Living, ResourceFilter, TicketFilter, TicketStore, TicketStoreError,
};
use crate::alloc::ticket::{Ticket, TicketId};

impl TicketStore for SqliteTickets {
    fn load(&self) -> Result<Living, TicketStoreError> {
        self.look("read what lives", |sql| read::load(sql))
    }

    fn write(&self, changes: &[Change]) -> Result<(), TicketStoreError> {
        self.change("keep changes", |sql| write::write(sql, changes))
    }

    fn ticket(&self, id: TicketId) -> Result<Option<Ticket>, TicketStoreError> {
        self.look("find a ticket", |sql| read::ticket(sql, id))
    }

    fn resource(&self, id: ResourceId) -> Result<Option<Resource>, TicketStoreError> {
        self.look("find a resource", |sql| read::resource(sql, id))
    }

    fn resource_named(&self, name: &str) -> Result<Option<Resource>, TicketStoreError> {
        self.look("find a resource", |sql| read::resource_named(sql, name))
    }

    fn tickets(&self, filter: &TicketFilter) -> Result<Vec<Ticket>, TicketStoreError> {
        self.look("list tickets", |sql| read::tickets(sql, filter))
    }

    fn resources(&self, filter: &ResourceFilter) -> Result<Vec<Resource>, TicketStoreError> {
        self.look("list resources", |sql| read::resources(sql, filter))
    }
}
