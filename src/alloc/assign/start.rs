//! Which pools start resources.
//!
//! On demand: each waiting ticket with an on-demand tag that nothing on its way will serve starts
//! one, in the fitting pool with the highest sum of its tags' priorities (of several the first by
//! name) that can start one now. Ahead of need: a pool without on-demand tags keeps its free and
//! starting ones at `max_prealloc`.

use crate::alloc::farm::{Farm, GroupId, Owner, PoolState, ShapeId, Turn};
use crate::alloc::resource::{ResourceId, ResourceState};
use jiff::Timestamp;
use std::cmp::Reverse;
use std::collections::btree_set::Iter;
use std::collections::{BTreeMap, BTreeSet, BinaryHeap};
use std::sync::Arc;

/// The pools that start one resource each, in this order; a pool may stand more than once.
pub(crate) fn starts(farm: &Farm, now: Timestamp) -> Vec<Arc<str>> {
    let mut starts = Plan::new(farm, now).on_demand();
    for (name, state) in farm.states() {
        let ahead = u32::try_from(state.unused.len()).unwrap_or(u32::MAX);
        let ahead = ahead.saturating_add(state.count(ResourceState::Starting));
        let missing = state.pool.prealloc().saturating_sub(ahead);
        let count = match missing {
            0 => 0,
            _ => missing.min(state.startable(now)),
        };
        starts.extend((0..count).map(|_| Arc::clone(name)));
    }
    starts
}

/// What is left to give away while waiting tickets are gone through.
struct Plan<'a> {
    farm: &'a Farm,
    now: Timestamp,
    /// Resources that each pool may still start.
    startable: BTreeMap<&'a Arc<str>, u32>,
    /// Starting resources that no ticket counts on yet.
    starting: BTreeMap<ShapeId, usize>,
    /// Resources that a ticket counts on.
    counted: BTreeSet<ResourceId>,
    /// What the counted and started ones use of the pools' reservations.
    planned: BTreeMap<&'a Arc<str>, Vec<u32>>,
    owners: BTreeMap<&'a Owner, u32>,
}

/// A queue that is gone through: the turns that are left of it.
struct Walk<'a> {
    group: GroupId,
    owner: &'a Owner,
    rest: Iter<'a, Turn>,
}

/// Where a turn comes from, and the next one after it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Origin {
    /// The first one of its queue, in this list of a group's heads.
    Heads(usize),
    /// A later one, in this walk.
    Walk(usize),
}

impl<'a> Plan<'a> {
    fn new(farm: &'a Farm, now: Timestamp) -> Self {
        let on_demand = farm.states().filter(|it| it.1.pool.is_on_demand());
        Self {
            farm,
            now,
            startable: on_demand
                .map(|it| (it.0, it.1.startable(now)))
                .filter(|it| it.1 > 0)
                .collect(),
            starting: BTreeMap::new(),
            counted: BTreeSet::new(),
            planned: BTreeMap::new(),
            owners: BTreeMap::new(),
        }
    }

    fn on_demand(mut self) -> Vec<Arc<str>> {
        let mut starts = Vec::new();
        if self.startable.is_empty() {
            return starts;
        }
        let farm = self.farm;
        let groups = farm.queues().groups().filter(|it| it.1.is_on_demand);
        let mut heads: Vec<_> = groups.map(|it| (it.0, it.1.heads())).collect();
        let mut walks: Vec<Walk<'a>> = Vec::new();
        let mut heap = BinaryHeap::new();
        for (at, (_, rest)) in heads.iter_mut().enumerate() {
            heap.extend(rest.next().map(|it| Reverse((*it, Origin::Heads(at)))));
        }
        while let Some(Reverse(((rank, turn), from))) = heap.pop() {
            let at = match from {
                Origin::Walk(at) => at,
                Origin::Heads(at) => {
                    let (group, rest) = &mut heads[at];
                    heap.extend(rest.next().map(|it| Reverse((*it, from))));
                    let Some(walk) = self.walk(*group, turn) else {
                        continue;
                    };
                    walks.push(walk);
                    walks.len() - 1
                }
            };
            let walk = &mut walks[at];
            match self.serve(walk.group, walk.owner, turn) {
                Served::Coming => {}
                Served::By(pool) => starts.push(pool),
                // Nor will any other ticket like this one.
                Served::Not => continue,
            }
            if self.startable.is_empty() {
                break;
            }
            let next = walk.rest.next();
            heap.extend(next.map(|it| Reverse(((rank, *it), Origin::Walk(at)))));
        }
        starts
    }

