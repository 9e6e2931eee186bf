//! Which resources go.

use crate::alloc::farm::Farm;
use crate::alloc::resource::ResourceId;
use jiff::Timestamp;

/// Used resources for which no ticket of their sandbox came in time, or that may not be used any
/// more.
pub(crate) fn expired(farm: &Farm, now: Timestamp) -> Vec<ResourceId> {
    let due = farm.expiries().iter().take_while(|it| it.0 <= now);
    due.map(|it| it.1).collect()
}

/// Resources that were started for tickets that are gone: of those that no ticket ever had in a
/// pool with on-demand tags, as many as are more than the waiting tickets that they fit; the
/// youngest ones.
pub(crate) fn surplus(farm: &Farm) -> Vec<ResourceId> {
    let mut spare = Vec::new();
    for (_, state) in farm.states() {
        if !state.pool.is_on_demand() || state.unused.is_empty() {
            continue;
        }
        let mut wanted: std::collections::BTreeMap<_, usize> = std::collections::BTreeMap::new();
        for id in &state.unused {
            let Some(shape) = farm.shape(*id) else {
                continue;
            };
            let left = wanted.entry(shape).or_insert_with(|| {
                let groups = farm.stock().shape(shape).groups.iter();
                let groups = groups.filter_map(|it| farm.queues().group(*it));
                groups.map(|it| it.waiting).sum()
            });
            match left.checked_sub(1) {
                Some(fewer) => *left = fewer,
                None => spare.push(*id),
            }
        }
    }
    spare
}

/// Resources whose deletion begins now.
pub(crate) fn doomed(farm: &Farm, now: Timestamp) -> Vec<ResourceId> {
    let due = farm.deletions().iter().take_while(|it| it.0 <= now);
    due.map(|it| it.1).collect()
}
