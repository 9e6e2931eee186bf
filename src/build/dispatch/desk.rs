//! All that the dispatcher knows, and what it makes of news.

use super::after::{self, Policy, Reason};
use super::engine::Post;
use super::tidy::Tidy;
use super::{Act, Dispatcher, Event, Sight};
use crate::build::entry::{Build, BuildId};
use crate::build::line::Line;
use crate::build::machine::Machine;
use crate::build::runner::Halt;
use crate::build::state::State;
use crate::build::store::{Move, TicketChange, TicketName};
use crate::build::tickets::{News, Tell};
use crate::sync::hold;
use jiff::Timestamp;
use std::collections::{BTreeSet, HashMap};
use std::sync::{Arc, Mutex};

/// How often a machine is refused because another one was lost at its address.
const ADDRESS_REFUSALS: u32 = 2;

/// A build that waits for its ticket, or runs.
pub(super) struct Held {
    pub(super) build: Build,
    pub(super) ticket: Option<String>,
    pub(super) halt: Option<Halt>,
    /// Why it was halted; the runner's thread reads it.
    pub(super) reason: Arc<Mutex<Option<Reason>>>,
}

/// Something to show once it is written down.
pub(super) enum Seen {
    Begun(Build, Machine),
    Again(Build, String),
    Ended(Build),
    Notice(String),
}

impl Seen {
    pub(super) fn show(&self, show: &dyn Fn(Sight<'_>)) {
        match self {
            Self::Begun(build, machine) => show(Sight::Begun(build, machine)),
            Self::Again(build, why) => show(Sight::Again(build, why)),
            Self::Ended(build) => show(Sight::Ended(build)),
            Self::Notice(text) => show(Sight::Notice(text)),
        }
    }
}

/// The dispatcher's desk.
pub(super) struct Desk<'a> {
    pub(super) with: &'a Dispatcher<'a>,
    pub(super) post: Post,
    pub(super) tell: Tell,
    pub(super) policy: Policy,
    pub(super) line: Line,
    pub(super) held: HashMap<BuildId, Held>,
    /// Open tickets, and the builds that they are of; none: they are being closed.
    pub(super) tickets: HashMap<String, Option<BuildId>>,
    /// Tickets that were asked for and are not there yet.
    pub(super) asked: usize,
    /// Builds that are queued again after a pause.
    pub(super) due: BTreeSet<(Timestamp, BuildId)>,
    /// No build goes for a ticket before: this machine has no room left.
    pub(super) rest: Option<Timestamp>,
    /// How often in a row it had none.
    pub(super) rests: u32,
    pub(super) tidy: Tidy,
    /// The number of the last change that was read.
    pub(super) read: u64,
    pub(super) moves: Vec<Move>,
    pub(super) changes: Vec<TicketChange>,
    pub(super) acts: Vec<Act>,
    pub(super) sights: Vec<Seen>,
}

impl<'a> Desk<'a> {
    pub(super) fn new(with: &'a Dispatcher<'a>, post: Post, tell: Tell) -> Self {
        Self {
            with,
            post,
            tell,
            policy: Policy::from(with.settings),
            line: Line::new(with.settings.limits.clone()),
            held: HashMap::new(),
            tickets: HashMap::new(),
            asked: 0,
            due: BTreeSet::new(),
            rest: None,
            rests: 0,
            tidy: Tidy::new(with.settings),
            read: 0,
            moves: Vec::new(),
            changes: Vec::new(),
            acts: Vec::new(),
            sights: Vec::new(),
        }
    }

    /// Takes one event.
    pub(super) fn handle(&mut self, event: Event) {
        let now = Timestamp::now();
        match event {
            Event::Ticket(News::Taken { build, ticket }) => self.taken(build, ticket),
            Event::Ticket(News::Refused { build, reason }) => {
                self.asked = self.asked.saturating_sub(1);
                self.give_back(build, &format!("no ticket: {reason}"), now);
            }
            Event::Ticket(News::Ready { ticket, output }) => self.ready(&ticket, &output, now),
            Event::Ticket(News::Gone { ticket, reason }) => self.gone(&ticket, &reason, now),
            Event::Ticket(News::Closed { ticket }) => {
                self.tickets.remove(&ticket);
                self.changes.push(TicketChange::Closed(self.own(ticket)));
            }
            Event::Ended(build, is_full) => {
                self.ended(*build, now);
                if is_full {
                    self.rest(now);
                }
            }
            Event::Refreshed(repository, result) => {
                if let Err(text) = &result {
                    tracing::warn!("{text}");
                    self.sights.push(Seen::Notice(format!("warning: {text}")));
                }
                self.tidy.refreshed(&repository, result);
            }
        }
    }

    fn taken(&mut self, id: BuildId, ticket: String) {
        self.asked = self.asked.saturating_sub(1);
        let change = TicketChange::Taken(self.own(ticket.clone()), id);
        self.changes.push(change);
        match self.held.get_mut(&id) {
            Some(held) if held.ticket.is_none() && held.build.state() == State::Waiting => {
                held.ticket = Some(ticket.clone());
                held.build.trace.ticket = Some(ticket.clone());
                self.moves.push(Move {
                    from: State::Waiting,
                    build: held.build.clone(),
                });
                self.tickets.insert(ticket, Some(id));
            }
            // It was cancelled or given back meanwhile.
            _ => self.close(ticket, None),
        }
    }

