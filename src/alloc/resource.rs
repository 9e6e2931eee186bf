//! A resource: one builder, from the start command to the delete command.
//!
//! `STARTING -> UP` or `ENDED`; `UP -> RELEASING -> UP` while what a ticket left is cleaned;
//! `UP -> DELETE_REQUEST -> DELETING -> ENDED`. A failed deletion goes back to `DELETE_REQUEST`.
//! Every other change of state is an [`IllegalMove`]. A resource of an open ticket is never
//! deleted: [`Resource::delete`] refuses it.

pub use super::ticket::ResourceId;
use super::ticket::{IllegalMove, Tags, TicketId};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

/// Where a resource stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum ResourceState {
    /// Its start command runs.
    Starting,
    /// It works.
    Up,
    /// What its last ticket left is cleaned.
    Releasing,
    /// It is to be deleted, as soon as it has no open ticket.
    DeleteRequest,
    /// Its delete command runs.
    Deleting,
    /// It is no more.
    Ended,
}

impl ResourceState {
    /// Every state.
    pub const ALL: [Self; 6] = [
        Self::Starting,
        Self::Up,
        Self::Releasing,
        Self::DeleteRequest,
        Self::Deleting,
        Self::Ended,
    ];

    /// The word that is stored and printed.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Starting => "STARTING",
            Self::Up => "UP",
            Self::Releasing => "RELEASING",
            Self::DeleteRequest => "DELETE_REQUEST",
            Self::Deleting => "DELETING",
            Self::Ended => "ENDED",
        }
    }

    /// The state of a word.
    #[must_use]
    pub fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.as_str() == word)
    }
}

impl fmt::Display for ResourceState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// The tags that a resource offers, each with its priority: sorted by name, each once. Cheap to
/// clone.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Offer(Arc<[(Arc<str>, i64)]>);

impl Offer {
    /// The offer of these tags; of two with one name the first one counts.
    pub fn new<T: AsRef<str>>(tags: impl IntoIterator<Item = (T, i64)>) -> Self {
        let tags = tags.into_iter();
        let mut tags: Vec<_> = tags.map(|it| (Arc::from(it.0.as_ref()), it.1)).collect();
        tags.sort_by(|a: &(Arc<str>, i64), b| a.0.cmp(&b.0));
        tags.dedup_by(|a, b| a.0 == b.0);
        Self(tags.into())
    }

    /// The tags and their priorities, sorted by name.
    pub fn iter(&self) -> impl Iterator<Item = (&str, i64)> {
        self.0.iter().map(|it| (&*it.0, it.1))
    }

    /// The names, as a ticket would ask for them.
    #[must_use]
    pub fn tags(&self) -> Tags {
        Tags::new(self.iter().map(|it| it.0))
    }

    /// The sum of the priorities of the wanted tags, or None when one is missing.
    #[must_use]
    pub fn score(&self, wanted: &Tags) -> Option<i64> {
        let priority = |tag| {
            let at = self.0.binary_search_by(|it| (*it.0).cmp(tag)).ok()?;
            Some(self.0[at].1)
        };
        let mut sum = 0_i64;
        for tag in wanted.iter() {
            sum = sum.saturating_add(priority(tag)?);
        }
        Some(sum)
    }
}

/// A resource. Its state and its ticket change only through its methods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resource {
    /// Its number.
    pub id: ResourceId,
    /// Its name, made by the pool's pattern.
    pub name: Arc<str>,
    /// The name of its pool.
    pub pool: Arc<str>,
    /// The smallest number that was free in its pool when it was started, from 0.
    pub id_in_pool: u32,
    /// The numbers that it holds of the named counters.
    pub counters: BTreeMap<String, u32>,
    /// The tags of its pool when it was started.
    pub offer: Offer,
    /// What the start command printed, as far as it is kept.
    pub data: Arc<[u8]>,
    /// When its start command was begun.
    pub begun: Timestamp,
    /// When it came up.
    pub up: Option<Timestamp>,
    /// The sandbox in which it was used; None too when its first ticket had none.
    pub sandbox: Option<Arc<str>>,
    /// When it entered that sandbox: when it was taken first.
    pub entered: Option<Timestamp>,
    /// When it was released last; None while it has a ticket.
    pub released: Option<Timestamp>,
    /// How often it was released.
    pub releases: u32,
    /// When it was checked last.
    pub checked: Option<Timestamp>,
    /// Failed checks in a row.
    pub failed_checks: u32,
    /// Failed deletions.
    pub failed_deletions: u32,
    /// When it ended.
    pub ended: Option<Timestamp>,
    state: ResourceState,
    ticket: Option<TicketId>,
}

