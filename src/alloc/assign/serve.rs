//! Which ticket gets which resource.
//!
//! Tickets with an on-demand tag come first, then those of the owner that has the least for its
//! weight, then by priority and age. A ticket gets, of all resources that fit, the one with the
//! highest sum of the priorities of its tags, a resource that was used in its sandbox counting
//! [`REUSE_BONUS`] more, and of several such the oldest.

use crate::alloc::farm::{Farm, GroupId, Owner, ShapeId, Turn};
use crate::alloc::resource::ResourceId;
use crate::alloc::ticket::TicketId;
use std::cmp::Reverse;

/// What a resource that was used in the ticket's sandbox counts more.
const REUSE_BONUS: i64 = 500;

/// A ticket's turn among all tickets: the least is served first.
type Rank = (bool, u64, Turn);

/// The next ticket that can be served, and its resource.
pub(crate) fn next(farm: &Farm) -> Option<(TicketId, ResourceId)> {
    let first = by_tags(farm).into_iter().chain(by_sandbox(farm)).min()?;
    let ticket = first.2.2;
    let resource = best(farm, ticket)?;
    Some((ticket, resource))
}

/// The first ticket for which there is a resource that nobody used.
fn by_tags(farm: &Farm) -> Option<Rank> {
    let mut first: Option<Rank> = None;
    for shape in farm.stock().open() {
        for id in &shape.groups {
            let Some(group) = farm.queues().group(*id) else {
                continue;
            };
            let is_late = !group.is_on_demand;
            for (rank, turn) in group.heads() {
                let rank = (is_late, *rank, *turn);
                if first.is_some_and(|it| it <= rank) {
                    break;
                }
                if is_allowed(farm, &shape.pool, turn.2) {
                    first = Some(rank);
                    break;
                }
            }
        }
    }
    first
}

/// The first ticket for which there is a resource that was used in its sandbox.
fn by_sandbox(farm: &Farm) -> Option<Rank> {
    let mut first: Option<Rank> = None;
    for sandbox in farm.stock().contested() {
        let queues = farm.queues().in_sandbox(sandbox);
        for ((id, owner), queue) in queues.into_iter().flatten() {
            let turn = queue.first();
            let (Some(turn), Some(load)) = (turn, farm.queues().rank(owner)) else {
                continue;
            };
            let is_late = farm.queues().group(*id).is_none_or(|it| !it.is_on_demand);
            let rank = (is_late, load, *turn);
            let is_earlier = first.is_none_or(|it| rank < it);
            if is_earlier && used(farm, *id, owner, sandbox).next().is_some() {
                first = Some(rank);
            }
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
pub(crate) fn best(farm: &Farm, ticket: TicketId) -> Option<ResourceId> {
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

fn is_allowed(farm: &Farm, pool: &str, ticket: TicketId) -> bool {
    let Some(state) = farm.state(pool) else {
        return false;
    };
    if state.pool.reserved_for.is_empty() {
        return true;
    }
    let Some(place) = farm.queues().place(ticket) else {
        return false;
    };
    let group = farm.queues().group(place.group);
    group.is_some_and(|it| state.allows(state.class(&it.tags, &place.owner), &[]))
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
