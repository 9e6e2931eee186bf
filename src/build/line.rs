//! Whose turn it is, among builds: the same turns as in the queue of imports, over lanes in memory.
//!
//! Owners take turns, within an owner its sandboxes do, the background gives way; see
//! [`pick`]. What is a registry there is here the set of tags that a
//! build asks for, so that builds for a scarce builder hold up no others. Builds that make sources
//! come before all others. Of each set of tags only so many tickets are asked for ahead as the pools could
//! serve soon: the rest waits here, costs nothing, and gives way to a better one that comes. Pure: no
//! clock, no store.

use super::entry::{Build, BuildId};
use crate::import::queue::{ClaimLimits, Flow, Lanes, Running, pick};
use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

/// How many tickets are asked for ahead where nobody tells what the pools could serve.
const AHEAD: u32 = 20;

/// How many builds may have a ticket, waiting for it or running; what is absent has no bound.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Limits {
    /// In all.
    pub total: Option<u32>,
    /// Of one owner.
    pub owner: Option<u32>,
    /// Of one sandbox.
    pub sandbox: Option<u32>,
    /// By architecture.
    pub architectures: BTreeMap<String, u32>,
    /// By tag.
    pub tags: BTreeMap<String, u32>,
    /// That wait for a ticket with the same tags; absent: as many as the pools could serve soon.
    pub waiting: Option<u32>,
}

/// What builds that ask for the same tags have in common.
#[derive(Debug)]
struct Class {
    architecture: String,
    tags: Vec<String>,
    /// Tickets that the pools could serve soon.
    ahead: u32,
    /// Whether no pool has all of the tags.
    is_nowhere: bool,
    /// With a ticket that has no builder yet.
    waiting: u32,
    /// With a ticket.
    taken: u32,
}

/// Where a build stands.
#[derive(Debug)]
struct Place {
    class: Arc<str>,
    owner: String,
    sandbox: String,
    at: At,
}

#[derive(Debug)]
enum At {
    Queued {
        is_sources: bool,
        lane: usize,
        rank: i64,
    },
    Waiting,
    Running,
}

/// All builds that are queued or have a ticket.
#[derive(Debug, Default)]
pub struct Line {
    limits: Limits,
    sources: Lanes,
    others: Lanes,
    places: HashMap<BuildId, Place>,
    classes: HashMap<Arc<str>, Class>,
    running: Running,
}

