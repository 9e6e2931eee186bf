//! What is looked at, and when the next thing is due.

use crate::alloc::farm::{Farm, PoolState};
use crate::alloc::resource::ResourceId;
use crate::alloc::time::after;
use jiff::Timestamp;
use std::sync::Arc;

/// Resources that are checked now: those that are due longest, as many as may be at once.
pub(crate) fn checks(farm: &Farm, now: Timestamp) -> Vec<ResourceId> {
    let due = farm.checks().iter().take_while(|it| it.0 <= now);
    due.take(room(farm)).map(|it| it.1).collect()
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
    if room(farm) > 0 {
        due.extend(farm.checks().first().map(|it| it.0));
    }
    due.extend(farm.expiries().first().map(|it| it.0));
    due.extend(farm.deletions().first().map(|it| it.0));
    for (_, state) in farm.states() {
        due.extend(list_due(state));
        due.extend(state.start_due().filter(|it| *it > now));
        due.extend(state.health.bad_slots(now).map(|it| it.1));
    }
    due.into_iter().min()
}

fn room(farm: &Farm) -> usize {
    let bound = farm.pools().policy().checks_at_once.max(1);
    bound.saturating_sub(farm.checks_running())
}

fn list_due(state: &PoolState) -> Option<Timestamp> {
    if state.pool.commands.list.is_none() || state.listing.is_some() {
        return None;
    }
    let listed = state.listed.map(|it| after(it, state.pool.list_period));
    Some(listed.unwrap_or(Timestamp::MIN))
}
