//! The thread of the dispatcher: what happened in, decisions written down, then done.

use super::desk::Desk;
use super::{Act, Event, Settings, Sight};
use crate::build::results::Results;
use crate::build::runner::Runner;
use crate::build::store::{BuildStore, BuildStoreError};
use crate::build::tickets::{Tell, Tickets};
use crate::model::Code;
use crate::sync::{Bell, StopToken};
use crossbeam_channel::{Sender, unbounded};
use jiff::Timestamp;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::runtime::Handle;

/// How long a stopped dispatcher waits for tickets to be closed that nothing else waits for.
const FAREWELL: Duration = Duration::from_secs(20);

/// Why a dispatcher gave up.
#[derive(Debug, thiserror::Error)]
pub enum DispatchError {
    /// The store failed.
    #[error(transparent)]
    Store(#[from] BuildStoreError),
    /// The builds have ended, and a repository is older than what was built.
    #[error("a repository could not be made, the next run tries again: {0}")]
    Repository(String),
}

impl DispatchError {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Store(error) => error.code(),
            Self::Repository(_) => Code::BuildTrouble,
        }
    }
}

/// Dispatches the builds of a store. One at a time may.
pub struct Dispatcher<'a> {
    /// The builds.
    pub store: &'a dyn BuildStore,
    /// Who gives tickets out.
    pub tickets: &'a dyn Tickets,
    /// Who runs builds.
    pub runner: &'a dyn Runner,
    /// Where results go.
    pub results: &'a Results,
    /// How it works.
    pub settings: &'a Settings,
    /// Runs what takes time.
    pub runtime: &'a Handle,
    /// Drains at the first level; at the second, builds that run go back into the queue.
    pub stop: &'a StopToken,
    /// Shown what happens, in its order.
    pub show: &'a dyn Fn(Sight<'_>),
    /// Whether more builds are to come: then it stays when nothing is left to do. Who takes that
    /// back rings the store's bell.
    pub more: &'a AtomicBool,
}

/// The way of events to the dispatcher's thread. Never blocks.
#[derive(Clone)]
pub(super) struct Post {
    sender: Sender<Event>,
    bell: Arc<Bell>,
}

impl Post {
    pub(super) fn send(&self, event: Event) {
        // A dispatcher that has ended needs no news: the next one finds out by itself.
        let _ = self.sender.send(event);
        self.bell.ring();
    }
}

impl Dispatcher<'_> {
    /// Works until nothing is left to do, or for as long as it follows; ends early with a stop.
    ///
    /// # Errors
    /// When the store fails. What runs is ended before; the next dispatcher goes on from there. Or when
    /// a repository is left that could not be made.
    pub fn run(&self) -> Result<(), DispatchError> {
        let bell = self.store.bell();
        self.stop.ring(bell);
        // One event for each build that has a ticket, and each ticket that is closed.
        let (sender, receiver) = unbounded();
        let post = Post {
            sender,
            bell: Arc::clone(bell),
        };
        let told = post.clone();
        let tell: Tell = Arc::new(move |news| told.send(Event::Ticket(news)));
        let mut desk = Desk::new(self, post, tell);
        desk.recover()?;
        desk.commit()?;
        desk.sweep()?;
        let mut stopped: Option<Instant> = None;
        loop {
            let seen = bell.rings();
            for event in receiver.try_iter() {
                desk.handle(event);
            }
            // Looked at before the builds: what came before it was taken back is seen below.
            let may_end = !self.more.load(Ordering::Acquire) || self.stop.is_draining();
            desk.look()?;
            let now = Timestamp::now();
            desk.advance(now);
            // What goes back into the queue is read from the store when its turn comes.
            desk.commit()?;
            match self.stop.is_draining() {
                true => desk.wind_up(self.stop.is_stopped(), now),
                false => desk.give_turns(now)?,
            }
            desk.commit()?;
            if may_end && desk.is_over() {
                let failure = desk.tidy.failure();
                return failure.map_or(Ok(()), |it| Err(DispatchError::Repository(it.to_owned())));
            }
            if self.stop.is_draining() && desk.has_only_tickets() {
                let since = stopped.get_or_insert_with(Instant::now);
                if since.elapsed() > FAREWELL {
                    return Ok(());
                }
            }
            if receiver.is_empty() {
                bell.wait(seen, desk.longest(Timestamp::now()));
            }
        }
    }
}

impl Desk<'_> {
    /// Writes down what was decided, then does it.
    fn commit(&mut self) -> Result<(), DispatchError> {
        let (moves, changes) = (
            std::mem::take(&mut self.moves),
            std::mem::take(&mut self.changes),
        );
        if !moves.is_empty() || !changes.is_empty() {
            for id in self.with.store.write(&moves, &changes)? {
                // Somebody cancelled it in the moment before.
                self.held.remove(&id);
                self.line.leave(id);
                self.acts
                    .retain(|it| !matches!(it, Act::Take(other) if *other == id));
            }
        }
        for sight in std::mem::take(&mut self.sights) {
            sight.show(self.with.show);
        }
        let (queued, waiting, running) = self.line.counts();
        (self.with.show)(Sight::Counts(queued + self.due.len(), waiting, running));
        let acts = std::mem::take(&mut self.acts);
        self.carry_out(acts);
        Ok(())
    }
}
