//! Tickets that ask for the same tags, in the order in which they are served.
//!
//! Each owner has a line; the heads of the lines are ranked. A rank is a time in microseconds:
//! when the head began to wait for its owner's turn, later by the policy's handicap for each
//! resource that the owner has. So who has less comes first, and who waits long enough comes
//! before anybody: nobody is passed over for ever. While no owner is named all ranks are the same.

use crate::alloc::pool::Policy;
use crate::alloc::ticket::{Tags, Ticket, TicketId};
use crate::alloc::time::micros;
use std::collections::btree_set::Iter;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Whose ticket it is.
pub(crate) type Owner = Option<Arc<str>>;

/// When a ticket is served, within its group and owner: by priority and age, then by number.
pub(crate) type Turn = (i64, i64, TicketId);

/// A head's place among the heads: the least is first.
pub(crate) type Rank = i64;

/// Tickets that ask for the same tags.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) tags: Tags,
    /// Whether one of the tags is on demand: such tickets come before all others.
    pub(crate) is_on_demand: bool,
    /// How many wait.
    pub(crate) waiting: usize,
    lines: BTreeMap<Owner, Line>,
    /// The first ticket of each owner that may have more, by its rank.
    heads: BTreeSet<(Rank, Turn)>,
}

/// The tickets of one owner.
#[derive(Debug, Default)]
struct Line {
    turns: BTreeSet<Turn>,
    /// When one of them was served last.
    served: Option<i64>,
    /// The head as it stands among the heads.
    listed: Option<(Rank, Turn)>,
}

impl Group {
    pub(super) const fn new(tags: Tags, is_on_demand: bool) -> Self {
        Self {
            tags,
            is_on_demand,
            waiting: 0,
            lines: BTreeMap::new(),
            heads: BTreeSet::new(),
        }
    }

    /// The first tickets of each owner, in their order.
    pub(crate) fn heads(&self) -> Iter<'_, (Rank, Turn)> {
        self.heads.iter()
    }

    /// The line of an owner.
    pub(crate) fn line(&self, owner: &Owner) -> Option<&BTreeSet<Turn>> {
        self.lines.get(owner).map(|it| &it.turns)
    }

    /// The first ticket of an owner.
    pub(super) fn first(&self, owner: &Owner) -> Option<Turn> {
        self.lines.get(owner)?.turns.first().copied()
    }

    /// When a ticket of an owner began to wait for its owner's turn: when it was taken, or when
    /// the owner was served last.
    pub(super) fn waits_since(&self, owner: &Owner, taken: i64) -> i64 {
        let served = self.lines.get(owner).and_then(|it| it.served);
        served.map_or(taken, |it| it.max(taken))
    }

    /// Tickets whose turn is earlier, of all owners.
    pub(super) fn before(&self, turn: Turn) -> usize {
        let lines = self.lines.values();
        lines.map(|it| it.turns.range(..turn).count()).sum()
    }

    pub(super) fn add(&mut self, owner: &Owner, turn: Turn) {
        self.waiting += 1;
        let line = self.lines.entry(owner.clone()).or_default();
        line.turns.insert(turn);
    }

    /// Notes that a ticket of an owner is served.
    pub(super) fn serve(&mut self, owner: &Owner, now: i64) {
        if let Some(line) = self.lines.get_mut(owner) {
            line.served = Some(now);
        }
    }

    /// Takes a ticket out. Whether its owner waits here no more.
    pub(super) fn remove(&mut self, owner: &Owner, turn: Turn) -> bool {
        self.waiting -= 1;
        let Some(line) = self.lines.get_mut(owner) else {
            return true;
        };
        line.turns.remove(&turn);
        if !line.turns.is_empty() {
            return false;
        }
        if let Some(head) = line.listed {
            self.heads.remove(&head);
        }
        self.lines.remove(owner);
        true
    }

    /// Lists the head of an owner by this rank; none: not at all, since it may not have more.
    pub(super) fn list(&mut self, owner: &Owner, rank: Option<Rank>) {
        let Some(line) = self.lines.get_mut(owner) else {
            return;
        };
        let head = rank.zip(line.turns.first().copied());
        if line.listed == head {
            return;
        }
        if let Some(former) = line.listed {
            self.heads.remove(&former);
        }
        self.heads.extend(head);
        line.listed = head;
    }
}

/// A ticket's own part of its rank: when it was taken, and how much earlier its priority makes it,
/// which is no more than what two resources of its owner count: no owner gets before the others
/// for ever by high priorities.
#[derive(Clone, Copy, Debug)]
pub(super) struct Claim {
    pub(super) taken: i64,
    pub(super) lead: i64,
}

impl Claim {
    pub(super) fn of(ticket: &Ticket, policy: &Policy) -> Self {
        let priority = i64::from(ticket.request.priority);
        let lead = priority.saturating_mul(micros(policy.ageing));
        let most = micros(policy.handicap).saturating_mul(2);
        Self {
            taken: ticket.taken.as_microsecond(),
            lead: lead.clamp(-most, most),
        }
    }
}
