//! What a pool has, and how it does.

use super::group::Owner;
use super::stock::ShapeId;
use crate::alloc::pool::Pool;
use crate::alloc::resource::{Resource, ResourceId, ResourceState};
use crate::alloc::store::StartStats;
use crate::alloc::ticket::Tags;
use crate::alloc::time::after;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// How starts in a pool went lately, and what is left out therefore.
#[derive(Clone, Debug, Default)]
pub(crate) struct Health {
    /// Failed starts in a row; of those that ran at once one counts.
    pub(crate) failures: u32,
    pub(crate) last: Option<String>,
    /// When the last one that counts failed.
    failed_at: Option<Timestamp>,
    /// No start before this.
    pub(crate) until: Option<Timestamp>,
    pub(crate) is_quarantined: bool,
    slots: BTreeMap<u32, Slot>,
}

/// How the resources with one number in the pool did lately.
#[derive(Clone, Debug, Default)]
struct Slot {
    failures: u32,
    /// Starts with other numbers that succeeded since the first failure.
    others_started: bool,
    until: Option<Timestamp>,
}

impl Health {
    /// Numbers that are left out, and until when.
    pub(crate) fn bad_slots(&self, now: Timestamp) -> impl Iterator<Item = (u32, Timestamp)> {
        let until = move |slot: &Slot| slot.until.filter(|it| *it > now);
        let slots = self.slots.iter();
        slots.filter_map(move |it| Some((*it.0, until(it.1)?)))
    }

    /// A start failed. Whether the pool is in quarantine since now.
    pub(crate) fn start_failed(
        &mut self,
        pool: &Pool,
        begun: Timestamp,
        text: &str,
        now: Timestamp,
    ) -> bool {
        self.last = Some(text.to_owned());
        if self.failed_at.is_some_and(|it| begun < it) {
            return false;
        }
        self.failed_at = Some(now);
        self.failures = self.failures.saturating_add(1);
        let limit = pool.quarantine.pool_failures;
        self.is_quarantined = limit > 0 && self.failures.is_multiple_of(limit);
        let pause = match self.is_quarantined {
            true => pool.quarantine.time,
            false => pool.back_off.pause(self.failures),
        };
        self.until = Some(after(now, pause));
        self.is_quarantined
    }

    /// A start succeeded.
    pub(crate) fn started(&mut self, slot: u32) {
        self.forgive();
        for (number, it) in &mut self.slots {
            it.others_started |= *number != slot;
        }
    }

    /// Nothing is held against the pool as a whole any more.
    pub(crate) fn forgive(&mut self) {
        self.failures = 0;
        self.last = None;
        self.failed_at = None;
        self.until = None;
        self.is_quarantined = false;
    }

    /// Nothing is held against the pool and its numbers any more.
    pub(crate) fn forgive_all(&mut self) {
        *self = Self::default();
    }

    /// A resource with this number failed. Whether the number is left out since now.
    pub(crate) fn slot_failed(&mut self, pool: &Pool, slot: u32, now: Timestamp) -> bool {
        let it = self.slots.entry(slot).or_default();
        it.failures = it.failures.saturating_add(1);
        let limit = pool.quarantine.slot_failures;
        // When all others fail, too, it is the pool that is bad and not this number.
        let is_bad = limit > 0 && it.failures >= limit && it.others_started;
        if is_bad {
            it.until = Some(after(now, pool.quarantine.time));
            it.failures = 0;
            it.others_started = false;
        }
        is_bad
    }

    /// A ticket used a resource with this number to its end.
    pub(crate) fn slot_worked(&mut self, slot: u32) {
        self.slots.remove(&slot);
    }
}

/// The living state of a pool.
#[derive(Debug)]
pub(crate) struct PoolState {
    pub(crate) pool: Arc<Pool>,
    pub(crate) is_draining: bool,
    /// What a resource that is started now is.
    pub(crate) shape: ShapeId,
    /// Living resources by state.
    pub(crate) states: BTreeMap<ResourceState, u32>,
    /// Resources with an open ticket.
    pub(crate) taken: u32,
    /// Resources that are up and that no ticket ever had.
    pub(crate) unused: BTreeSet<ResourceId>,
    /// Taken resources by reservation; last those that are for none.
    usage: Vec<u32>,
    slots: BTreeSet<u32>,
    pub(crate) stats: StartStats,
    pub(crate) health: Health,
    pub(crate) listed: Option<Timestamp>,
    /// While the list is made: the names of resources that ended meanwhile.
    pub(crate) listing: Option<BTreeSet<Arc<str>>>,
    /// Unknown names that are being deleted.
    pub(crate) strays: BTreeSet<String>,
    /// Resources that are to be checked, and when.
    pub(crate) checks: BTreeSet<(Timestamp, ResourceId)>,
    /// Resources that are being checked.
    pub(crate) checking: BTreeSet<ResourceId>,
}

