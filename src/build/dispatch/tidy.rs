//! Which repositories are to be refreshed, and when: once for many finished builds.

use super::Settings;
use super::after::doubled;
use crate::build::entry::Build;
use crate::build::results::Repository;
use crate::build::state::State;
use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

/// The least pause after a run that failed.
const LEAST: Duration = Duration::from_millis(100);

/// The repositories of the builds that the dispatcher has to do with.
#[derive(Debug)]
pub(super) struct Tidy {
    is_on: bool,
    period: Duration,
    /// Open builds of each.
    open: HashMap<Repository, u32>,
    /// Those that packages came into, and since when.
    stale: BTreeMap<Repository, Instant>,
    busy: Option<Repository>,
    /// Those whose last runs failed: how often, why, and when it is tried again.
    failed: BTreeMap<Repository, Failed>,
}

#[derive(Debug)]
struct Failed {
    times: u32,
    why: String,
    due: Instant,
}

impl Tidy {
    pub(super) fn new(settings: &Settings) -> Self {
        Self {
            is_on: settings.createrepo.is_some(),
            period: settings.refresh,
            open: HashMap::new(),
            stale: BTreeMap::new(),
            busy: None,
            failed: BTreeMap::new(),
        }
    }

    /// A build of it is open.
    pub(super) fn began(&mut self, repository: Repository) {
        *self.open.entry(repository).or_default() += 1;
    }

    /// A build of it has ended.
    pub(super) fn ended(&mut self, build: &Build, repository: Repository) {
        if let Some(count) = self.open.get_mut(&repository) {
            *count -= 1;
            if *count == 0 {
                self.open.remove(&repository);
            }
        }
        if build.state() == State::Finished {
            self.stale(repository);
        }
    }

    /// Its index is older than what is in it.
    pub(super) fn stale(&mut self, repository: Repository) {
        if self.is_on {
            self.stale.entry(repository).or_insert_with(Instant::now);
        }
    }

    /// The next one to be refreshed, if its time has come: nothing more is built for it, or others
    /// have waited for long enough.
    pub(super) fn next(&mut self, is_ending: bool) -> Option<Repository> {
        if self.busy.is_some() {
            return None;
        }
        let is_due = |it: &(&Repository, &Instant)| match self.failed.get(it.0) {
            Some(failed) => failed.due <= Instant::now(),
            None => is_ending || !self.open.contains_key(it.0) || it.1.elapsed() >= self.period,
        };
        let next = self.stale.iter().find(is_due)?.0.clone();
        self.stale.remove(&next);
        self.busy = Some(next.clone());
        Some(next)
    }

    /// It was refreshed, or why not: then it is tried again after a while.
    pub(super) fn refreshed(&mut self, repository: &Repository, result: Result<(), String>) {
        if self.busy.as_ref() == Some(repository) {
            self.busy = None;
        }
        let Err(why) = result else {
            self.failed.remove(repository);
            return;
        };
        let times = self.failed.get(repository).map_or(0, |it| it.times);
        let due = Instant::now() + doubled(self.period.max(LEAST), times);
        let times = times + 1;
        self.failed
            .insert(repository.clone(), Failed { times, why, due });
        self.stale(repository.clone());
    }

    /// Whether nothing is to be done, but what failed before.
    pub(super) fn is_clean(&self) -> bool {
        self.busy.is_none() && self.stale.keys().all(|it| self.failed.contains_key(it))
    }

    /// Why the index of one is older than what is in it.
    pub(super) fn failure(&self) -> Option<&str> {
        self.failed.values().next().map(|it| it.why.as_str())
    }

    /// How long until the next one's time has come by itself.
    pub(super) fn longest(&self) -> Option<Duration> {
        let left = |(repository, since): (&Repository, &Instant)| match self.failed.get(repository)
        {
            Some(failed) => failed.due.saturating_duration_since(Instant::now()),
            None => self.period.saturating_sub(since.elapsed()),
        };
        match self.busy {
            Some(_) => None,
            None => self.stale.iter().map(left).min(),
        }
    }
}
