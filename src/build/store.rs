//! What a store of builds promises.
//!
//! Every method is one transaction: it happens as a whole or not at all, and once it returns its
//! effect survives the death of the process. One process at a time dispatches; it alone moves builds
//! that wait for a ticket or run. Others, in any process, add builds, cancel those that are queued
//! and put back those that have ended; of the rest they only say that nobody wants them any more.

use super::entry::{Build, BuildId, NewBuild};
use super::state::State;
use crate::model::{Code, Project};
use crate::sync::Bell;
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

/// A store that could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum BuildStoreError {
    /// The store itself failed.
    #[error("the builds cannot be kept: cannot {action}: {source}")]
    Store {
        /// What was tried, as a verb and its object.
        action: &'static str,
        /// Whether there was no room left.
        is_full: bool,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file cannot be used.
    #[error("cannot open {}: {source}", path.display())]
    Open {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// It was written by a newer version of the program.
    #[error(
        "{} has schema {found}, this program knows {known}: use a newer distmill",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// The schema that it has.
        found: u32,
        /// The newest one that is known.
        known: u32,
    },
}

impl BuildStoreError {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Store { is_full: true, .. } => Code::DiskFull,
            Self::Open { source, .. } => Code::of_io(source),
            Self::Store { .. } | Self::Newer { .. } => Code::IoError,
        }
    }
}

/// What became of a build that was to be added.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Added {
    /// It is new.
    New(BuildId),
    /// It was there already and was left as it stands.
    Known(BuildId, State),
}

/// A build that the dispatcher moved.
#[derive(Clone, Debug)]
pub struct Move {
    /// The state that it was in.
    pub from: State,
    /// The build as it is now.
    pub build: Build,
}

/// A ticket, and who gave it: two givers may have tickets of one number.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TicketName {
    /// What [`Tickets::giver`](super::tickets::Tickets::giver) says; empty: not known.
    pub giver: String,
    /// The giver's name for it.
    pub ticket: String,
}

/// A ticket that has to be closed some day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum TicketChange {
    /// It was taken for this build.
    Taken(TicketName, BuildId),
    /// It is closed.
    Closed(TicketName),
}

/// Builds that fulfil all that is said here. What is absent asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// These builds.
    pub builds: Option<Vec<BuildId>>,
    /// In one of these states.
    pub states: Option<Vec<State>>,
    /// That ended with this code.
    pub code: Option<String>,
    /// Of this project.
    pub project: Option<Project>,
    /// Of this owner.
    pub owner: Option<String>,
    /// Of this package.
    pub package: Option<String>,
    /// For this target.
    pub target: Option<String>,
    /// Of this run of imports.
    pub run: Option<String>,
    /// With a higher number than this one.
    pub after: Option<BuildId>,
    /// At most so many, by number.
    pub limit: Option<u64>,
}

impl Filter {
    /// Whether a build fulfils it, the run and the number of builds apart.
    #[must_use]
    pub fn fits(&self, build: &Build) -> bool {
        let what = &build.what;
        let same = |wanted: &Option<String>, is: &str| wanted.as_deref().is_none_or(|it| it == is);
        let builds = self.builds.as_ref();
        let states = self.states.as_ref();
        builds.is_none_or(|it| it.contains(&build.id))
            && states.is_none_or(|it| it.contains(&build.state()))
            && (self.code.is_none() || self.code == build.code)
            && self.project.as_ref().is_none_or(|it| *it == what.project)
            && same(&self.owner, what.project.owner())
            && same(&self.package, &what.package)
            && same(&self.target, &what.target)
            && self.after.is_none_or(|it| build.id > it)
    }
}

/// How many builds stand how: by state, and by code where they ended without success.
pub type Counts = BTreeMap<(State, Option<String>), u64>;

/// Keeps builds.
pub trait BuildStore: Send + Sync {
    /// Adds builds; one that is there already is left as it stands, unless `again` is said, it has
    /// ended, and it is none of the same run: a run builds each once. In both cases it belongs to
    /// the run from then on.
    ///
    /// # Errors
    /// When the store fails; so below.
    fn add(
        &self,
        builds: &[NewBuild],
        again: bool,
        now: Timestamp,
    ) -> Result<Vec<Added>, BuildStoreError>;

    /// Keeps what the dispatcher moved, and the tickets. The answer is the builds that were not in
    /// the state that they were moved from: they stay as they are.
    ///
    /// # Errors
    /// When the store fails.
    fn write(
        &self,
        moves: &[Move],
        tickets: &[TicketChange],
    ) -> Result<Vec<BuildId>, BuildStoreError>;

    /// Builds that somebody else added or changed since the change of number `after`, at most
    /// `limit` of them in the order of the changes, each with the number of its change.
    ///
    /// # Errors
    /// When the store fails.
    fn changed(&self, after: u64, limit: usize) -> Result<Vec<(u64, Build)>, BuildStoreError>;

    /// The number of the last change.
    ///
    /// # Errors
    /// When the store fails.
    fn last_change(&self) -> Result<u64, BuildStoreError>;

    /// One build.
    ///
    /// # Errors
    /// When the store fails.
    fn build(&self, id: BuildId) -> Result<Option<Build>, BuildStoreError>;

    /// Builds by number.
    ///
    /// # Errors
    /// When the store fails.
    fn find(&self, filter: &Filter) -> Result<Vec<Build>, BuildStoreError>;

    /// How many builds fulfil a filter, by how they stand.
    ///
    /// # Errors
    /// When the store fails.
    fn count(&self, filter: &Filter) -> Result<Counts, BuildStoreError>;

    /// Tickets that were taken and are not known to be closed, with their builds.
    ///
    /// # Errors
    /// When the store fails.
    fn tickets(&self) -> Result<Vec<(TicketName, BuildId)>, BuildStoreError>;

    /// Cancels what is queued, and says of what waits or runs that nobody wants it. How many.
    ///
    /// # Errors
    /// When the store fails.
    fn cancel(&self, filter: &Filter, now: Timestamp) -> Result<u64, BuildStoreError>;

    /// Puts back what failed, was cancelled or set aside. How many.
    ///
    /// # Errors
    /// When the store fails.
    fn retry(&self, filter: &Filter, now: Timestamp) -> Result<u64, BuildStoreError>;

    /// Rung when somebody added or changed builds.
    fn bell(&self) -> &Arc<Bell>;
}
