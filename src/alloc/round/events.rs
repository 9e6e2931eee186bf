//! What happened, applied to the farm: reports of orders, new settings, a restart.

use super::Rounds;
use super::rounds::settle;
use crate::alloc::pool::Pools;
use crate::alloc::resource::{Resource, ResourceId, ResourceState};
use crate::alloc::starter::{Finished, Order, Task};
use crate::alloc::store::Change;
use crate::alloc::ticket::{Ticket, TicketId};
use crate::alloc::time::{after, between};
use jiff::Timestamp;
use std::sync::Arc;
use std::time::Duration;

/// The shortest pause before a failed deletion is tried again.
const DELETE_PAUSE: Duration = Duration::from_secs(10);

impl Rounds {
    /// An order ended. One that is not under way, or a second report, changes nothing.
    pub fn finished(&mut self, number: u64, finished: Finished, now: Timestamp) {
        let now = self.at(now);
        let Some(task) = self.orders.remove(&number) else {
            return;
        };
        match task {
            Task::Start(it) => self.start_ended(&it, finished, now),
            Task::Delete(it) => self.delete_ended(&it, &finished, now),
            Task::Livecheck(it) => self.check_ended(&it, &finished, now),
            Task::Release(it) => self.release_ended(&it, &finished, now),
            Task::List(pool) => self.list_ended(&pool, &finished),
            Task::DeleteStray { pool, name } => {
                if let Some(state) = self.farm.state_mut(&pool) {
                    state.strays.remove(&name);
                }
                if !finished.ok {
                    let error = finished.text;
                    tracing::warn!(%pool, %name, %error, "cannot delete an unknown resource");
                }
            }
        }
    }

    fn start_ended(&mut self, resource: &Resource, finished: Finished, now: Timestamp) {
        let (id, pool) = (resource.id, &resource.pool);
        if let Some(state) = self.farm.state_mut(pool) {
            match finished.ok {
                true => {
                    state.stats.succeeded += 1;
                    state.stats.time += between(resource.begun, now);
                    state.health.started(resource.id_in_pool);
                }
                false => {
                    state.stats.failed += 1;
                    let settings = Arc::clone(&state.pool);
                    let begun = resource.begun;
                    let is_out = state
                        .health
                        .start_failed(&settings, begun, &finished.text, now);
                    let error = &finished.text;
                    if is_out {
                        let failures = state.health.failures;
                        tracing::warn!(%pool, failures, %error, "pool is in quarantine");
                    }
                }
            }
            self.changed_stats.insert(Arc::clone(pool));
        }
        if finished.ok {
            let data: Arc<[u8]> = finished.output.into();
            self.move_on(id, |it| it.come_up(data, now));
            self.carry_out(id);
        } else {
            self.slot_failed(id, &finished.text, now);
            self.move_on(id, |it| it.fail_to_start(now));
        }
    }

    fn delete_ended(&mut self, resource: &Resource, finished: &Finished, now: Timestamp) {
        let id = resource.id;
        let Some(living) = self.farm.resource(id) else {
            return;
        };
        let pool = self.farm.pool_of(living);
        let failures = living.failed_deletions.saturating_add(1);
        if !finished.ok && failures < pool.delete_attempts {
            let pause = pool.back_off.pause(failures).max(DELETE_PAUSE);
            settle(self.farm.delete_again(id, after(now, pause)));
            self.changed_resources.insert(id);
            return;
        }
        if !finished.ok {
            let (resource, error) = (&resource.name, &finished.text);
            tracing::error!(%resource, %error, "cannot delete a resource; giving it up");
        }
        self.move_on(id, |it| it.end(now));
    }

