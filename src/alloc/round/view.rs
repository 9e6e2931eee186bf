//! What can be seen of the farm from outside.

use crate::alloc::error::AllocError;
use crate::alloc::pool::Pool;
use crate::alloc::resource::{Resource, ResourceId, ResourceState};
use crate::alloc::store::StartStats;
use crate::alloc::ticket::{Ticket, TicketState};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::sync::Arc;

/// A ticket and the resource that it has or had.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checked {
    /// The ticket.
    pub ticket: Ticket,
    /// Its resource, in any state.
    pub resource: Option<Resource>,
}

impl Checked {
    /// Whether the ticket is neither closed nor failed.
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.ticket.state() == TicketState::Open
    }

    /// Whether it has or had a resource.
    #[must_use]
    pub const fn is_ready(&self) -> bool {
        self.resource.is_some()
    }

    /// What the start command of its resource printed.
    #[must_use]
    pub fn output(&self) -> Option<&Arc<[u8]>> {
        self.resource.as_ref().map(|it| &it.data)
    }

    /// The same, or why there never will be a resource.
    ///
    /// # Errors
    /// When the ticket ended without a resource.
    pub fn or_ended(self) -> Result<Self, AllocError> {
        let id = self.ticket.id;
        match self.ticket.state() {
            _ if self.is_ready() => Ok(self),
            TicketState::Open => Ok(self),
            TicketState::Closed => Err(AllocError::Closed(id)),
            TicketState::Failed => {
                let reason = self.ticket.reason.unwrap_or_default();
                Err(AllocError::Failed { id, reason })
            }
        }
    }
}

/// Which resources are to be deleted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Victims {
    /// These.
    Ids(Vec<ResourceId>),
    /// All of them; those of open tickets once these are closed.
    All,
    /// Those that are up and have no ticket.
    Unused,
}

/// How a pool does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PoolStatus {
    /// Its settings.
    pub pool: Arc<Pool>,
    /// Whether it was taken out of the configuration, and its resources are being deleted.
    pub is_draining: bool,
    /// Resources by state.
    pub states: BTreeMap<ResourceState, u32>,
    /// Resources with an open ticket.
    pub taken: u32,
    /// Resources that a ticket may get.
    pub free: u32,
    /// How starts went.
    pub stats: StartStats,
    /// What went wrong lately.
    pub trouble: Trouble,
}

/// What went wrong lately in a pool.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize)]
pub struct Trouble {
    /// Failed starts in a row.
    pub failures: u32,
    /// Why the last one failed.
    pub last: Option<String>,
    /// No start before this.
    pub paused_until: Option<Timestamp>,
    /// Whether this is a quarantine, not only a pause.
    pub is_quarantined: bool,
    /// Numbers in the pool that are left out, and until when.
    pub bad_slots: BTreeMap<u32, Timestamp>,
}
