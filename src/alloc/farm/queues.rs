//! Waiting tickets, in the order in which they are served.
//!
//! A group holds all tickets that ask for the same tags, with a queue for each owner; the heads of
//! these queues are ranked by how much their owner has already, then by their turn. So the next
//! ticket of a group is found without looking at the others, however many wait.

use crate::alloc::pool::{Policy, Share};
use crate::alloc::ticket::{Tags, Ticket, TicketId};
use std::collections::btree_set::Iter;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

/// Whose ticket it is.
pub(crate) type Owner = Option<Arc<str>>;

/// The place of a group in the list of groups.
pub(crate) type GroupId = usize;

/// When a ticket is served, within its group and owner: by priority and age, then by number.
pub(crate) type Turn = (i64, i64, TicketId);

/// Tickets that ask for the same tags.
#[derive(Debug)]
pub(crate) struct Group {
    pub(crate) tags: Tags,
    /// Whether one of the tags is on demand: such tickets come before all others.
    pub(crate) is_on_demand: bool,
    /// How many wait.
    pub(crate) waiting: usize,
    queues: BTreeMap<Owner, BTreeSet<Turn>>,
    /// The first ticket of each owner that may have more, by the owner's load.
    heads: BTreeSet<(u64, Turn)>,
}

impl Group {
    /// The first tickets of each owner, those with the least first.
    pub(crate) fn heads(&self) -> Iter<'_, (u64, Turn)> {
        self.heads.iter()
    }

    /// The queue of an owner.
    pub(crate) fn queue(&self, owner: &Owner) -> Option<&BTreeSet<Turn>> {
        self.queues.get(owner)
    }
}

/// Where a waiting ticket stands.
#[derive(Clone, Debug)]
pub(crate) struct Place {
    pub(crate) group: GroupId,
    pub(crate) owner: Owner,
    pub(crate) sandbox: Option<Arc<str>>,
    turn: Turn,
}

#[derive(Debug, Default)]
struct OwnerState {
    /// Resources that it has.
    load: u32,
    share: Share,
    /// The groups in which it waits.
    groups: BTreeSet<GroupId>,
    /// Its rank in the heads of all of these; None when it may not have more.
    rank: Option<u64>,
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
    /// Whether owners were named at all: else nothing is ranked by load.
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

    /// The rank of an owner: None when it may not have more.
    pub(crate) fn rank(&self, owner: &Owner) -> Option<u64> {
        self.owners.get(owner).and_then(|it| it.rank)
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
        let queues = group.into_iter().flat_map(|it| it.queues.values());
        let before = queues.map(|it| it.range(..place.turn).count());
        before.sum::<usize>() as u64
    }

    /// Puts a waiting ticket into its queue. The group, and whether it is new.
    pub(crate) fn add(&mut self, ticket: &Ticket, is_on_demand: bool) -> (GroupId, bool) {
        let owner = self.owner(ticket);
        let (id, is_new) = self.group_for(&ticket.request.tags, is_on_demand);
        self.know(&owner).groups.insert(id);
        let rank = self.rank(&owner);
        let turn = self.turn(ticket);
        let group = self.groups[id].as_mut().expect("it was found or made");
        group.waiting += 1;
        let queue = group.queues.entry(owner.clone()).or_default();
        let first = queue.first().copied();
        queue.insert(turn);
        if first.is_none_or(|it| turn < it)
            && let Some(rank) = rank
        {
            if let Some(former) = first {
                group.heads.remove(&(rank, former));
            }
            group.heads.insert((rank, turn));
        }
        let sandbox = ticket.request.sandbox.clone();
        if let Some(sandbox) = &sandbox {
            let queues = self.sandboxes.entry(Arc::clone(sandbox)).or_default();
            let queue = queues.entry((id, owner.clone())).or_default();
            queue.insert(turn);
        }
        let place = Place {
            group: id,
            owner,
            sandbox,
            turn,
        };
        self.places.insert(ticket.id, place);
        (id, is_new)
    }

    /// Takes a ticket out of its queue. Where it stood, and whether its group is gone with it.
    pub(crate) fn remove(&mut self, id: TicketId) -> Option<(Place, bool)> {
        let place = self.places.remove(&id)?;
        let rank = self.rank(&place.owner);
        let group = self.groups[place.group].as_mut().expect("it has a ticket");
        group.waiting -= 1;
        let queue = group.queues.get_mut(&place.owner).expect("it is there");
        let was_first = queue.first() == Some(&place.turn);
        queue.remove(&place.turn);
        let next = queue.first().copied();
        if was_first && let Some(rank) = rank {
            group.heads.remove(&(rank, place.turn));
            if let Some(next) = next {
                group.heads.insert((rank, next));
            }
        }
        if next.is_none() {
            group.queues.remove(&place.owner);
            self.know(&place.owner).groups.remove(&place.group);
            self.forget(&place.owner);
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
        let ageing = i64::try_from(self.policy.ageing.as_micros()).unwrap_or(i64::MAX);
        match ageing {
            0 => (-priority, taken, ticket.id),
            _ => (
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
        let group = Group {
            tags: tags.clone(),
            is_on_demand,
            waiting: 0,
            queues: BTreeMap::new(),
            heads: BTreeSet::new(),
        };
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
            let mut state = OwnerState {
                share: self.policy.share_of(owner.as_deref()),
                ..OwnerState::default()
            };
            state.rank = rank_of(&state, self.has_owners);
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
        let (old, new) = (state.rank, rank_of(state, self.has_owners));
        if old == new {
            return;
        }
        state.rank = new;
        for id in &state.groups {
            let group = self.groups[*id].as_mut().expect("the owner waits in it");
            let Some(first) = group.queues.get(owner).and_then(|it| it.first().copied()) else {
                continue;
            };
            if let Some(rank) = old {
                group.heads.remove(&(rank, first));
            }
            if let Some(rank) = new {
                group.heads.insert((rank, first));
            }
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

/// The load by weight, or None when the owner may not have more.
fn rank_of(state: &OwnerState, has_owners: bool) -> Option<u64> {
    let weight = u64::from(state.share.weight.max(1));
    match state.share.max {
        Some(max) if state.load >= max => None,
        _ if has_owners => Some((u64::from(state.load) << 24) / weight),
        _ => Some(0),
    }
}