    fn check_ended(&mut self, resource: &Resource, finished: &Finished, now: Timestamp) {
        let id = resource.id;
        self.farm.set_checking(&resource.pool, id, false);
        let living = self.farm.resource(id);
        let Some(living) = living.filter(|it| it.state() == ResourceState::Up) else {
            return;
        };
        let attempts = self.farm.pool_of(living).livecheck_attempts.max(1);
        let ticket = living.ticket();
        let failures = match finished.ok {
            true => 0,
            false => living.failed_checks.saturating_add(1),
        };
        self.move_on(id, |it| {
            it.checked = Some(now);
            it.failed_checks = failures;
            Ok(())
        });
        if failures < attempts {
            return;
        }
        let name = &resource.name;
        let text = format!(
            "resource {name} failed {failures} live checks: {}",
            finished.text
        );
        self.slot_failed(id, &text, now);
        if let Some(ticket) = ticket {
            self.kill(ticket, &text, now);
        }
        self.condemn(id);
    }

    fn release_ended(&mut self, resource: &Resource, finished: &Finished, now: Timestamp) {
        let id = resource.id;
        if self.farm.resource(id).is_none() {
            return;
        }
        if finished.ok {
            self.move_on(id, |it| it.end_release(now));
            self.carry_out(id);
        } else {
            self.slot_failed(id, &finished.text, now);
            self.move_on(id, Resource::ask_deletion);
        }
    }

    /// Deletes what exists and nobody knows.
    fn list_ended(&mut self, pool: &Arc<str>, finished: &Finished) {
        let Some(state) = self.farm.state_mut(pool) else {
            return;
        };
        let ended = state.listing.take().unwrap_or_default();
        if !finished.ok {
            let error = &finished.text;
            tracing::warn!(%pool, %error, "cannot list the resources of a pool");
            return;
        }
        let listed = String::from_utf8_lossy(&finished.output);
        let mut unknown: std::collections::BTreeSet<&str> = listed.lines().map(str::trim).collect();
        unknown.remove("");
        for known in self.farm.resources() {
            unknown.remove(&*known.name);
        }
        for name in unknown.into_iter().filter(|it| !ended.contains(*it)) {
            let Some(state) = self.farm.state_mut(pool) else {
                return;
            };
            if state.strays.insert(name.to_owned()) {
                tracing::warn!(%pool, %name, "deleting an unknown resource");
                let (pool, name) = (Arc::clone(pool), name.to_owned());
                self.order(&Arc::clone(&pool), Task::DeleteStray { pool, name });
            }
        }
    }

    /// Uses these settings from now on. The resources of a pool that is not among them are
    /// deleted, each as soon as it has no open ticket.
    pub fn set_pools(&mut self, pools: Pools, now: Timestamp) {
        self.at(now);
        self.farm.set_pools(pools);
        self.keep_pools();
    }

    /// Has the settings kept with what lives, and drains the pools that are out of them.
    pub(super) fn keep_pools(&mut self) {
        for (_, state) in self.farm.states() {
            self.changes.push(Change::Pool(Arc::clone(&state.pool)));
        }
        for id in self.farm.of_drained_pools() {
            self.condemn(id);
        }
    }

    /// Asks what a former run had not ended to go, and parts what does not belong together.
    pub(super) fn recover(&mut self) {
        use ResourceState::{Deleting, Releasing, Starting};
        let now = self.now;
        let mut cut_short: Vec<ResourceId> = Vec::new();
        let mut left: Vec<ResourceId> = Vec::new();
        for resource in self.farm.resources() {
            if matches!(resource.state(), Starting | Deleting | Releasing) {
                cut_short.push(resource.id);
            }
            let ticket = resource.ticket();
            if ticket.is_some_and(|it| self.farm.ticket(it).is_none()) {
                left.push(resource.id);
            }
        }
        let farm = &self.farm;
        let is_lost = |it: &&Ticket| it.resource().is_some_and(|it| farm.resource(it).is_none());
        let lost: Vec<TicketId> = farm.tickets().filter(is_lost).map(|it| it.id).collect();
        cut_short.sort_unstable();
        left.sort_unstable();
        for id in left {
            self.move_on(id, |it| it.release(now));
        }
        for id in cut_short {
            self.move_on(id, Resource::ask_deletion);
        }
        for id in lost {
            self.kill(id, "its resource is not in the store any more", now);
        }
    }

