//! What is known of each build that was taken up: it runs, its result waits to be handed in, or
//! the frontend took it and may yet list the build for a while.
//!
//! Without clock and threads of its own: the daemon says what happened, and when.

use super::client::Listing;
use super::result::ImportResult;
use super::task::{BuildId, Task};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Builds that must not be started, and why.
#[derive(Debug, Default)]
pub struct Book {
    running: BTreeMap<BuildId, Task>,
    /// Results that were not taken yet.
    waiting: BTreeSet<BuildId>,
    /// Builds that are done with, for as long as they are listed all the same.
    settled: BTreeMap<BuildId, Settled>,
}

#[derive(Debug)]
struct Settled {
    since: Instant,
    /// None where the frontend knows no such build.
    result: Option<ImportResult>,
}

impl Book {
    /// Begins with the results that an earlier run left.
    #[must_use]
    pub fn new(waiting: impl IntoIterator<Item = BuildId>) -> Self {
        Self {
            waiting: waiting.into_iter().collect(),
            ..Self::default()
        }
    }

    /// Those that run.
    #[must_use]
    pub const fn running(&self) -> &BTreeMap<BuildId, Task> {
        &self.running
    }

    /// Whether a build was imported already, or needs no import.
    #[must_use]
    pub fn is_done(&self, build_id: BuildId) -> bool {
        self.waiting.contains(&build_id) || self.settled.contains_key(&build_id)
    }

    /// A task was started.
    pub fn start(&mut self, task: &Task) {
        self.running.insert(task.build_id, task.clone());
    }

    /// The build was given up, and is to be started again when it is listed.
    pub fn give_up(&mut self, build_id: BuildId) {
        self.running.remove(&build_id);
    }

    /// There is a result, which has to be handed in.
    pub fn finish(&mut self, build_id: BuildId) {
        self.running.remove(&build_id);
        // It may have been handed in before anybody said so here.
        if !self.settled.contains_key(&build_id) {
            self.waiting.insert(build_id);
        }
    }

    /// The frontend does not know the build any more.
    pub fn vanish(&mut self, build_id: BuildId, now: Instant) {
        self.running.remove(&build_id);
        let settled = Settled {
            since: now,
            result: None,
        };
        self.settled.insert(build_id, settled);
    }

    /// The frontend took the result.
    pub fn settle(&mut self, result: ImportResult, now: Instant) {
        let build_id = result.build_id;
        self.waiting.remove(&build_id);
        let settled = Settled {
            since: now,
            result: Some(result),
        };
        self.settled.insert(build_id, settled);
    }

    /// A listing that was asked for at `asked` is here. The answer is every result that has to be
    /// handed in once more: the frontend took it and went on listing the build for longer than
    /// `patience`.
    pub fn compare(
        &mut self,
        listing: &Listing,
        asked: Instant,
        patience: Duration,
    ) -> Vec<ImportResult> {
        let unreadable = listing.unreadable.iter().filter_map(|it| it.build_id);
        let listed = listing.tasks.iter().map(|it| it.build_id);
        let listed: BTreeSet<BuildId> = listed.chain(unreadable).collect();
        let mut again = Vec::new();
        self.settled.retain(|build_id, settled| {
            if !listed.contains(build_id) {
                return false;
            }
            let is_late = asked.saturating_duration_since(settled.since) > patience;
            if is_late {
                again.extend(settled.result.take());
            }
            !is_late
        });
        self.waiting.extend(again.iter().map(|it| it.build_id));
        again
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    const PATIENCE: Duration = Duration::from_secs(10);

    fn listing(ids: &[BuildId]) -> Listing {
        let task = |id: &BuildId| {
            let task = json!({
                "build_id": id, "owner": "o", "project": "p", "branches": [], "srpm_url": "",
            });
            Task::read(task).unwrap()
        };
        Listing {
            tasks: ids.iter().map(task).collect(),
            unreadable: Vec::new(),
        }
    }

    #[test]
    fn a_build_is_known_for_as_long_as_it_is_listed() {
        let begin = Instant::now();
        let mut book = Book::new([8]);
        assert!(book.is_done(8) && !book.is_done(7));
        let both = listing(&[7, 8]);
        book.start(&both.tasks[0]);
        assert!(book.running().contains_key(&7));
        book.finish(7);
        assert!(book.is_done(7) && book.running().is_empty());
        book.settle(ImportResult::failure(7), begin);
        // A listing that was under way when the result arrived.
        assert!(book.compare(&both, begin, PATIENCE).is_empty());
        assert!(book.is_done(7));
        assert!(book.compare(&listing(&[8]), begin, PATIENCE).is_empty());
        assert!(!book.is_done(7) && book.is_done(8));
    }

    #[test]
    fn a_result_may_be_taken_before_the_import_is_said_to_end() {
        let begin = Instant::now();
        let mut book = Book::default();
        book.start(&listing(&[7]).tasks[0]);
        book.settle(ImportResult::failure(7), begin);
        book.finish(7);
        assert!(book.compare(&listing(&[]), begin, PATIENCE).is_empty());
        assert!(!book.is_done(7) && book.running().is_empty());
    }

    #[test]
    fn a_result_that_was_lost_over_there_is_handed_in_again() {
        let begin = Instant::now();
        let mut book = Book::default();
        book.settle(ImportResult::failure(7), begin);
        let late = begin + PATIENCE * 2;
        let again = book.compare(&listing(&[7]), late, PATIENCE);
        assert_eq!(again, [ImportResult::failure(7)]);
        assert!(book.is_done(7), "it is not imported again");
        assert!(book.compare(&listing(&[7]), late, PATIENCE).is_empty());
    }

    #[test]
    fn a_build_that_vanished_may_come_back() {
        let begin = Instant::now();
        let mut book = Book::default();
        book.vanish(7, begin);
        assert!(book.compare(&listing(&[7]), begin, PATIENCE).is_empty());
        assert!(book.is_done(7));
        let late = begin + PATIENCE * 2;
        assert!(book.compare(&listing(&[7]), late, PATIENCE).is_empty());
        assert!(!book.is_done(7));
    }
}
