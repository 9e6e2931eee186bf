//! Tickets for builders, as builds ask for them.
//!
//! Whoever gives them out is behind [`Tickets`]: the allocator in this process, or a resalloc server
//! elsewhere. Nothing here waits: all that happens is told as [`News`], and a build that waits for its
//! ticket costs no thread. News of one ticket come in their order.

mod here;
mod remote;

pub use here::InProcess;
pub use remote::Remote;

use super::entry::BuildId;
use std::sync::Arc;

/// What a build asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// The tags that the builder must have.
    pub tags: Vec<String>,
    /// What was used in this sandbox may be used again; none: the builder is a fresh one.
    pub sandbox: Option<String>,
    /// Whose build it is.
    pub owner: String,
    /// A higher one is served earlier, 0 being normal.
    pub priority: i32,
}

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum News {
    /// A ticket was taken for the build.
    Taken {
        /// The build.
        build: BuildId,
        /// The ticket.
        ticket: String,
    },
    /// None can be had now.
    Refused {
        /// The build.
        build: BuildId,
        /// Why.
        reason: String,
    },
    /// The ticket has a builder.
    Ready {
        /// The ticket.
        ticket: String,
        /// What is said of the builder.
        output: Vec<u8>,
    },
    /// The ticket was ended by others: it has no builder, or the builder was taken away.
    Gone {
        /// The ticket.
        ticket: String,
        /// Why.
        reason: String,
    },
    /// The ticket is closed.
    Closed {
        /// The ticket.
        ticket: String,
    },
}

/// Where news go; called from any thread, never blocks.
pub type Tell = Arc<dyn Fn(News) + Send + Sync>;

/// The giver of builders on this machine, whose tickets end with the process.
pub const HERE: &str = "here";

/// The giver of the pools of a root, whatever file they are read from.
pub const POOLS: &str = "pools";

/// Gives out tickets.
pub trait Tickets: Send + Sync {
    /// Who that is: [`HERE`], [`POOLS`], or the address of a server. A ticket is closed only where it
    /// was taken.
    fn giver(&self) -> &str;

    /// Takes a ticket for each of the builds: [`News::Taken`] or [`News::Refused`] of each.
    fn take(&self, wanted: Vec<(BuildId, Wanted)>, tell: &Tell);

    /// Closes a ticket, trying again until that is done: [`News::Closed`]. A complaint says that its
    /// builder was of no use.
    fn close(&self, ticket: &str, complaint: Option<&str>, tell: &Tell);

    /// How many tickets with each of these sets of tags could be served soon: by builders that are free
    /// or may be started at once. Nothing where that cannot be told.
    fn ahead(&self, tags: &[&[String]]) -> Option<Vec<u32>>;

    /// Open tickets of which nobody may know: those that an earlier process took and could not
    /// write down. Empty where that cannot be told.
    fn strays(&self) -> Vec<String>;
}
