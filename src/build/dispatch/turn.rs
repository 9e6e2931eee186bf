//! What the dispatcher does by itself: turns, pauses that are over, the end; and how it is done.

use super::after::{Reason, doubled};
use super::attempt::want;
use super::desk::{Desk, Held, Seen, set};
use super::{Act, DispatchError, Event};
use crate::build::entry::{Build, BuildId};
use crate::build::results::refresh;
use crate::build::state::State;
use crate::build::store::{Filter, Move};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

/// The longest sleep: nothing is expected then.
const LONGEST: Duration = Duration::from_secs(3600);

/// Builds that are read at once.
const PAGE: usize = 500;

impl Desk<'_> {
    /// Pauses that are over, and repositories that are to be refreshed.
    pub(super) fn advance(&mut self, now: Timestamp) {
        let mut over = Vec::new();
        while let Some((due, id)) = self.due.first().copied().filter(|it| it.0 <= now) {
            self.due.remove(&(due, id));
            over.push(id);
        }
        for id in over {
            match self.with.store.build(id) {
                Ok(Some(build)) if build.state() == State::Queued => self.enqueue(&build),
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(build = id, %error, "a build cannot be read");
                    self.due.insert((now + self.with.settings.pause, id));
                }
            }
        }
        let is_ending = self.with.stop.is_draining();
        if let Some(repository) = self.tidy.next(is_ending) {
            self.acts.push(Act::Refresh(repository));
        }
    }

    /// Sends builds for their tickets whose turn it is.
    pub(super) fn give_turns(&mut self, now: Timestamp) -> Result<(), DispatchError> {
        if self.rest.is_some_and(|it| it > now) {
            return Ok(());
        }
        self.rest = None;
        for tags in self.line.look_ahead(|tags| self.with.tickets.ahead(tags)) {
            let text = format!("warning: no pool has all of the tags {tags}: builds wait for one");
            tracing::warn!("{text}");
            self.sights.push(Seen::Notice(text));
        }
        let ids: Vec<BuildId> = std::iter::from_fn(|| self.line.take()).collect();
        for page in ids.chunks(PAGE) {
            let filter = Filter {
                builds: Some(page.to_vec()),
                ..Filter::default()
            };
            let found = self.with.store.find(&filter)?.into_iter();
            let mut found: HashMap<BuildId, Build> = found.map(|it| (it.id, it)).collect();
            // The order of the turns is that of the tickets.
            for id in page {
                let Some(mut build) = found.remove(id) else {
                    // Its project was removed.
                    self.line.leave(*id);
                    continue;
                };
                if build.is_unwanted && build.state() == State::Queued {
                    self.drop_queued(build, now);
                    continue;
                }
                let Some(target) = self.with.settings.target(&build) else {
                    continue;
                };
                let tags = self.with.settings.tags(&build, target);
                if build.wait(tags, now).is_err() {
                    // It was cancelled: the change says so next.
                    self.line.leave(build.id);
                    continue;
                }
                self.acts.push(Act::Take(build.id));
                self.moves.push(Move {
                    from: State::Queued,
                    build: build.clone(),
                });
                let held = Held {
                    build,
                    ticket: None,
                    halt: None,
                    reason: Arc::default(),
                };
                self.held.insert(held.build.id, held);
            }
        }
        Ok(())
    }

    /// Nothing new begins: what waits goes back; what runs too, if it is to stop.
    pub(super) fn wind_up(&mut self, is_stopped: bool, now: Timestamp) {
        for held in self.held.values() {
            if is_stopped && held.build.state() == State::Running {
                set(&held.reason, Reason::Stopped);
                self.acts.push(Act::Halt(held.build.id));
            }
        }
        self.give_all_back(now);
    }

    /// What waits for a ticket goes back into the queue. Which builds did.
    pub(super) fn give_all_back(&mut self, now: Timestamp) -> Vec<Build> {
        let waiting = self.held.values().map(|it| &it.build);
        let waiting = waiting.filter(|it| it.state() == State::Waiting);
        let mut waiting: Vec<BuildId> = waiting.map(|it| it.id).collect();
        waiting.sort_unstable();
        let mut back = Vec::new();
        for id in waiting {
            if let Some(mut held) = self.held.remove(&id)
                && held.build.requeue(None, now).is_ok()
            {
                self.line.leave(id);
                if let Some(ticket) = held.ticket.take() {
                    self.close(ticket, None);
                }
                self.moves.push(Move {
                    from: State::Waiting,
                    build: held.build.clone(),
                });
                back.push(held.build);
            }
        }
        back
    }

    /// All builds pause: each would find out by itself that its results cannot be kept.
    pub(super) fn rest(&mut self, now: Timestamp) {
        let pause = doubled(self.policy.pause, self.rests);
        self.rest = Some(now + pause);
        self.rests += 1;
        for build in self.give_all_back(now) {
            self.enqueue(&build);
        }
        let seconds = pause.as_secs_f64();
        let text = format!("this machine has no room left: builds pause for {seconds} s");
        tracing::warn!("{text}");
        self.sights.push(Seen::Notice(format!("warning: {text}")));
    }

    /// Whether nothing is left to do.
    pub(super) fn is_over(&self) -> bool {
        let is_idle = self.held.is_empty() && self.tickets.is_empty() && self.asked == 0;
        let is_done = self.line.counts() == (0, 0, 0) && self.due.is_empty();
        let may_end = match self.with.stop.is_draining() {
            true => true,
            false => !self.with.settings.follow && is_done,
        };
        is_idle && may_end && self.tidy.is_clean() && self.acts.is_empty()
    }

    /// Whether only tickets are left that have to be closed.
    pub(super) fn has_only_tickets(&self) -> bool {
        self.held.is_empty() && self.tidy.is_clean()
    }

    /// How long to sleep unless something happens.
    pub(super) fn longest(&self, now: Timestamp) -> Duration {
        // What was over in the moment since they were looked at is over at once.
        let until = |it: Timestamp| Duration::try_from(it.duration_since(now)).unwrap_or_default();
        let due = self.due.first().map(|it| until(it.0));
        let tidy = self.tidy.longest();
        // A ticket that cannot be closed must not keep a stopped dispatcher for ever.
        let is_draining = self.with.stop.is_draining();
        let is_ending = is_draining && self.has_only_tickets();
        let rest = self.rest.filter(|_| !is_draining).map(until);
        let all = [due, rest, tidy, is_ending.then_some(Duration::from_secs(5))];
        all.into_iter()
            .flatten()
            .min()
            .unwrap_or(LONGEST)
            .min(LONGEST)
    }

    /// Does what was written down.
    pub(super) fn carry_out(&mut self, acts: Vec<Act>) {
        let mut wanted = Vec::new();
        for act in acts {
            match act {
                Act::Take(id) => wanted.extend(self.held.get(&id).map(|it| (id, want(&it.build)))),
                Act::Begin(id, machine) => self.begin(id, machine),
                Act::Close(ticket, complaint) => {
                    let tickets = self.with.tickets;
                    tickets.close(&ticket, complaint.as_deref(), &self.tell);
                }
                Act::Halt(id) => {
                    if let Some(halt) = self.held.get(&id).and_then(|it| it.halt.as_ref()) {
                        halt.halt();
                    }
                }
                Act::Refresh(repository) => {
                    let program = self.with.settings.createrepo.clone().unwrap_or_default();
                    let post = self.post.clone();
                    self.with.runtime.spawn(async move {
                        let result = refresh(&program, &repository).await;
                        post.send(Event::Refreshed(repository, result));
                    });
                }
            }
        }
        if !wanted.is_empty() {
            self.asked += wanted.len();
            self.with.tickets.take(wanted, &self.tell);
        }
    }
}