/// What a resource is started with.
#[derive(Clone, Debug)]
pub struct Seed {
    /// Its number.
    pub id: ResourceId,
    /// Its name.
    pub name: Arc<str>,
    /// The name of its pool.
    pub pool: Arc<str>,
    /// Its number in the pool.
    pub id_in_pool: u32,
    /// Its numbers of the named counters.
    pub counters: BTreeMap<String, u32>,
    /// Its tags.
    pub offer: Offer,
}

impl Resource {
    /// A resource whose start command is begun now.
    #[must_use]
    pub fn new(seed: Seed, now: Timestamp) -> Self {
        Self {
            id: seed.id,
            name: seed.name,
            pool: seed.pool,
            id_in_pool: seed.id_in_pool,
            counters: seed.counters,
            offer: seed.offer,
            data: Arc::default(),
            begun: now,
            up: None,
            sandbox: None,
            entered: None,
            released: None,
            releases: 0,
            checked: None,
            failed_checks: 0,
            failed_deletions: 0,
            ended: None,
            state: ResourceState::Starting,
            ticket: None,
        }
    }

    /// The same resource as a store kept it.
    #[must_use]
    pub const fn restored(mut self, state: ResourceState, ticket: Option<TicketId>) -> Self {
        self.state = state;
        self.ticket = ticket;
        self
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> ResourceState {
        self.state
    }

    /// The open ticket that has it.
    #[must_use]
    pub const fn ticket(&self) -> Option<TicketId> {
        self.ticket
    }

    /// Whether a ticket may get it: it is up, has none, and its last check did not fail.
    #[must_use]
    pub fn is_free(&self) -> bool {
        self.state == ResourceState::Up && self.ticket.is_none() && self.failed_checks == 0
    }

    /// Whether no ticket ever had it.
    #[must_use]
    pub const fn is_unused(&self) -> bool {
        self.entered.is_none()
    }

    /// Its start command succeeded.
    ///
    /// # Errors
    /// Unless it is starting.
    pub fn come_up(&mut self, data: Arc<[u8]>, now: Timestamp) -> Result<(), IllegalMove> {
        self.go(&[ResourceState::Starting], ResourceState::Up, "come up")?;
        self.data = data;
        self.up = Some(now);
        Ok(())
    }

    /// Its start command failed.
    ///
    /// # Errors
    /// Unless it is starting.
    pub fn fail_to_start(&mut self, now: Timestamp) -> Result<(), IllegalMove> {
        let from = [ResourceState::Starting];
        self.go(&from, ResourceState::Ended, "fail to start")?;
        self.ended = Some(now);
        Ok(())
    }

    /// Is given to a ticket of this sandbox.
    ///
    /// # Errors
    /// Unless it is free and of that sandbox, or unused.
    pub fn hand(
        &mut self,
        ticket: TicketId,
        sandbox: Option<&Arc<str>>,
        now: Timestamp,
    ) -> Result<(), IllegalMove> {
        let is_same = sandbox.is_some() && self.sandbox.as_ref() == sandbox;
        if !self.is_free() || !(self.is_unused() || is_same) {
            return Err(self.illegal("be given to this ticket"));
        }
        if self.is_unused() {
            self.entered = Some(now);
            self.sandbox = sandbox.cloned();
        }
        self.ticket = Some(ticket);
        self.released = None;
        Ok(())
    }

    /// Its ticket ended. One that is to be deleted stays so; else it is up and without a ticket.
    ///
    /// # Errors
    /// Unless it has a ticket.
    pub fn release(&mut self, now: Timestamp) -> Result<(), IllegalMove> {
        if self.ticket.take().is_none() {
            return Err(self.illegal("be released"));
        }
        self.released = Some(now);
        self.releases += 1;
        Ok(())
    }

    /// Its release command runs from now on.
    ///
    /// # Errors
    /// Unless it is up and without a ticket.
    pub fn begin_release(&mut self) -> Result<(), IllegalMove> {
        if self.ticket.is_some() {
            return Err(self.illegal("be cleaned while it has a ticket"));
        }
        self.go(
            &[ResourceState::Up],
            ResourceState::Releasing,
            "be released",
        )
    }

    /// Its release command succeeded.
    ///
    /// # Errors
    /// Unless it is releasing.
    pub fn end_release(&mut self, now: Timestamp) -> Result<(), IllegalMove> {
        let from = [ResourceState::Releasing];
        self.go(&from, ResourceState::Up, "be up again")?;
        self.released = Some(now);
        Ok(())
    }

    /// Is to be deleted, at once or when its ticket ends.
    ///
    /// # Errors
    /// Unless it is up or releasing, or, after a restart, its start or deletion was cut short.
    pub fn ask_deletion(&mut self) -> Result<(), IllegalMove> {
        use ResourceState::{DeleteRequest, Deleting, Releasing, Starting, Up};
        let from = [Starting, Up, Releasing, Deleting, DeleteRequest];
        self.go(&from, DeleteRequest, "be asked to go")
    }

    /// Its delete command runs from now on.
    ///
    /// # Errors
    /// Unless its deletion was asked for and it has no ticket.
    pub fn delete(&mut self) -> Result<(), IllegalMove> {
        if self.ticket.is_some() {
            return Err(self.illegal("be deleted while it has a ticket"));
        }
        let from = [ResourceState::DeleteRequest];
        self.go(&from, ResourceState::Deleting, "be deleted")
    }

    /// It is gone.
    ///
    /// # Errors
    /// Unless it is being deleted.
    pub fn end(&mut self, now: Timestamp) -> Result<(), IllegalMove> {
        self.go(&[ResourceState::Deleting], ResourceState::Ended, "end")?;
        self.ended = Some(now);
        Ok(())
    }

    fn go(
        &mut self,
        from: &[ResourceState],
        to: ResourceState,
        action: &'static str,
    ) -> Result<(), IllegalMove> {
        if !from.contains(&self.state) {
            return Err(self.illegal(action));
        }
        self.state = to;
        Ok(())
    }

    fn illegal(&self, action: &'static str) -> IllegalMove {
        IllegalMove {
            what: format!("resource {} ({})", self.id, self.name),
            from: self.state.as_str(),
            action,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resource() -> Resource {
        let seed = Seed {
            id: ResourceId(3),
            name: "p_3".into(),
            pool: "p".into(),
            id_in_pool: 0,
            counters: BTreeMap::new(),
            offer: Offer::new([("b", 2), ("a", 5), ("a", 9)]),
        };
        Resource::new(seed, Timestamp::UNIX_EPOCH)
    }

    #[test]
    fn a_resource_moves_only_as_it_may() {
        let now = Timestamp::UNIX_EPOCH;
        let mut it = resource();
        assert!(it.hand(TicketId(1), None, now).is_err());
        assert!(it.end(now).is_err() && it.begin_release().is_err());
        it.come_up(Arc::from(*b"here"), now).unwrap();
        assert!(it.come_up(Arc::default(), now).is_err());
        let (sandbox, other): (Arc<str>, Arc<str>) = ("s".into(), "t".into());
        it.hand(TicketId(1), Some(&sandbox), now).unwrap();
        assert!(it.hand(TicketId(2), Some(&sandbox), now).is_err());
        it.ask_deletion().unwrap();
        let error = it.delete().unwrap_err().to_string();
        let text = "resource 3 (p_3) is DELETE_REQUEST: it cannot be deleted while it has a ticket";
        assert_eq!(error, text);
        it.release(now).unwrap();
        it.delete().unwrap();
        it.end(now).unwrap();
        assert!(it.ask_deletion().is_err());

        let mut it = resource();
        it.come_up(Arc::default(), now).unwrap();
        it.hand(TicketId(1), Some(&sandbox), now).unwrap();
        it.release(now).unwrap();
        it.begin_release().unwrap();
        it.end_release(now).unwrap();
        assert!(it.hand(TicketId(2), Some(&other), now).is_err());
        assert!(it.hand(TicketId(2), None, now).is_err());
        it.hand(TicketId(2), Some(&sandbox), now).unwrap();
        assert_eq!(it.releases, 1);
    }

    #[test]
    fn what_a_ticket_without_a_sandbox_used_is_of_no_other_one() {
        let now = Timestamp::UNIX_EPOCH;
        let mut it = resource();
        it.come_up(Arc::default(), now).unwrap();
        it.hand(TicketId(1), None, now).unwrap();
        it.release(now).unwrap();
        assert!(it.hand(TicketId(2), None, now).is_err());
    }

    #[test]
    fn a_score_is_the_sum_of_what_is_asked_for() {
        let offer = resource().offer;
        assert_eq!(offer.score(&Tags::new(["a", "b"])), Some(7));
        assert_eq!(offer.score(&Tags::new(["a"])), Some(5));
        assert_eq!(offer.score(&Tags::default()), Some(0));
        assert_eq!(offer.score(&Tags::new(["a", "c"])), None);
    }
}