impl Line {
    /// An empty line under these limits.
    #[must_use]
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            ..Self::default()
        }
    }

    /// A build comes to wait for its turn; one that is there already stays where it is.
    pub fn add(&mut self, build: &Build, architecture: &str, is_sources: bool, tags: &[String]) {
        if self.places.contains_key(&build.id) {
            return;
        }
        let class: Arc<str> = format!("{architecture} {}", tags.join(" ")).into();
        let known = self.classes.entry(Arc::clone(&class));
        known.or_insert_with(|| Class {
            architecture: architecture.to_owned(),
            tags: tags.to_vec(),
            ahead: AHEAD,
            is_nowhere: false,
            waiting: 0,
            taken: 0,
        });
        let what = &build.what;
        let flow = Flow {
            owner: what.project.owner().to_owned(),
            background: what.background,
        };
        let lanes = match is_sources {
            true => &mut self.sources,
            false => &mut self.others,
        };
        let lane = lanes.find_or_make(&flow, &what.sandbox, &class);
        let last = &mut lanes.all[lane].last_rank;
        *last += 1;
        let rank = *last + i64::from(what.priority);
        lanes.gain(lane, rank, build.id);
        let place = Place {
            class,
            owner: flow.owner,
            sandbox: what.sandbox.clone(),
            at: At::Queued {
                is_sources,
                lane,
                rank,
            },
        };
        self.places.insert(build.id, place);
    }

    /// Asks how many tickets the pools could serve soon, for each set of tags that builds ask for; who
    /// cannot tell answers nothing. The answer is the sets that no pool has, each told once.
    pub fn look_ahead(
        &mut self,
        ask: impl FnOnce(&[&[String]]) -> Option<Vec<u32>>,
    ) -> Vec<String> {
        let mut nowhere = Vec::new();
        if self.places.len() == self.running.total as usize {
            return nowhere;
        }
        let mut classes: Vec<&mut Class> = self.classes.values_mut().collect();
        let tags: Vec<&[String]> = classes.iter().map(|it| &*it.tags).collect();
        if let Some(all) = ask(&tags) {
            for (class, ahead) in classes.iter_mut().zip(all) {
                // One ticket at least tells what is missing.
                class.ahead = ahead.max(1);
                if ahead == 0 && !class.is_nowhere {
                    nowhere.push(class.tags.join(", "));
                }
                class.is_nowhere = ahead == 0;
            }
        }
        nowhere
    }

    /// The next build whose turn it is and that no limit holds back; it goes for its ticket.
    pub fn take(&mut self) -> Option<BuildId> {
        let limits = self.claim_limits();
        for lanes in [&mut self.sources, &mut self.others] {
            let clock = lanes.clock;
            let Ok(plan) = pick(lanes, self.running.clone(), &limits, 1, clock);
            let Some(id) = plan.picks.first().map(|it| it.job) else {
                continue;
            };
            lanes.apply(&plan);
            let place = self.places.get_mut(&id)?;
            place.at = At::Waiting;
            self.running.add(&place.owner, &place.sandbox, &place.class);
            let class = self.classes.get_mut(&place.class)?;
            class.taken += 1;
            class.waiting += 1;
            return Some(id);
        }
        None
    }

    /// A build has its builder.
    pub fn begin(&mut self, id: BuildId) {
        let Some(place) = self.places.get_mut(&id) else {
            return;
        };
        if let (At::Waiting, Some(class)) = (&place.at, self.classes.get_mut(&place.class)) {
            class.waiting -= 1;
            place.at = At::Running;
        }
    }

    /// A build has no ticket any more, or waits for none any more.
    pub fn leave(&mut self, id: BuildId) {
        let Some(place) = self.places.remove(&id) else {
            return;
        };
        if let At::Queued {
            is_sources,
            lane,
            rank,
        } = place.at
        {
            let lanes = match is_sources {
                true => &mut self.sources,
                false => &mut self.others,
            };
            lanes.all[lane].waiting.remove(&(rank, id));
            return;
        }
        if let Some(class) = self.classes.get_mut(&place.class) {
            class.taken -= 1;
            class.waiting -= u32::from(matches!(place.at, At::Waiting));
        }
        let running = &mut self.running;
        running.total -= 1;
        less(&mut running.owners, &place.owner);
        less(&mut running.registries, &place.class);
        if let Some(sandboxes) = running.sandboxes.get_mut(&place.owner) {
            less(sandboxes, &place.sandbox);
            if sandboxes.is_empty() {
                running.sandboxes.remove(&place.owner);
            }
        }
    }

    /// Whether the build is known here.
    #[must_use]
    pub fn has(&self, id: BuildId) -> bool {
        self.places.contains_key(&id)
    }

    /// How many builds are queued, wait for a ticket, and run.
    #[must_use]
    pub fn counts(&self) -> (usize, u32, u32) {
        let waiting: u32 = self.classes.values().map(|it| it.waiting).sum();
        let taken = self.running.total;
        (self.places.len() - taken as usize, waiting, taken - waiting)
    }

    /// The limits of the turns, with what is left for each set of tags.
    fn claim_limits(&self) -> ClaimLimits {
        let count = |fits: &dyn Fn(&Class) -> bool| -> u32 {
            let classes = self.classes.values().filter(|it| fits(it));
            classes.map(|it| it.taken).sum()
        };
        let mut out = ClaimLimits {
            total: self.limits.total,
            owner: self.limits.owner,
            sandbox: self.limits.sandbox,
            registries: BTreeMap::new(),
        };
        for (name, class) in &self.classes {
            let ahead = self.limits.waiting.unwrap_or(class.ahead);
            let mut room = ahead.saturating_sub(class.waiting);
            if let Some(most) = self.limits.architectures.get(&class.architecture) {
                let taken = count(&|it| it.architecture == class.architecture);
                room = room.min(most.saturating_sub(taken));
            }
            for tag in &class.tags {
                if let Some(most) = self.limits.tags.get(tag) {
                    let taken = count(&|it| it.tags.contains(tag));
                    room = room.min(most.saturating_sub(taken));
                }
            }
            out.registries
                .insert(name.to_string(), class.taken.saturating_add(room));
        }
        out
    }
}

fn less(map: &mut HashMap<String, u32>, name: &str) {
    if let Some(count) = map.get_mut(name) {
        *count -= 1;
        if *count == 0 {
            map.remove(name);
        }
    }
}

#[cfg(test)]
mod tests;
