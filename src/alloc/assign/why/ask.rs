//! Goes through the pools for one ticket.

use super::{Hurdle, PoolWhy, Standing, Why};
use crate::alloc::farm::{Farm, Place, PoolState};
use crate::alloc::resource::ResourceState;
use crate::alloc::ticket::{Ticket, TicketId};
use jiff::Timestamp;

/// What an open ticket waits for.
pub(crate) fn why(farm: &Farm, id: TicketId, now: Timestamp) -> Option<Why> {
    let ticket = farm.ticket(id)?;
    let Some(place) = farm.queues().place(id) else {
        let resource = ticket.resource().and_then(|it| farm.resource(it));
        return Some(Why::of_settled(ticket, resource));
    };
    let pools = farm.states().map(|(name, state)| PoolWhy {
        pool: name.to_string(),
        hurdle: hurdle(farm, state, ticket, place, now),
    });
    Some(Why {
        ticket: id,
        standing: Standing::Waiting {
            since: ticket.taken,
            ahead: farm.queues().ahead(id),
            owner_is_full: farm.queues().room(&place.owner) == 0,
        },
        pools: pools.collect(),
    })
}

fn hurdle(
    farm: &Farm,
    state: &PoolState,
    ticket: &Ticket,
    place: &Place,
    now: Timestamp,
) -> Hurdle {
    let (pool, tags) = (&state.pool, &ticket.request.tags);
    let offered = pool.offer().tags();
    let missing: Vec<String> = tags
        .iter()
        .filter(|it| !offered.contains(it))
        .map(str::to_owned)
        .collect();
    let is_wanted = farm
        .queues()
        .group(place.group)
        .is_some_and(|it| it.is_on_demand);
    let starting = state.count(ResourceState::Starting);
    let startable = state.startable(now);
    if !missing.is_empty() {
        return Hurdle::Tags { missing };
    }
    if state.is_draining {
        return Hurdle::Draining;
    }
    if !state.allows(state.class(tags, &place.owner), &[]) {
        return Hurdle::Reserved;
    }
    match state.start_due() {
        _ if startable > 0 && !is_wanted && pool.prealloc() == 0 => Hurdle::NeverStarts,
        _ if startable > 0 => Hurdle::Next,
        Some(until) if until > now => pause(state, until),
        _ if starting > 0 => Hurdle::Starting { count: starting },
        _ => Hurdle::Full {
            max: pool.max,
            taken: state.taken,
        },
    }
}

fn pause(state: &PoolState, until: Timestamp) -> Hurdle {
    match &state.health.last {
        Some(last) if state.health.until == Some(until) => Hurdle::Pause {
            until,
            is_quarantined: state.health.is_quarantined,
            last: last.clone(),
        },
        _ => Hurdle::StartDelay { until },
    }
}
