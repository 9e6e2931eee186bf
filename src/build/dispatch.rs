//! The dispatcher: builds, tickets and builders joined.
//!
//! One thread that sleeps until something happens: a build was added, a ticket has its builder, a
//! build has ended, a pause is over. It takes what has happened together, decides, writes all of it
//! down in one transaction, and only then acts: a ticket is written down before its builder is used, a
//! build is marked as running before it is begun. Every ticket is closed, whatever comes of its build;
//! those that a killed process left are closed at the next start.

mod after;
mod attempt;
mod desk;
mod engine;
mod inflow;
mod recover;
mod settings;
mod tidy;
mod turn;

pub use engine::{DispatchError, Dispatcher};
pub use settings::{Places, Settings};

use super::entry::{Build, BuildId};
use super::machine::Machine;
use super::results::Repository;
use super::tickets::News;

/// Something that happened.
#[derive(Debug)]
enum Event {
    /// Of a ticket.
    Ticket(News),
    /// An attempt has ended; the build as it is after it, and whether this machine has no room left.
    Ended(Box<Build>, bool),
    /// A repository was refreshed, or why not.
    Refreshed(Repository, Result<(), String>),
}

/// What can be seen of the work.
#[derive(Debug)]
pub enum Sight<'a> {
    /// A build runs on a builder.
    Begun(&'a Build, &'a Machine),
    /// A build will be tried again, for this reason.
    Again(&'a Build, &'a str),
    /// A build has ended.
    Ended(&'a Build),
    /// Something that is no build's own.
    Notice(&'a str),
    /// How many builds are queued, wait for a ticket, and run.
    Counts(usize, u32, u32),
}

/// Something to be done once all is written down.
#[derive(Debug)]
enum Act {
    /// Take a ticket for the build.
    Take(BuildId),
    /// Begin the build on its builder.
    Begin(BuildId, Machine),
    /// Close the ticket; the second is a complaint.
    Close(String, Option<String>),
    /// End the attempt.
    Halt(BuildId),
    /// Refresh the repository.
    Refresh(Repository),
}
