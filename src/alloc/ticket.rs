//! A ticket: the claim of a client on one builder, from the moment it is taken to its end.
//!
//! `OPEN -> CLOSED` (by its owner) or `OPEN -> FAILED` (its resource died, or an administrator
//! killed it); a failed one may still be closed. Every other change of state is an [`IllegalMove`].
//! Tickets that wait are ordered in `farm`; who gets which resource is decided in `assign`.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::num::ParseIntError;
use std::str::FromStr;
use std::sync::Arc;

/// The number of a ticket, from 1.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct TicketId(pub u64);

impl fmt::Display for TicketId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for TicketId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// The number of a resource, from 1.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct ResourceId(pub u64);

impl fmt::Display for ResourceId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for ResourceId {
    type Err = ParseIntError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

/// Where a ticket stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "UPPERCASE")]
pub enum TicketState {
    /// It waits for a resource, or has one.
    Open,
    /// Its owner closed it.
    Closed,
    /// Its resource died, or an administrator killed it.
    Failed,
}

impl TicketState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Open, Self::Closed, Self::Failed];

    /// The word that is stored and printed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "OPEN",
            Self::Closed => "CLOSED",
            Self::Failed => "FAILED",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}

impl fmt::Display for TicketState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// A change of state that does not exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} is {from}: it cannot {action}")]
pub struct IllegalMove {
    /// The ticket or resource, with its number.
    pub what: String,
    /// Its state.
    pub from: &'static str,
    /// What was tried, as a verb and its object.
    pub action: &'static str,
}

/// The tags that a ticket asks for: sorted, each once. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Tags(Arc<[Arc<str>]>);

impl Tags {
    /// The tags of these names.
    pub fn new<T: AsRef<str>>(names: impl IntoIterator<Item = T>) -> Self {
        let names = names.into_iter().map(|it| Arc::from(it.as_ref()));
        let mut names: Vec<Arc<str>> = names.collect();
        names.sort_unstable();
        names.dedup();
        Self(names.into())
    }

    /// Their names, sorted.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(AsRef::as_ref)
    }

    /// Whether the tag is among them.
    #[must_use]
    pub fn contains(&self, name: &str) -> bool {
        self.0.binary_search_by(|it| (**it).cmp(name)).is_ok()
    }
}

impl fmt::Display for Tags {
    /// Joined by commas.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.iter().collect::<Vec<_>>().join(","))
    }
}

impl Serialize for Tags {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_seq(self.iter())
    }
}

/// What a client asks for.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Request {
    /// The tags that the resource must have, all of them.
    pub tags: Tags,
    /// What was used in this sandbox may be used again for this ticket. None: the resource is
    /// used for this ticket only.
    pub sandbox: Option<Arc<str>>,
    /// Whose ticket it is, for the shares. None: whom the policy's map names for the sandbox,
    /// else nobody.
    pub owner: Option<Arc<str>>,
    /// A higher one is served earlier, 0 being normal.
    pub priority: i32,
}

impl Request {
    /// A request for a resource with these tags.
    pub fn new<T: AsRef<str>>(tags: impl IntoIterator<Item = T>) -> Self {
        Self {
            tags: Tags::new(tags),
            ..Self::default()
        }
    }

    /// The same in this sandbox.
    #[must_use]
    pub fn in_sandbox(mut self, sandbox: &str) -> Self {
        self.sandbox = Some(sandbox.into());
        self
    }

    /// The same for this owner.
    #[must_use]
    pub fn of_owner(mut self, owner: &str) -> Self {
        self.owner = Some(owner.into());
        self
    }

    /// The same with this priority.
    #[must_use]
    pub const fn with_priority(mut self, priority: i32) -> Self {
        self.priority = priority;
        self
    }
}

/// A ticket. Its state and its resource change only through its methods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    /// Its number.
    pub id: TicketId,
    /// What it asks for.
    pub request: Request,
    /// When it was taken.
    pub taken: Timestamp,
    /// When it got its resource.
    pub served: Option<Timestamp>,
    /// When it was closed or failed.
    pub ended: Option<Timestamp>,
    /// Why it failed.
    pub reason: Option<String>,
    state: TicketState,
    resource: Option<ResourceId>,
}

impl Ticket {
    /// A ticket that was just taken.
    #[must_use]
    pub const fn new(id: TicketId, request: Request, now: Timestamp) -> Self {
        Self {
            id,
            request,
            taken: now,
            served: None,
            ended: None,
            reason: None,
            state: TicketState::Open,
            resource: None,
        }
    }

    /// The same ticket as a store kept it.
    #[must_use]
    pub const fn restored(mut self, state: TicketState, resource: Option<ResourceId>) -> Self {
        self.state = state;
        self.resource = resource;
        self
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> TicketState {
        self.state
    }

    /// The resource that it has or had.
    #[must_use]
    pub const fn resource(&self) -> Option<ResourceId> {
        self.resource
    }

    /// Whether it is open and has no resource.
    #[must_use]
    pub fn is_waiting(&self) -> bool {
        self.state == TicketState::Open && self.resource.is_none()
    }

    /// Gets its resource.
    ///
    /// # Errors
    /// Unless it waits.
    pub fn serve(&mut self, resource: ResourceId, now: Timestamp) -> Result<(), IllegalMove> {
        if !self.is_waiting() {
            return Err(self.illegal("get a resource"));
        }
        self.resource = Some(resource);
        self.served = Some(now);
        Ok(())
    }

    /// Is closed by its owner. A closed one stays as it is.
    pub fn close(&mut self, now: Timestamp) {
        if self.state != TicketState::Closed {
            self.state = TicketState::Closed;
            self.ended.get_or_insert(now);
        }
    }

    /// Fails, for a reason that people can read.
    ///
    /// # Errors
    /// Unless it is open.
    pub fn fail(&mut self, reason: &str, now: Timestamp) -> Result<(), IllegalMove> {
        if self.state != TicketState::Open {
            return Err(self.illegal("fail"));
        }
        self.state = TicketState::Failed;
        self.reason = Some(reason.to_owned());
        self.ended = Some(now);
        Ok(())
    }

    fn illegal(&self, action: &'static str) -> IllegalMove {
        IllegalMove {
            what: format!("ticket {}", self.id),
            from: match self.is_waiting() || self.state != TicketState::Open {
                true => self.state.as_str(),
                false => "OPEN with a resource",
            },
            action,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_ticket_moves_only_as_it_may() {
        let now = Timestamp::UNIX_EPOCH;
        let mut ticket = Ticket::new(TicketId(7), Request::new(["b", "a", "b"]), now);
        assert_eq!(ticket.request.tags.to_string(), "a,b");
        assert!(ticket.request.tags.contains("a") && !ticket.request.tags.contains("c"));
        assert!(ticket.is_waiting());
        ticket.serve(ResourceId(1), now).unwrap();
        let error = ticket.serve(ResourceId(2), now).unwrap_err();
        let text = "ticket 7 is OPEN with a resource: it cannot get a resource";
        assert_eq!(error.to_string(), text);
        ticket.fail("its resource died", now).unwrap();
        assert_eq!(ticket.fail("again", now).unwrap_err().from, "FAILED");
        ticket.close(now);
        assert_eq!(ticket.state(), TicketState::Closed);
        assert_eq!(ticket.resource(), Some(ResourceId(1)));
        assert_eq!(TicketState::named("FAILED"), Some(TicketState::Failed));
    }
}
