//! The thread that owns everything: takes calls and reports, makes rounds, writes, answers.

use super::waiters::{Callback, For, Waiters, WatchId};
use crate::alloc::error::AllocError;
use crate::alloc::round::{Checked, Rounds};
use crate::alloc::starter::{Done, Finished, Order, Starter};
use crate::alloc::store::{Change, TicketStore};
use crate::alloc::ticket::{TicketId, TicketState};
use crossbeam_channel::{Receiver, Sender, after, never, select};
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

/// Calls that make one round at most: a bound on how long the first of them waits.
const CALLS_A_ROUND: usize = 4096;

/// The pause before a store that failed is tried again.
const STORE_PAUSE: Duration = Duration::from_secs(1);

/// Tells the caller what came of it, once that is durable.
pub(super) type Answer = Box<dyn FnOnce() + Send>;

/// What is to be done with the desk; gives the answer.
pub(super) type Call = Box<dyn FnOnce(&mut Desk, Timestamp) -> Answer + Send>;

/// An order that ended.
pub(super) type Report = (u64, Finished);

/// A clock that only goes forward, whatever is done to the system's.
#[derive(Clone, Copy, Debug)]
struct Clock {
    start: Timestamp,
    since: Instant,
}

impl Clock {
    fn now(&self) -> Timestamp {
        let passed = SignedDuration::try_from(self.since.elapsed()).unwrap_or(SignedDuration::MAX);
        self.start.checked_add(passed).unwrap_or(Timestamp::MAX)
    }
}

/// All that the thread owns.
pub(super) struct Desk {
    pub(super) rounds: Rounds,
    pub(super) waiters: Waiters,
    store: Arc<dyn TicketStore>,
    starter: Arc<dyn Starter>,
    reports: Sender<Report>,
    is_stopping: bool,
    /// Set as soon as somebody wants the end, even while no call is taken.
    is_unwanted: Arc<AtomicBool>,
    /// Changes that are beside the rounds.
    beside: Vec<Change>,
    clock: Clock,
}

impl Desk {
    pub(super) fn new(
        rounds: Rounds,
        store: Arc<dyn TicketStore>,
        starter: Arc<dyn Starter>,
        reports: Sender<Report>,
        start: Timestamp,
        is_unwanted: Arc<AtomicBool>,
    ) -> Self {
        Self {
            rounds,
            waiters: Waiters::default(),
            store,
            starter,
            reports,
            is_stopping: false,
            is_unwanted,
            beside: Vec::new(),
            clock: Clock {
                start,
                since: Instant::now(),
            },
        }
    }

    /// Works until it is stopped, or nobody can call any more.
    pub(super) fn run(mut self, calls: &Receiver<Call>, reports: &Receiver<Report>) {
        let mut answers = Vec::new();
        while !self.is_stopping {
            if !self.round(&mut answers) {
                // What is not written is answered to nobody.
                self.waiters.stop();
                return;
            }
            let due = self.rounds.next_due().map(|due| {
                let left = due.duration_since(self.clock.now());
                after(Duration::try_from(left).unwrap_or_default())
            });
            let due = due.unwrap_or_else(never);
            select! {
                recv(calls) -> call => match call {
                    Ok(call) => {
                        let now = self.clock.now();
                        answers.push(call(&mut self, now));
                    }
                    Err(_) => break,
                },
                recv(reports) -> report => self.report(report.ok()),
                recv(due) -> _ => {}
            }
            for call in calls.try_iter().take(CALLS_A_ROUND) {
                let now = self.clock.now();
                answers.push(call(&mut self, now));
            }
            for report in reports.try_iter() {
                self.report(Some(report));
            }
        }
        self.round(&mut answers);
        self.waiters.stop();
    }

    /// Ends the thread after this round.
    pub(super) const fn stop(&mut self) {
        self.is_stopping = true;
    }

    fn report(&mut self, report: Option<Report>) {
        if let Some((number, finished)) = report {
            self.rounds.finished(number, finished, self.clock.now());
        }
    }

    /// Decides, writes, then acts. Whether everything is written: it tries until it is, or until
    /// it is stopped.
    fn round(&mut self, answers: &mut Vec<Answer>) -> bool {
        let orders = match self.is_stopping {
            true => Vec::new(),
            false => self.rounds.decide(self.clock.now()),
        };
        let mut changes = self.rounds.take_changes();
        changes.append(&mut self.beside);
        while !changes.is_empty() {
            match self.store.write(&changes) {
                Ok(()) => break,
                Err(error) if self.is_unwanted.load(Ordering::Acquire) => {
                    tracing::error!(%error, "the last changes are not written");
                    return false;
                }
                Err(error) => {
                    tracing::error!(%error, "cannot write; trying again");
                    self.pause();
                }
            }
        }
        for order in orders {
            self.begin(order);
        }
        for answer in answers.drain(..) {
            answer();
        }
        for news in self.rounds.take_news() {
            self.waiters.tell(&news);
        }
        true
    }

    /// Waits before the store is tried again, no longer than anybody wants the allocator.
    fn pause(&self) {
        let begun = Instant::now();
        while begun.elapsed() < STORE_PAUSE && !self.is_unwanted.load(Ordering::Acquire) {
            std::thread::park_timeout(STORE_PAUSE);
        }
    }

    fn begin(&self, order: Order) {
        let (number, reports) = (order.number, self.reports.clone());
        // Nobody hears it once the desk is gone; the next start finds the resource in the store.
        let done = Done::new(move |finished| drop(reports.send((number, finished))));
        self.starter.begin(order, done);
    }

    /// A ticket in any state.
    pub(super) fn check(&self, id: TicketId) -> Result<Checked, AllocError> {
        match self.rounds.check(id) {
            Some(checked) => Ok(checked),
            None => ended(&*self.store, id),
        }
    }

    /// Closes a ticket in any state.
    pub(super) fn close(&mut self, id: TicketId, now: Timestamp) -> Result<(), AllocError> {
        if self.rounds.close(id, now) {
            return Ok(());
        }
        let mut ticket = ended(&*self.store, id)?.ticket;
        if ticket.state() == TicketState::Failed {
            ticket.close(now);
            self.beside.push(Change::Ticket(ticket));
        }
        Ok(())
    }

    /// Calls with the news of a ticket, now if there are some.
    pub(super) fn watch(&mut self, id: TicketId, watch: WatchId, what: For, callback: Callback) {
        match self.check(id) {
            Ok(checked) if !what.is_met(&checked) => self.waiters.add(id, watch, what, callback),
            checked => callback(checked),
        }
    }
}

/// A ticket that does not live any more.
pub(super) fn ended(store: &dyn TicketStore, id: TicketId) -> Result<Checked, AllocError> {
    let ticket = store.ticket(id)?.ok_or(AllocError::NoSuchTicket(id))?;
    let resource = match ticket.resource() {
        Some(id) => store.resource(id)?,
        None => None,
    };
    Ok(Checked { ticket, resource })
}
