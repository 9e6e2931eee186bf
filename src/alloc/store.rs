//! Where tickets and resources are kept: the trait that stores implement.
//!
//! The allocator holds what lives in memory and writes through: a store is read whole once, at the
//! start, and asked about single tickets and resources that have ended. So no decision becomes
//! slower with the history.

use super::pool::Pool;
use super::resource::{Resource, ResourceId, ResourceState};
use super::ticket::{Ticket, TicketId, TicketState};
use crate::model::Code;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// A store that could not do what it was asked.
#[derive(Clone, Debug, thiserror::Error)]
pub enum TicketStoreError {
    /// The store itself failed.
    #[error("the ticket store cannot {action}: {source}")]
    Store {
        /// What was tried, as a verb and its object.
        action: &'static str,
        /// Whether there was no room left.
        is_full: bool,
        /// Why.
        source: Arc<dyn std::error::Error + Send + Sync>,
    },
    /// What stands in the store does not mean anything.
    #[error("{what} is damaged in the ticket store: {problem}")]
    Damaged {
        /// The row.
        what: String,
        /// What is wrong.
        problem: String,
    },
}

impl TicketStoreError {
    /// The stable code of this failure.
    #[must_use]
    pub const fn code(&self) -> Code {
        match self {
            Self::Store { is_full: true, .. } => Code::DiskFull,
            Self::Store { .. } => Code::IoError,
            Self::Damaged { .. } => Code::InternalError,
        }
    }
}

/// How the starts of a pool went, over all time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct StartStats {
    /// Starts that were begun.
    pub begun: u64,
    /// Starts that succeeded.
    pub succeeded: u64,
    /// Starts that failed.
    pub failed: u64,
    /// How long the successful ones took, together.
    pub time: Duration,
    /// When the last one was begun; `start_delay` counts from here.
    pub last: Option<Timestamp>,
}

/// Something that is to be kept: the new whole of it, under its key.
#[derive(Clone, Debug)]
pub enum Change {
    /// A ticket, by its number.
    Ticket(Ticket),
    /// A resource, by its number.
    Resource(Resource),
    /// The statistics of a pool, by its name.
    Stats(Arc<str>, StartStats),
    /// The settings of a pool, by its name: as long as a resource of it lives it can be deleted,
    /// even when the pool was taken out of the configuration.
    Pool(Arc<Pool>),
    /// A pool that is out of the configuration and has no resource any more.
    PoolGone(Arc<str>),
}

/// All that lives, as a store kept it.
#[derive(Clone, Debug, Default)]
pub struct Living {
    /// The open tickets, by number.
    pub tickets: Vec<Ticket>,
    /// The resources that have not ended, by number.
    pub resources: Vec<Resource>,
    /// The highest number of a ticket that was ever given.
    pub last_ticket: TicketId,
    /// The highest number of a resource that was ever given.
    pub last_resource: ResourceId,
    /// The statistics by pool.
    pub stats: BTreeMap<Arc<str>, StartStats>,
    /// The pools that were written and are not gone.
    pub pools: Vec<Arc<Pool>>,
}

/// Which tickets are listed: those that fit all that is set.
#[derive(Clone, Debug, Default)]
pub struct TicketFilter {
    /// In one of these states; empty: in any.
    pub states: Vec<TicketState>,
    /// With or without a resource.
    pub has_resource: Option<bool>,
    /// At most so many, the oldest first.
    pub limit: Option<usize>,
}

impl TicketFilter {
    /// Those that are not closed.
    #[must_use]
    pub fn not_closed() -> Self {
        Self {
            states: vec![TicketState::Open, TicketState::Failed],
            ..Self::default()
        }
    }

    /// Whether a ticket fits, the limit apart.
    #[must_use]
    pub fn fits(&self, ticket: &Ticket) -> bool {
        (self.states.is_empty() || self.states.contains(&ticket.state()))
            && self
                .has_resource
                .is_none_or(|it| it == ticket.resource().is_some())
    }
}

/// Which resources are listed: those that fit all that is set.
#[derive(Clone, Debug, Default)]
pub struct ResourceFilter {
    /// In one of these states; empty: in any.
    pub states: Vec<ResourceState>,
    /// Of this pool.
    pub pool: Option<String>,
    /// At most so many, the oldest first.
    pub limit: Option<usize>,
}

impl ResourceFilter {
    /// Those that have not ended.
    #[must_use]
    pub fn living() -> Self {
        let states = ResourceState::ALL.into_iter();
        Self {
            states: states.filter(|it| *it != ResourceState::Ended).collect(),
            ..Self::default()
        }
    }

    /// Whether a resource fits, the limit apart.
    #[must_use]
    pub fn fits(&self, resource: &Resource) -> bool {
        (self.states.is_empty() || self.states.contains(&resource.state()))
            && self.pool.as_deref().is_none_or(|it| it == &*resource.pool)
    }
}

/// A place for tickets and resources that outlives the allocator.
pub trait TicketStore: Send + Sync + fmt::Debug {
    /// All that lives.
    ///
    /// # Errors
    /// When it cannot be read.
    fn load(&self) -> Result<Living, TicketStoreError>;

    /// Keeps all changes, or none: when this returns they are durable. Later ones win over
    /// earlier ones with the same key.
    ///
    /// # Errors
    /// When it cannot be written; the same changes are written again then.
    fn write(&self, changes: &[Change]) -> Result<(), TicketStoreError>;

    /// A ticket in any state.
    ///
    /// # Errors
    /// When it cannot be read.
    fn ticket(&self, id: TicketId) -> Result<Option<Ticket>, TicketStoreError>;

    /// A resource in any state.
    ///
    /// # Errors
    /// When it cannot be read.
    fn resource(&self, id: ResourceId) -> Result<Option<Resource>, TicketStoreError>;

    /// The latest resource of this name, in any state.
    ///
    /// # Errors
    /// When it cannot be read.
    fn resource_named(&self, name: &str) -> Result<Option<Resource>, TicketStoreError>;

    /// The tickets that fit, by number.
    ///
    /// # Errors
    /// When they cannot be read.
    fn tickets(&self, filter: &TicketFilter) -> Result<Vec<Ticket>, TicketStoreError>;

    /// The resources that fit, by number.
    ///
    /// # Errors
    /// When they cannot be read.
    fn resources(&self, filter: &ResourceFilter) -> Result<Vec<Resource>, TicketStoreError>;
}
