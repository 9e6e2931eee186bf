//! Why the allocator could not do what it was asked.

use super::pool::PoolsError;
use super::resource::ResourceId;
use super::store::TicketStoreError;
use super::ticket::TicketId;
use crate::model::Code;

/// A failure of the allocator.
#[derive(Clone, Debug, thiserror::Error)]
pub enum AllocError {
    /// No ticket has this number.
    #[error("no such ticket {0}")]
    NoSuchTicket(TicketId),
    /// No resource has this number.
    #[error("no such resource {0}")]
    NoSuchResource(ResourceId),
    /// The ticket was closed before it had a resource.
    #[error("ticket {0} was closed before it had a resource")]
    Closed(TicketId),
    /// The ticket failed before it had a resource.
    #[error("ticket {id} failed before it had a resource: {reason}")]
    Failed {
        /// The ticket.
        id: TicketId,
        /// Why.
        reason: String,
    },
    /// The settings are wrong; the last good ones stay in use.
    #[error("the pools are wrong: {}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("; "))]
    Pools(Vec<PoolsError>),
    /// The store failed.
    #[error(transparent)]
    Store(#[from] TicketStoreError),
    /// The allocator was stopped.
    #[error("the allocator was stopped")]
    Stopped,
    /// The system has no thread for it.
    #[error("cannot start the allocator's thread: {0}")]
    Thread(std::sync::Arc<std::io::Error>),
}

impl AllocError {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::NoSuchTicket(_) => Code::UnknownTicket,
            Self::NoSuchResource(_) => Code::UnknownResource,
            Self::Closed(_) => Code::TicketClosed,
            Self::Failed { .. } => Code::TicketFailed,
            Self::Pools(_) => Code::PoolsInvalid,
            Self::Store(error) => error.code(),
            Self::Stopped => Code::Stopped,
            Self::Thread(error) => Code::of_io(error),
        }
    }
}
