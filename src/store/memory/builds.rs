//! Builds in memory: for tests and simulations.

use crate::build::entry::{Build, BuildId, NewBuild};
use crate::build::state::State;
use crate::build::store::{
    Added, BuildStore, BuildStoreError, Counts, Filter, Move, TicketChange, TicketName,
};
use crate::sync::{Bell, hold};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex, MutexGuard};

#[derive(Debug, Default)]
struct Held {
    builds: BTreeMap<BuildId, Build>,
    keys: HashMap<String, BuildId>,
    tickets: BTreeMap<TicketName, BuildId>,
    /// Runs, and the builds that belong to them.
    runs: BTreeSet<(String, BuildId)>,
    /// What others changed, by the number of the change; each build once.
    changes: BTreeMap<u64, BuildId>,
    last_of: HashMap<BuildId, u64>,
    last: u64,
}

/// Builds in memory.
#[derive(Debug, Default)]
pub struct MemoryBuilds {
    held: Mutex<Held>,
    bell: Arc<Bell>,
}

impl Held {
    fn touch(&mut self, id: BuildId) {
        self.last += 1;
        if let Some(before) = self.last_of.insert(id, self.last) {
            self.changes.remove(&before);
        }
        self.changes.insert(self.last, id);
    }

    fn add(&mut self, new: &NewBuild, again: bool, now: Timestamp) -> Added {
        let key = new.key();
        let in_run = |id| new.run.clone().map(|run| (run, id));
        if let Some(known) = self.keys.get(&key).map(|id| &self.builds[id]) {
            let in_run = in_run(known.id);
            let is_its = in_run.as_ref().is_some_and(|it| self.runs.contains(it));
            if !again || known.state().is_open() || is_its {
                self.runs.extend(in_run);
                return Added::Known(known.id, known.state());
            }
        }
        let id = self.builds.last_key_value().map_or(1, |it| it.0 + 1);
        self.builds.insert(id, Build::new(id, new.clone(), now));
        self.runs.extend(in_run(id));
        self.keys.insert(key, id);
        self.touch(id);
        Added::New(id)
    }

    fn fits(&self, filter: &Filter, build: &Build) -> bool {
        let run = filter.run.clone();
        let is_its = run.is_none_or(|it| self.runs.contains(&(it, build.id)));
        is_its && filter.fits(build)
    }

    fn ids(&self, filter: &Filter) -> Vec<BuildId> {
        let builds = self.builds.values().filter(|it| self.fits(filter, it));
        builds.map(|it| it.id).collect()
    }
}

impl MemoryBuilds {
    fn held(&self) -> MutexGuard<'_, Held> {
        hold(&self.held)
    }
}

impl BuildStore for MemoryBuilds {
    fn add(
        &self,
        builds: &[NewBuild],
        again: bool,
        now: Timestamp,
    ) -> Result<Vec<Added>, BuildStoreError> {
        let mut held = self.held();
        let added = builds.iter().map(|it| held.add(it, again, now)).collect();
        self.bell.ring();
        Ok(added)
    }

    fn write(
        &self,
        moves: &[Move],
        tickets: &[TicketChange],
    ) -> Result<Vec<BuildId>, BuildStoreError> {
        let mut held = self.held();
        let mut lost = Vec::new();
        for it in moves {
            match held.builds.get_mut(&it.build.id) {
                Some(known) if known.state() == it.from => {
                    let is_unwanted = known.is_unwanted;
                    *known = it.build.clone();
                    known.is_unwanted |= is_unwanted;
                }
                _ => lost.push(it.build.id),
            }
        }
        for it in tickets {
            match it {
                TicketChange::Taken(ticket, build) => {
                    held.tickets.insert(ticket.clone(), *build);
                }
                TicketChange::Closed(ticket) => {
                    held.tickets.remove(ticket);
                }
            }
        }
        Ok(lost)
    }

    fn changed(&self, after: u64, limit: usize) -> Result<Vec<(u64, Build)>, BuildStoreError> {
        let held = self.held();
        let changes = held.changes.range(after + 1..).take(limit);
        Ok(changes
            .map(|(number, id)| (*number, held.builds[id].clone()))
            .collect())
    }

    fn last_change(&self) -> Result<u64, BuildStoreError> {
        Ok(self.held().last)
    }

    fn build(&self, id: BuildId) -> Result<Option<Build>, BuildStoreError> {
        Ok(self.held().builds.get(&id).cloned())
    }

    fn find(&self, filter: &Filter) -> Result<Vec<Build>, BuildStoreError> {
        let held = self.held();
        let limit = filter.limit.and_then(|it| usize::try_from(it).ok());
        let limit = limit.unwrap_or(usize::MAX);
        if let Some(ids) = &filter.builds {
            let found = ids.iter().filter_map(|id| held.builds.get(id));
            let found = found.filter(|it| held.fits(filter, it));
            return Ok(found.take(limit).cloned().collect());
        }
        let from = filter.after.map_or(0, |it| it + 1);
        let builds = held.builds.range(from..).map(|it| it.1);
        let found = builds.filter(|it| held.fits(filter, it));
        Ok(found.take(limit).cloned().collect())
    }

    fn count(&self, filter: &Filter) -> Result<Counts, BuildStoreError> {
        let mut counts = Counts::new();
        let held = self.held();
        for it in held.builds.values().filter(|it| held.fits(filter, it)) {
            *counts.entry((it.state(), it.code.clone())).or_default() += 1;
        }
        Ok(counts)
    }

    fn tickets(&self) -> Result<Vec<(TicketName, BuildId)>, BuildStoreError> {
        Ok(self.held().tickets.clone().into_iter().collect())
    }

    fn cancel(&self, filter: &Filter, now: Timestamp) -> Result<u64, BuildStoreError> {
        let mut held = self.held();
        let mut count = 0;
        for id in held.ids(filter) {
            let Some(build) = held.builds.get_mut(&id).filter(|it| it.state().is_open()) else {
                continue;
            };
            build.is_unwanted = true;
            if build.state() == State::Queued {
                let moved = build.cancel(now);
                moved.expect("a queued build can be cancelled");
            }
            held.touch(id);
            count += 1;
        }
        self.bell.ring();
        Ok(count)
    }

    fn retry(&self, filter: &Filter, now: Timestamp) -> Result<u64, BuildStoreError> {
        let mut held = self.held();
        let mut count = 0;
        for id in held.ids(filter) {
            let build = held.builds.get_mut(&id);
            if build.is_some_and(|it| it.retry(now).is_ok()) {
                held.touch(id);
                count += 1;
            }
        }
        self.bell.ring();
        Ok(count)
    }

    fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }
}