impl PoolState {
    pub(crate) fn new(pool: Arc<Pool>, shape: ShapeId, is_draining: bool) -> Self {
        Self {
            usage: vec![0; pool.reserved_for.len() + 1],
            pool,
            is_draining,
            shape,
            states: BTreeMap::new(),
            taken: 0,
            unused: BTreeSet::new(),
            slots: BTreeSet::new(),
            stats: StartStats::default(),
            health: Health::default(),
            listed: None,
            listing: None,
            strays: BTreeSet::new(),
            checks: BTreeSet::new(),
            checking: BTreeSet::new(),
        }
    }

    /// Counts a resource.
    pub(crate) fn add(&mut self, resource: &Resource) {
        *self.states.entry(resource.state()).or_default() += 1;
        self.slots.insert(resource.id_in_pool);
        self.taken += u32::from(resource.ticket().is_some());
        if resource.state() == ResourceState::Up && resource.is_unused() {
            self.unused.insert(resource.id);
        }
    }

    /// Takes a resource out of the counts, as it was counted.
    pub(crate) fn remove(&mut self, resource: &Resource) {
        if let Some(count) = self.states.get_mut(&resource.state()) {
            *count -= 1;
        }
        self.slots.remove(&resource.id_in_pool);
        self.taken -= u32::from(resource.ticket().is_some());
        self.unused.remove(&resource.id);
    }

    pub(crate) fn count(&self, state: ResourceState) -> u32 {
        self.states.get(&state).copied().unwrap_or_default()
    }

    /// Resources in any state but ENDED.
    pub(crate) fn living(&self) -> u32 {
        self.states.values().sum()
    }

    /// The smallest number that is free and not left out.
    pub(crate) fn free_slot(&self, now: Timestamp) -> u32 {
        let bad: BTreeSet<u32> = self.health.bad_slots(now).map(|it| it.0).collect();
        let is_free = |it: &u32| !self.slots.contains(it) && !bad.contains(it);
        (0..=u32::MAX).find(is_free).unwrap_or(u32::MAX)
    }

    /// Before this no start.
    pub(crate) fn start_due(&self) -> Option<Timestamp> {
        let last = self.stats.last.filter(|_| !self.pool.start_delay.is_zero());
        let delayed = last.map(|it| after(it, self.pool.start_delay));
        delayed.max(self.health.until)
    }

    /// How many may be started now.
    pub(crate) fn startable(&self, now: Timestamp) -> u32 {
        if self.is_draining || self.start_due().is_some_and(|it| it > now) {
            return 0;
        }
        let pool = &self.pool;
        let bad = self.health.bad_slots(now).filter(|it| it.0 < pool.max);
        let bad = u32::try_from(bad.count()).unwrap_or(u32::MAX);
        let room = pool.max.saturating_sub(bad).saturating_sub(self.living());
        let starting = self.count(ResourceState::Starting);
        let at_once = pool.max_starting.saturating_sub(starting);
        let by_delay = match pool.start_delay.is_zero() {
            true => u32::MAX,
            false => 1,
        };
        room.min(at_once).min(by_delay)
    }

    /// Which of the counts of `usage` a ticket is in.
    pub(crate) fn class(&self, tags: &Tags, owner: &Owner) -> usize {
        let reserved = self.pool.reserved_for.iter();
        let mut reserved = reserved.map(|it| it.is_for(tags, owner.as_deref()));
        let none = self.pool.reserved_for.len();
        reserved.position(|it| it).unwrap_or(none)
    }

    /// Whether a ticket of this class may have a resource, with `planned` ones more in use.
    pub(crate) fn allows(&self, class: usize, planned: &[u32]) -> bool {
        let reserved = &self.pool.reserved_for;
        if reserved.is_empty() {
            return true;
        }
        let used = |at: usize| {
            let planned = planned.get(at).copied().unwrap_or_default();
            self.usage[at].saturating_add(planned)
        };
        if reserved.get(class).is_some_and(|it| used(class) < it.count) {
            return true;
        }
        let kept: u32 = reserved.iter().map(|it| it.count).sum();
        let over = reserved.iter().enumerate();
        let over = over.map(|it| used(it.0).saturating_sub(it.1.count));
        let over = over.sum::<u32>().saturating_add(used(reserved.len()));
        over < self.pool.max.saturating_sub(kept)
    }

    /// A ticket of this class got a resource, or gave one back.
    pub(crate) fn change_usage(&mut self, class: usize, change: i32) {
        self.usage[class] = self.usage[class].saturating_add_signed(change);
    }
}