    fn ready(&mut self, ticket: &str, output: &[u8], now: Timestamp) {
        let Some(Some(id)) = self.tickets.get(ticket).copied() else {
            return;
        };
        let machine = match Machine::parse(output) {
            Ok(machine) => machine,
            Err(error) => return self.give_back(id, &error.to_string(), now),
        };
        let Some(held) = self.held.get_mut(&id) else {
            return;
        };
        let trace = &held.build.trace;
        // An address may be given to a fresh machine, so that it counts only where there are others.
        let is_at_lost = trace.lost_at.contains(&machine.place());
        if trace.lost.contains(&machine.name) || is_at_lost && trace.refusals < ADDRESS_REFUSALS {
            return self.refuse(id, &machine, now);
        }
        if let Err(error) = held.build.run(&machine.name, now) {
            tracing::error!(build = id, %error, "a ticket came twice");
            return;
        }
        held.build.trace.builder_at = Some(machine.place());
        self.moves.push(Move {
            from: State::Waiting,
            build: held.build.clone(),
        });
        self.line.begin(id);
        self.sights
            .push(Seen::Begun(held.build.clone(), machine.clone()));
        self.acts.push(Act::Begin(id, machine));
    }

    /// The machine is one that the build had lost.
    fn refuse(&mut self, id: BuildId, machine: &Machine, now: Timestamp) {
        let Some(mut held) = self.held.remove(&id) else {
            return;
        };
        let from = held.build.state();
        if after::refuse(&mut held.build, &machine.name, self.policy, now).is_err() {
            return;
        }
        if !held.build.state().is_open() {
            self.keep_log(&mut held.build);
        }
        let text = format!("{} lost this build before", machine.name);
        self.settle(held, from, Some(&text), None);
    }

    /// A ticket was ended by others.
    fn gone(&mut self, ticket: &str, reason: &str, now: Timestamp) {
        let id = self.tickets.get(ticket).copied().flatten();
        let Some(held) = id.and_then(|id| self.held.get_mut(&id)) else {
            return;
        };
        let id = held.build.id;
        if held.build.state() == State::Running {
            set(&held.reason, Reason::Gone(reason.to_owned()));
            self.acts.push(Act::Halt(id));
        } else {
            self.give_back(id, &format!("its ticket ended: {reason}"), now);
        }
    }

    /// A build that waits goes back into the queue for a while.
    pub(super) fn give_back(&mut self, id: BuildId, why: &str, now: Timestamp) {
        let Some(mut held) = self.held.remove(&id) else {
            return;
        };
        let from = held.build.state();
        let due = now + self.with.settings.pause;
        if let Err(error) = held.build.requeue(Some(due), now) {
            tracing::error!(build = id, %error, "a build cannot be given back");
            return;
        }
        held.build.trace.message = Some(why.to_owned());
        self.settle(held, from, Some(why), None);
    }

    /// An attempt has ended.
    fn ended(&mut self, mut build: Build, now: Timestamp) {
        let Some(mut held) = self.held.remove(&build.id) else {
            return;
        };
        let is_lost = build.trace.lost.len() > held.build.trace.lost.len();
        build.is_unwanted |= held.build.is_unwanted;
        if build.is_unwanted && build.state() == State::Queued {
            // It is out of the queue before it was in it.
            let _ = build.cancel(now);
            self.keep_log(&mut build);
        }
        if build.state() == State::Finished {
            self.rests = 0;
        }
        let why = build.trace.message.clone();
        let complaint = why.clone().filter(|_| is_lost);
        held.build = build;
        self.settle(held, State::Running, why.as_deref(), complaint);
    }

    /// Writes down where a build is that has no builder any more, and closes its ticket.
    pub(super) fn settle(
        &mut self,
        held: Held,
        from: State,
        why: Option<&str>,
        complaint: Option<String>,
    ) {
        let Held { build, ticket, .. } = held;
        self.line.leave(build.id);
        if let Some(ticket) = ticket {
            self.close(ticket, complaint);
        }
        self.moves.push(Move {
            from,
            build: build.clone(),
        });
        if build.state().is_open() {
            let why = why.unwrap_or("the run was stopped").to_owned();
            self.sights.push(Seen::Again(build.clone(), why));
            self.enqueue(&build);
        } else {
            self.tidy
                .ended(&build, self.with.results.repository(&build));
            self.sights.push(Seen::Ended(build));
        }
    }

    /// The name of a ticket of the giver that there is now.
    pub(super) fn own(&self, ticket: String) -> TicketName {
        let giver = self.with.tickets.giver().to_owned();
        TicketName { giver, ticket }
    }

    pub(super) fn close(&mut self, ticket: String, complaint: Option<String>) {
        self.tickets.insert(ticket.clone(), None);
        self.acts.push(Act::Close(ticket, complaint));
    }
}

/// Says why an attempt is halted; the first reason stays.
pub(super) fn set(at: &Mutex<Option<Reason>>, reason: Reason) {
    let mut at = hold(at);
    at.get_or_insert(reason);
}
