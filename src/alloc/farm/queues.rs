//! Waiting tickets, in the order in which they are served.
//!
//! A [`Group`] holds all tickets that ask for the same tags, with a line for each owner; the heads
//! of these lines are ranked by how long they wait and how much their owner has already, then by
//! their turn. So the next ticket of a group is found without looking at the others, however many
//! wait.

use super::group::{Claim, Group, Owner, Rank, Turn};
use crate::alloc::pool::{Policy, Share};
use crate::alloc::ticket::{Tags, Ticket, TicketId};
use crate::alloc::time::micros;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// The place of a group in the list of groups.
pub(crate) type GroupId = usize;

/// Where a waiting ticket stands.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) group: GroupId,
    pub(crate) owner: Owner,
    pub(crate) sandbox: Option<Arc<str>>,
    turn: Turn,
    claim: Claim,
}

#[derive(Debug, Default)]
struct OwnerState {
    /// Resources that it has.
    load: u32,
    share: Share,
    /// The groups in which it waits.
    groups: BTreeSet<GroupId>,
}

type InSandbox = BTreeMap<(GroupId, Owner), BTreeSet<Turn>>;

/// All waiting tickets.
#[derive(Debug, Default)]
pub(crate) struct Queues {
    policy: Arc<Policy>,
    groups: Vec<Option<Group>>,
    /// Places of groups that are gone.
    vacant: Vec<GroupId>,
    by_tags: HashMap<Tags, GroupId>,
    places: HashMap<TicketId, Place>,
    owners: HashMap<Owner, OwnerState>,
    sandboxes: HashMap<Arc<str>, InSandbox>,
    /// Whether owners were named at all: else nothing is ranked.
    has_owners: bool,
}

impl Queues {
    pub(crate) fn new(policy: Arc<Policy>) -> Self {
        Self {
            policy,
            ..Self::default()
        }
    }

    /// Whose ticket it is.
    pub(crate) fn owner(&self, ticket: &Ticket) -> Owner {
        let request = &ticket.request;
        match &request.owner {
            Some(owner) => Some(Arc::clone(owner)),
            None => self.policy.owner_of(request).map(Arc::from),
        }
    }

    pub(crate) fn group(&self, id: GroupId) -> Option<&Group> {
        self.groups.get(id)?.as_ref()
    }

    pub(crate) fn groups(&self) -> impl Iterator<Item = (GroupId, &Group)> {
        let groups = self.groups.iter().enumerate();
        groups.filter_map(|it| Some((it.0, it.1.as_ref()?)))
    }

    pub(crate) fn place(&self, id: TicketId) -> Option<&Place> {
        self.places.get(&id)
    }

    /// The queues of those who wait in a sandbox.
    pub(crate) fn in_sandbox(&self, sandbox: &str) -> Option<&InSandbox> {
        self.sandboxes.get(sandbox)
    }

    /// The rank of a waiting ticket of an owner, were it the first one in its group: None when the
    /// owner may not have more.
    pub(crate) fn rank(&self, ticket: TicketId) -> Option<Rank> {
        let place = self.places.get(&ticket)?;
        if self.room(&place.owner) == 0 {
            return None;
        }
        if !self.has_owners {
            return Some(0);
        }
        let (share, load) = match self.owners.get(&place.owner) {
            Some(it) => (it.share, it.load),
            None => (self.policy.share_of(place.owner.as_deref()), 0),
        };
        let handicap = micros(self.policy.handicap).saturating_mul(i64::from(load));
        let handicap = handicap / i64::from(share.weight.max(1));
        let claim = place.claim;
        let group = self.group(place.group)?;
        let since = group.waits_since(&place.owner, claim.taken);
        Some(since.saturating_sub(claim.lead).saturating_add(handicap))
    }

    /// Lists the first ticket of an owner in a group anew.
    fn list(&mut self, id: GroupId, owner: &Owner) {
        let group = self.group(id);
        let first = group.and_then(|it| it.first(owner));
        let rank = first.and_then(|it| self.rank(it.2));
        if let Some(group) = self.groups.get_mut(id).and_then(Option::as_mut) {
            group.list(owner, rank);
        }
    }

    /// How many more an owner may have.
    pub(crate) fn room(&self, owner: &Owner) -> u32 {
        match self.owners.get(owner) {
            Some(it) => it
                .share
                .max
                .map_or(u32::MAX, |max| max.saturating_sub(it.load)),
            None => u32::MAX,
        }
    }

    /// How many tickets with the same tags are served before this one, as it stands.
    pub(crate) fn ahead(&self, id: TicketId) -> u64 {
        let Some(place) = self.places.get(&id) else {
            return 0;
        };
        let group = self.group(place.group);
        group.map_or(0, |it| it.before(place.turn)) as u64
    }

