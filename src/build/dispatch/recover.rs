//! The start: what an earlier process left is brought to an end.
//!
//! Its tickets are closed, known ones and strays. A build that waited is queued again; one that ran
//! has either ended, which its results say, or is begun anew: its command ended with the process.

use super::after::crash;
use super::desk::{Desk, Seen};
use super::{Act, DispatchError};
use crate::build::entry::{Build, Trace};
use crate::build::state::State;
use crate::build::store::{Filter, Move, TicketChange};
use crate::build::tickets::HERE;
use jiff::Timestamp;
use serde::Deserialize as _;
use serde_json::Value;
use std::collections::BTreeMap;

/// Builds that are read at once.
const PAGE: u64 = 1000;

impl Desk<'_> {
    /// Takes over what is there.
    pub(super) fn recover(&mut self) -> Result<(), DispatchError> {
        let store = self.with.store;
        self.read = store.last_change()?;
        self.end_tickets()?;
        for repository in self.with.results.stale() {
            self.tidy.stale(repository);
        }
        self.take_over()?;
        let closing = self.acts.iter();
        let closing = closing.filter(|it| matches!(it, Act::Close(..)));
        let count = closing.count();
        if count > 0 {
            let text = format!("{count} tickets of a process that died are closed");
            self.sights.push(Seen::Notice(text));
        }
        Ok(())
    }

    /// Forgets the attempts at builds that have ended, once that is written down.
    pub(super) fn sweep(&self) -> Result<(), DispatchError> {
        for id in self.with.results.attempts() {
            let build = self.with.store.build(id)?;
            if !build.is_some_and(|it| it.state().is_open()) {
                self.with.results.forget(id);
            }
        }
        Ok(())
    }

    /// Closes the tickets of this giver. Those of others stay: here they would be somebody else's.
    fn end_tickets(&mut self) -> Result<(), DispatchError> {
        let giver = self.with.tickets.giver().to_owned();
        let mut foreign: BTreeMap<String, usize> = BTreeMap::new();
        for (name, build) in self.with.store.tickets()? {
            match name.giver.as_str() {
                its if its == giver => self.close(name.ticket, None),
                "" => {
                    let own = self.own(name.ticket.clone());
                    self.changes.push(TicketChange::Taken(own, build));
                    self.close(name.ticket.clone(), None);
                    self.changes.push(TicketChange::Closed(name));
                }
                // They ended with the process that took them.
                HERE => self.changes.push(TicketChange::Closed(name)),
                _ => *foreign.entry(name.giver).or_default() += 1,
            }
        }
        for ticket in self.with.tickets.strays() {
            if !self.tickets.contains_key(&ticket) {
                let own = self.own(ticket.clone());
                self.changes.push(TicketChange::Taken(own, 0));
                self.close(ticket, None);
            }
        }
        for (giver, count) in foreign {
            let text = format!(
                "warning: {count} tickets of {giver} are still open, and builders come from elsewhere \
                 now: close them there, or run distmill build run once with the configuration of then"
            );
            tracing::warn!("{text}");
            self.sights.push(Seen::Notice(text));
        }
        Ok(())
    }

    /// Goes through all open builds.
    fn take_over(&mut self) -> Result<(), DispatchError> {
        let mut filter = Filter {
            states: Some(vec![State::Queued, State::Waiting, State::Running]),
            limit: Some(PAGE),
            ..Filter::default()
        };
        loop {
            let builds = self.with.store.find(&filter)?;
            let Some(last) = builds.last() else {
                return Ok(());
            };
            filter.after = Some(last.id);
            for build in builds {
                self.tidy.began(self.with.results.repository(&build));
                self.resume(build);
            }
        }
    }

    fn resume(&mut self, mut build: Build) {
        let (from, now) = (build.state(), Timestamp::now());
        if from == State::Queued && !build.is_unwanted {
            return self.enqueue(&build);
        }
        let record = self.with.results.record(&build);
        let record = record.filter(|it| from == State::Running && is_of(it, &build));
        if let Some(record) = record {
            restore(&mut build, &record);
        } else {
            let moved = match from {
                _ if build.is_unwanted => build.cancel(now),
                State::Running => crash(&mut build, self.policy, now),
                _ => build.requeue(None, now),
            };
            moved.expect("it was open");
            if !build.state().is_open() {
                self.keep_log(&mut build);
            }
        }
        self.moves.push(Move {
            from,
            build: build.clone(),
        });
        if build.state().is_open() {
            self.enqueue(&build);
        } else {
            self.tidy
                .ended(&build, self.with.results.repository(&build));
            self.sights.push(Seen::Ended(build));
        }
    }
}

/// Whether a record is of the attempt that the build is at.
fn is_of(record: &Value, build: &Build) -> bool {
    let started = build.trace.started.map(|it| it.to_string());
    started.is_some_and(|it| record["started"] == it) && record["attempts"] == build.trace.attempts
}

/// Brings a build to the end that its record tells.
fn restore(build: &mut Build, record: &Value) {
    let text = |key: &str| record[key].as_str().map(str::to_owned);
    let state = text("state").and_then(|it| it.parse().ok());
    let changed = text("changed").and_then(|it| it.parse().ok());
    build.code = text("code");
    build.changed = changed.unwrap_or(build.changed);
    if let Ok(trace) = Trace::deserialize(record) {
        build.trace = trace;
    }
    *build = build.clone().restored(state.unwrap_or(State::Finished));
}