    /// A resource lost its ticket: it is cleaned, if its pool does so.
    pub(super) fn released(&mut self, id: ResourceId) {
        self.changed_resources.insert(id);
        let resource = self.farm.resource(id);
        let Some(resource) = resource.filter(|it| it.state() == ResourceState::Up) else {
            return;
        };
        let slot = resource.id_in_pool;
        let pool = Arc::clone(&resource.pool);
        let is_cleaned = self.farm.pool_of(resource).commands.release.is_some();
        if is_cleaned {
            settle(self.farm.change(id, Resource::begin_release));
            self.order_for(id, Task::Release);
        }
        if let Some(state) = self.farm.state_mut(&pool) {
            state.health.slot_worked(slot);
        }
    }

    /// Writes the end of a ticket and tells those who watch it.
    pub(super) fn end(&mut self, ticket: Ticket) {
        self.changed_tickets.remove(&ticket.id);
        self.changes.push(Change::Ticket(ticket.clone()));
        let resource = ticket.resource();
        let resource = resource.and_then(|it| self.farm.resource(it).cloned());
        self.news.push(super::Checked { ticket, resource });
    }

    /// Has a resource deleted.
    pub(super) fn condemn(&mut self, id: ResourceId) {
        self.farm.condemn(id);
        self.changed_resources.insert(id);
    }

    /// What ran for a resource has ended: it goes if somebody wanted so meanwhile.
    fn carry_out(&mut self, id: ResourceId) {
        let drained = self
            .farm
            .resource(id)
            .and_then(|it| self.farm.state(&it.pool));
        if self.farm.is_condemned(id) || drained.is_some_and(|it| it.is_draining) {
            self.condemn(id);
        }
    }

    /// Changes a resource; one that has ended is written for the last time.
    fn move_on(
        &mut self,
        id: ResourceId,
        change: impl FnOnce(&mut Resource) -> Result<(), crate::alloc::ticket::IllegalMove>,
    ) {
        self.changed_resources.insert(id);
        match self.farm.change(id, change) {
            Ok(Some(ended)) => {
                self.changed_resources.remove(&id);
                if self.farm.forget_pool(&ended.pool) {
                    self.changes.push(Change::PoolGone(Arc::clone(&ended.pool)));
                }
                self.changes.push(Change::Resource(ended));
            }
            Ok(None) => {}
            Err(error) => settle::<()>(Err(error)),
        }
    }

    /// A resource did not do what it should.
    pub(super) fn slot_failed(&mut self, id: ResourceId, error: &str, now: Timestamp) {
        let Some(resource) = self.farm.resource(id) else {
            return;
        };
        let (pool, slot) = (Arc::clone(&resource.pool), resource.id_in_pool);
        let Some(state) = self.farm.state_mut(&pool) else {
            return;
        };
        let settings = Arc::clone(&state.pool);
        if state.health.slot_failed(&settings, slot, now) {
            tracing::warn!(%pool, id_in_pool = slot, %error, "builder is in quarantine");
        }
    }

    pub(super) fn order_for(&mut self, id: ResourceId, task: impl FnOnce(Resource) -> Task) {
        self.changed_resources.insert(id);
        if let Some(resource) = self.farm.resource(id).cloned() {
            self.order(&Arc::clone(&resource.pool), task(resource));
        }
    }

    pub(super) fn order(&mut self, pool: &str, task: Task) {
        let Some(state) = self.farm.state(pool) else {
            return;
        };
        self.last_order += 1;
        let number = self.last_order;
        self.begin.push(Order {
            number,
            pool: Arc::clone(&state.pool),
            task: task.clone(),
        });
        self.orders.insert(number, task);
    }
}
