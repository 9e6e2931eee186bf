//! What comes to the dispatcher from others: builds that were added or put back, and those that
//! nobody wants any more.

use super::after::Reason;
use super::desk::{Desk, Seen, set};
use super::{Act, DispatchError};
use crate::build::entry::{Build, BuildId};
use crate::build::state::State;
use crate::build::store::Move;
use crate::model::Code;
use jiff::Timestamp;

/// Changes that are read at once.
const PAGE: usize = 1000;

impl Desk<'_> {
    /// Reads what others changed.
    pub(super) fn look(&mut self) -> Result<(), DispatchError> {
        loop {
            let changed = self.with.store.changed(self.read, PAGE)?;
            let count = changed.len();
            for (number, build) in changed {
                self.read = number;
                self.see(build);
            }
            if count < PAGE {
                return Ok(());
            }
        }
    }

    /// Somebody added or changed a build.
    fn see(&mut self, build: Build) {
        let (id, now) = (build.id, Timestamp::now());
        let is_known = self.held.contains_key(&id)
            || self.line.has(id)
            || self.due.iter().any(|it| it.1 == id);
        match build.state() {
            // Somebody wanted it out in the moment in which it went back into the queue.
            State::Queued if build.is_unwanted => {
                if !is_known {
                    self.tidy.began(self.with.results.repository(&build));
                }
                self.drop_queued(build, now);
            }
            State::Queued if !is_known => {
                self.tidy.began(self.with.results.repository(&build));
                self.enqueue(&build);
            }
            State::Cancelled if is_known && !self.held.contains_key(&id) => {
                self.is_out(build, State::Cancelled);
            }
            _ if build.is_unwanted => self.unwanted(id, now),
            _ => {}
        }
    }

    /// A queued build is taken out.
    pub(super) fn drop_queued(&mut self, mut build: Build, now: Timestamp) {
        if build.cancel(now).is_ok() {
            self.is_out(build, State::Queued);
        }
    }

    /// A build is out of the queue; its log stays, if it has one.
    fn is_out(&mut self, mut build: Build, from: State) {
        let id = build.id;
        self.line.leave(id);
        self.due.retain(|it| it.1 != id);
        if self.keep_log(&mut build) || from != build.state() {
            self.moves.push(Move {
                from,
                build: build.clone(),
            });
        }
        self.tidy
            .ended(&build, self.with.results.repository(&build));
        self.sights.push(Seen::Ended(build));
    }

    /// Nobody wants a build any more that waits or runs.
    fn unwanted(&mut self, id: BuildId, now: Timestamp) {
        let Some(held) = self.held.get_mut(&id) else {
            return;
        };
        held.build.is_unwanted = true;
        if held.build.state() == State::Running {
            set(&held.reason, Reason::Unwanted);
            self.acts.push(Act::Halt(id));
        } else if let Some(mut held) = self.held.remove(&id)
            && held.build.cancel(now).is_ok()
        {
            self.keep_log(&mut held.build);
            self.settle(held, State::Waiting, None, None);
        }
    }

    /// A build comes to wait for its turn.
    pub(super) fn enqueue(&mut self, build: &Build) {
        if let Some(due) = build.due.filter(|it| *it > Timestamp::now()) {
            self.due.insert((due, build.id));
            return;
        }
        let Some(target) = self.with.settings.target(build) else {
            let (mut build, now) = (build.clone(), Timestamp::now());
            let text = format!("there is no target {}", build.what.target);
            if build
                .end(State::Failed, Code::BuildSettings, &text, now)
                .is_ok()
            {
                self.moves.push(Move {
                    from: State::Queued,
                    build: build.clone(),
                });
                self.tidy
                    .ended(&build, self.with.results.repository(&build));
                self.sights.push(Seen::Ended(build));
            }
            return;
        };
        let tags = self.with.settings.tags(build, target);
        self.line
            .add(build, &target.architecture, target.is_sources(), &tags);
    }
}
