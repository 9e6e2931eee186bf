//! Which ticket gets which resource.
//!
//! Tickets with an on-demand tag come first, then those of the owner that has the least for its
//! weight and waits the longest, then by priority and age. A ticket gets, of all resources that fit, the one with the
//! highest sum of the priorities of its tags, a resource that was used in its sandbox counting
//! [`REUSE_BONUS`] more, and of several such the oldest.

use crate::alloc::farm::{self, Farm, GroupId, Owner, ShapeId, Turn};
use crate::alloc::resource::ResourceId;
use crate::alloc::ticket::TicketId;
use std::cmp::Reverse;
use std::collections::{BTreeSet, BinaryHeap};
use std::sync::Arc;

/// What a resource that was used in the ticket's sandbox counts more.
const REUSE_BONUS: i64 = 500;

/// A ticket's turn among all tickets: the least is served first.
type Rank = (bool, farm::Rank, Turn);

/// Where the next ticket may come from.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    /// Tickets of a group, for resources that nobody used.
    Group(GroupId),
    /// Tickets of a sandbox, for resources that were used in it.
    Sandbox(Arc<str>),
}

/// Serves tickets one after the other, in their turn. Between two of them nothing but the serving
/// of the former may happen to the farm: so turns only get later, and a source is looked at again
/// only when it seems to be first.
pub(crate) struct Turns(BinaryHeap<Reverse<(Rank, Source)>>);

impl Turns {
    /// All sources of tickets that can be served.
    pub(crate) fn new(farm: &Farm) -> Self {
        let stock = farm.stock();
        let groups: BTreeSet<GroupId> = stock.open().flat_map(|it| &it.groups).copied().collect();
        let groups = groups.into_iter().map(Source::Group);
        let sandboxes = stock.contested().map(|it| Source::Sandbox(Arc::clone(it)));
        let sources = groups.chain(sandboxes);
        let ranked = sources.filter_map(|it| Some(Reverse((first(farm, &it)?, it))));
        Self(ranked.collect())
    }

    /// The next ticket that can be served, and its resource.
    pub(crate) fn next(&mut self, farm: &Farm) -> Option<(TicketId, ResourceId)> {
        while let Some(Reverse((rank, source))) = self.0.pop() {
            let Some(now) = first(farm, &source) else {
                continue;
            };
            self.0.push(Reverse((now, source)));
            if now == rank {
                let ticket = rank.2.2;
                return Some((ticket, best(farm, ticket)?));
            }
        }
        None
    }
}

/// The first ticket of a source for which there is a resource.
fn first(farm: &Farm, source: &Source) -> Option<Rank> {
    match source {
        Source::Group(id) => first_of_group(farm, *id),
        Source::Sandbox(sandbox) => first_of_sandbox(farm, sandbox),
    }
}

fn first_of_group(farm: &Farm, id: GroupId) -> Option<Rank> {
    let group = farm.queues().group(id)?;
    let stock = farm.stock();
    let fits = stock.fits(id).iter().map(|it| it.0);
    let open: Vec<ShapeId> = fits
        .filter(|it| !stock.shape(*it).fresh.is_empty())
        .collect();
    if open.is_empty() {
        return None;
    }
    let can = |turn: &Turn| {
        let place = farm.queues().place(turn.2);
        place.is_some_and(|place| open.iter().any(|it| may_use(farm, id, &place.owner, *it)))
    };
    let (load, turn) = group.heads().find(|it| can(&it.1))?;
    Some((!group.is_on_demand, *load, *turn))
}

fn first_of_sandbox(farm: &Farm, sandbox: &str) -> Option<Rank> {
    let mut first: Option<Rank> = None;
    for ((id, owner), queue) in farm.queues().in_sandbox(sandbox)? {
        let turn = queue.first();
        let Some((turn, load)) = turn.and_then(|it| Some((it, farm.queues().rank(it.2)?))) else {
            continue;
        };
        let is_late = farm.queues().group(*id).is_none_or(|it| !it.is_on_demand);
        let rank = (is_late, load, *turn);
        let is_earlier = first.is_none_or(|it| rank < it);
        if is_earlier && used(farm, *id, owner, sandbox).next().is_some() {
            first = Some(rank);
        }
    }
    first
}

/// Resources of a sandbox that tickets of a group and owner may get, and what each counts.
fn used(
    farm: &Farm,
    group: GroupId,
    owner: &Owner,
    sandbox: &str,
) -> impl Iterator<Item = (i64, Reverse<ResourceId>)> {
    farm.stock().used(sandbox).filter_map(move |id| {
        let shape = farm.shape(id)?;
        let score = farm.stock().score(group, shape)?;
        let score = score.saturating_add(REUSE_BONUS);
        may_use(farm, group, owner, shape).then_some((score, Reverse(id)))
    })
}

/// The best resource for a waiting ticket.
fn best(farm: &Farm, ticket: TicketId) -> Option<ResourceId> {
    let place = farm.queues().place(ticket)?;
    let (group, owner) = (place.group, &place.owner);
    let stock = farm.stock();
    let fresh = stock.fits(group).iter().filter_map(|(shape, score)| {
        let id = stock.shape(*shape).fresh.first()?;
        may_use(farm, group, owner, *shape).then_some((*score, Reverse(*id)))
    });
    let sandbox = place.sandbox.as_deref();
    let used = sandbox.map(|it| used(farm, group, owner, it));
    let best = fresh.chain(used.into_iter().flatten()).max()?;
    Some(best.1.0)
}

/// Whether the reservations of a shape's pool leave something for tickets like these.
fn may_use(farm: &Farm, group: GroupId, owner: &Owner, shape: ShapeId) -> bool {
    let Some(state) = farm.state(&farm.stock().shape(shape).pool) else {
        return false;
    };
    if state.pool.reserved_for.is_empty() {
        return true;
    }
    let group = farm.queues().group(group);
    group.is_some_and(|it| state.allows(state.class(&it.tags, owner), &[]))
}