    /// Puts a waiting ticket into its queue. The group, and whether it is new.
    pub(crate) fn add(&mut self, ticket: &Ticket, is_on_demand: bool) -> (GroupId, bool) {
        let owner = self.owner(ticket);
        let (id, is_new) = self.group_for(&ticket.request.tags, is_on_demand);
        self.know(&owner).groups.insert(id);
        let turn = self.turn(ticket);
        let group = self.groups[id].as_mut().expect("it was found or made");
        group.add(&owner, turn);
        let sandbox = ticket.request.sandbox.clone();
        if let Some(sandbox) = &sandbox {
            let queues = self.sandboxes.entry(Arc::clone(sandbox)).or_default();
            let queue = queues.entry((id, owner.clone())).or_default();
            queue.insert(turn);
        }
        let place = Place {
            group: id,
            owner: owner.clone(),
            sandbox,
            turn,
            claim: Claim::of(ticket, &self.policy),
        };
        self.places.insert(ticket.id, place);
        self.list(id, &owner);
        (id, is_new)
    }

    /// Notes that a waiting ticket is served: its owner's others wait since now.
    pub(crate) fn serve(&mut self, id: TicketId, now: Timestamp) {
        if let Some(place) = self.places.get(&id)
            && let Some(group) = self.groups.get_mut(place.group).and_then(Option::as_mut)
        {
            group.serve(&place.owner, now.as_microsecond());
        }
    }

    /// Takes a ticket out of its queue. Where it stood, and whether its group is gone with it.
    pub(crate) fn remove(&mut self, id: TicketId) -> Option<(Place, bool)> {
        let place = self.places.remove(&id)?;
        let group = self.groups[place.group].as_mut().expect("it has a ticket");
        if group.remove(&place.owner, place.turn) {
            self.know(&place.owner).groups.remove(&place.group);
            self.forget(&place.owner);
        } else {
            self.list(place.group, &place.owner);
        }
        self.leave_sandbox(&place);
        let is_gone = self.groups[place.group]
            .as_ref()
            .is_some_and(|it| it.waiting == 0);
        if is_gone && let Some(group) = self.groups[place.group].take() {
            self.by_tags.remove(&group.tags);
            self.vacant.push(place.group);
        }
        Some((place, is_gone))
    }

    /// An owner got a resource, or gave one back.
    pub(crate) fn change_load(&mut self, owner: &Owner, change: i32) {
        let state = self.know(owner);
        state.load = state.load.saturating_add_signed(change);
        self.rank_again(owner);
        self.forget(owner);
    }

    fn turn(&self, ticket: &Ticket) -> Turn {
        let taken = ticket.taken.as_microsecond();
        let priority = i64::from(ticket.request.priority);
        match micros(self.policy.ageing) {
            0 => (-priority, taken, ticket.id),
            ageing => (
                taken.saturating_sub(priority.saturating_mul(ageing)),
                0,
                ticket.id,
            ),
        }
    }

    fn group_for(&mut self, tags: &Tags, is_on_demand: bool) -> (GroupId, bool) {
        if let Some(id) = self.by_tags.get(tags) {
            return (*id, false);
        }
        let group = Group::new(tags.clone(), is_on_demand);
        let id = self.vacant.pop().unwrap_or_else(|| {
            self.groups.push(None);
            self.groups.len() - 1
        });
        self.groups[id] = Some(group);
        self.by_tags.insert(tags.clone(), id);
        (id, true)
    }

    /// The state of an owner, who may be new.
    fn know(&mut self, owner: &Owner) -> &mut OwnerState {
        if owner.is_some() && !self.has_owners {
            self.has_owners = true;
            self.rank_again(&None);
        }
        if !self.owners.contains_key(owner) {
            let state = OwnerState {
                share: self.policy.share_of(owner.as_deref()),
                ..OwnerState::default()
            };
            self.owners.insert(owner.clone(), state);
        }
        self.owners.get_mut(owner).expect("it was just put there")
    }

    fn forget(&mut self, owner: &Owner) {
        let state = self.owners.get(owner);
        if state.is_some_and(|it| it.load == 0 && it.groups.is_empty()) {
            self.owners.remove(owner);
        }
    }

    fn rank_again(&mut self, owner: &Owner) {
        let Some(state) = self.owners.get_mut(owner) else {
            return;
        };
        let groups = std::mem::take(&mut state.groups);
        for id in &groups {
            self.list(*id, owner);
        }
        if let Some(state) = self.owners.get_mut(owner) {
            state.groups = groups;
        }
    }

    fn leave_sandbox(&mut self, place: &Place) {
        let Some(sandbox) = &place.sandbox else {
            return;
        };
        let Some(queues) = self.sandboxes.get_mut(sandbox) else {
            return;
        };
        let key = (place.group, place.owner.clone());
        if let Some(queue) = queues.get_mut(&key) {
            queue.remove(&place.turn);
            if queue.is_empty() {
                queues.remove(&key);
            }
        }
        if queues.is_empty() {
            self.sandboxes.remove(sandbox);
        }
    }
}