    /// The queue that a ticket is first in.
    fn walk(&self, group: GroupId, first: Turn) -> Option<Walk<'a>> {
        let owner = &self.farm.queues().place(first.2)?.owner;
        let mut rest = self.farm.queues().group(group)?.line(owner)?.iter();
        rest.next();
        Some(Walk { group, owner, rest })
    }

    /// What will serve a ticket.
    fn serve(&mut self, group: GroupId, owner: &'a Owner, turn: Turn) -> Served {
        let planned = self.owners.get(owner).copied().unwrap_or_default();
        if planned >= self.farm.queues().room(owner) {
            return Served::Not;
        }
        if self.is_cleaned_for(turn) {
            return Served::Coming;
        }
        let stock = self.farm.stock();
        let mut fits = stock.fits(group).to_vec();
        let pool = |it: &(ShapeId, i64)| Arc::clone(&stock.shape(it.0).pool);
        fits.sort_by_cached_key(|it| (Reverse(it.1), pool(it)));
        for (shape, _) in &fits {
            if self.left(*shape) > 0 && self.reserve(*shape, group, owner) {
                *self.starting.get_mut(shape).expect("it was just counted") -= 1;
                return Served::Coming;
            }
        }
        for (shape, _) in &fits {
            if let Some(pool) = self.start(*shape, group, owner) {
                return Served::By(pool);
            }
        }
        Served::Not
    }

    /// Whether a resource of the ticket's sandbox is cleaned and then free for it.
    fn is_cleaned_for(&mut self, turn: Turn) -> bool {
        let farm = self.farm;
        let Some(place) = farm.queues().place(turn.2) else {
            return false;
        };
        let Some(sandbox) = &place.sandbox else {
            return false;
        };
        let fits = |id: &ResourceId| {
            let shape = farm.shape(*id);
            let is_fitting = shape.is_some_and(|it| farm.stock().score(place.group, it).is_some());
            let resource = farm.resource(*id);
            is_fitting && resource.is_some_and(|it| farm.will_stay(it, self.now))
        };
        let mut cleaned = farm.stock().releasing(sandbox).filter(fits);
        let found = cleaned.find(|it| !self.counted.contains(it));
        found.is_some_and(|it| self.counted.insert(it))
    }

    /// Starting resources of a shape that no ticket counts on yet.
    fn left(&mut self, shape: ShapeId) -> usize {
        let farm = self.farm;
        *self.starting.entry(shape).or_insert_with(|| {
            let starting = farm.stock().shape(shape).starting.iter();
            starting.filter(|it| !farm.is_condemned(**it)).count()
        })
    }

    /// Starts one in the pool of a shape, if it is what the pool starts now and it can.
    fn start(&mut self, shape: ShapeId, group: GroupId, owner: &'a Owner) -> Option<Arc<str>> {
        let name = &self.farm.stock().shape(shape).pool;
        let state = self.farm.state(name)?;
        if state.shape != shape || !self.startable.contains_key(name) {
            return None;
        }
        if !self.reserve(shape, group, owner) {
            return None;
        }
        let left = self.startable.get_mut(name)?;
        *left -= 1;
        if *left == 0 {
            self.startable.remove(name);
        }
        Some(Arc::clone(name))
    }

    /// Counts a resource of a shape's pool as used by such a ticket, if the reservations allow it.
    fn reserve(&mut self, shape: ShapeId, group: GroupId, owner: &'a Owner) -> bool {
        let name = &self.farm.stock().shape(shape).pool;
        let (Some(state), Some(group)) = (self.farm.state(name), self.farm.queues().group(group))
        else {
            return false;
        };
        if self.is_refused(state, name, &group.tags, owner) {
            return false;
        }
        *self.owners.entry(owner).or_default() += 1;
        true
    }

    fn is_refused(
        &mut self,
        state: &PoolState,
        name: &'a Arc<str>,
        tags: &crate::alloc::ticket::Tags,
        owner: &Owner,
    ) -> bool {
        if state.pool.reserved_for.is_empty() {
            return false;
        }
        let class = state.class(tags, owner);
        let classes = state.pool.reserved_for.len() + 1;
        let planned = self.planned.entry(name).or_insert_with(|| vec![0; classes]);
        let is_allowed = state.allows(class, planned);
        planned[class] += u32::from(is_allowed);
        !is_allowed
    }
}

/// What will serve a ticket.
enum Served {
    /// Something that is on its way already.
    Coming,
    /// A start in this pool.
    By(Arc<str>),
    /// Nothing.
    Not,
}
