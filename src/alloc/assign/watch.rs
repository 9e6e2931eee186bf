//! What is looked at, and when the next thing is due.

use crate::alloc::farm::{Farm, PoolState};
use crate::alloc::pool::SHORTEST_PERIOD;
use crate::alloc::resource::ResourceId;
use crate::alloc::time::after;
use jiff::Timestamp;
use std::sync::Arc;

/// Resources that are checked now, with their pools: of each pool those that are due longest, as
/// many as may be at once. So checks that hang in one pool hold up none of another.
pub(crate) fn checks(farm: &Farm, now: Timestamp) -> Vec<(Arc<str>, ResourceId)> {
    let of_pool = |(name, state): (&Arc<str>, &PoolState)| {
        let due = state.checks.iter().take_while(|it| it.0 <= now);
        let due = due.take(room(farm, state));
        due.map(|it| (Arc::clone(name), it.1)).collect::<Vec<_>>()
    };
    farm.states().flat_map(of_pool).collect()
}

/// Pools whose resources are listed now.
pub(crate) fn lists(farm: &Farm, now: Timestamp) -> Vec<Arc<str>> {
    let states = farm.states();
    let is_due = |it: &PoolState| list_due(it).is_some_and(|it| it <= now);
    let due = states.filter(|it| is_due(it.1));
    due.map(|it| Arc::clone(it.0)).collect()
}

/// When something is due after a round at `now`, if nothing happens before.
pub(crate) fn next_due(farm: &Farm, now: Timestamp) -> Option<Timestamp> {
    let mut due: Vec<Timestamp> = Vec::new();
    due.extend(farm.expiries().first().map(|it| it.0));
    due.extend(farm.deletions().first().map(|it| it.0));
    for (_, state) in farm.states() {
        if room(farm, state) > 0 {
            due.extend(state.checks.first().map(|it| it.0));
        }
        due.extend(list_due(state));
        due.extend(state.start_due().filter(|it| *it > now));
        due.extend(state.health.bad_slots(now).map(|it| it.1));
    }
    due.into_iter().min()
}

fn room(farm: &Farm, state: &PoolState) -> usize {
    let bound = farm.pools().policy().checks_at_once.max(1);
    bound.saturating_sub(state.checking.len())
}

fn list_due(state: &PoolState) -> Option<Timestamp> {
    if state.pool.commands.list.is_none() || state.listing.is_some() {
        return None;
    }
    let period = state.pool.list_period.max(SHORTEST_PERIOD);
    let listed = state.listed.map(|it| after(it, period));
    Some(listed.unwrap_or(Timestamp::MIN))
}
