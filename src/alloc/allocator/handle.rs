//! The handle: what threads may ask of the allocator.

mod later;

use super::desk::{Answer, Call, Desk};
use super::waiters::{For, WatchId};
use crate::alloc::error::AllocError;
use crate::alloc::pool::Pools;
use crate::alloc::resource::{Resource, ResourceId};
use crate::alloc::round::{Checked, PoolStatus, Rounds, Victims};
use crate::alloc::starter::Starter;
use crate::alloc::store::TicketStore;
use crate::alloc::ticket::{Request, Ticket, TicketId, TicketState};
use crate::alloc::why::Why;
use crate::sync::hold;
use crossbeam_channel::{RecvTimeoutError, Sender, bounded, unbounded};
use jiff::Timestamp;
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

/// Hands out resources to tickets. Cheap to clone; any thread may use it. The thread behind it
/// ends with [`stop`](Self::stop), or with the last clone.
#[derive(Clone)]
pub struct Allocator(Arc<Inner>);

struct Inner {
    calls: Sender<Call>,
    store: Arc<dyn TicketStore>,
    watches: AtomicU64,
    /// Tells the thread, which may be busy with a store that fails.
    is_unwanted: Arc<AtomicBool>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Allocator {
    /// Begins with what the store holds: what a former run was about to do with resources is
    /// undone as the rules say, and open tickets keep theirs.
    ///
    /// # Errors
    /// When the store cannot be read, or the system has no thread.
    pub fn start(
        pools: Pools,
        store: Arc<dyn TicketStore>,
        starter: Arc<dyn Starter>,
    ) -> Result<Self, AllocError> {
        let now = Timestamp::now();
        let rounds = Rounds::new(pools, store.load()?, now);
        // One call a thread that asks: each waits for its answer. (A bounded channel would keep the
        // calls that come after the end, and with them who waits for their answers.)
        let (calls, call_receiver) = unbounded();
        // One report an order: bounded by the orders that are under way.
        let (reports, report_receiver) = unbounded();
        let is_unwanted = Arc::new(AtomicBool::new(false));
        let ends = Arc::clone(&is_unwanted);
        let desk = Desk::new(rounds, Arc::clone(&store), starter, reports, now, ends);
        let thread = std::thread::Builder::new()
            .name("allocator".to_owned())
            .spawn(move || desk.run(&call_receiver, &report_receiver))
            .map_err(|it| AllocError::Thread(Arc::new(it)))?;
        Ok(Self(Arc::new(Inner {
            calls,
            store,
            watches: AtomicU64::new(0),
            is_unwanted,
            thread: Mutex::new(Some(thread)),
        })))
    }

    /// Takes a ticket.
    ///
    /// # Errors
    /// When the allocator was stopped.
    pub fn take(&self, request: Request) -> Result<TicketId, AllocError> {
        self.ask(move |desk, now| desk.rounds.take(request, now))
    }

    /// Takes many tickets in one round, in this order.
    ///
    /// # Errors
    /// When the allocator was stopped.
    pub fn take_all(&self, requests: Vec<Request>) -> Result<Vec<TicketId>, AllocError> {
        self.ask(move |desk, now| {
            let taken = requests.into_iter().map(|it| desk.rounds.take(it, now));
            taken.collect()
        })
    }

    /// A ticket in any state, and its resource.
    ///
    /// # Errors
    /// When there is no such ticket, the store fails, or the allocator was stopped.
    pub fn check(&self, id: TicketId) -> Result<Checked, AllocError> {
        match self.ask(move |desk, _| desk.rounds.check(id))? {
            Some(checked) => Ok(checked),
            None => super::desk::ended(&*self.0.store, id),
        }
    }

    /// Waits until the ticket has a resource: None when the time is over. One that ended after it
    /// had a resource still answers with it.
    ///
    /// # Errors
    /// When there is no such ticket, it ended without a resource, the store fails, or the
    /// allocator was stopped.
    pub fn wait(
        &self,
        id: TicketId,
        longest: Option<Duration>,
    ) -> Result<Option<Checked>, AllocError> {
        let (sender, receiver) = bounded(1);
        let watch = self.watch(id, move |news| drop(sender.send(news)))?;
        let news = match longest {
            Some(longest) => receiver.recv_timeout(longest),
            None => receiver.recv().map_err(RecvTimeoutError::from),
        };
        match news {
            Ok(news) => news?.or_ended().map(Some),
            Err(RecvTimeoutError::Timeout) => {
                self.unwatch(id, watch)?;
                Ok(None)
            }
            Err(RecvTimeoutError::Disconnected) => Err(AllocError::Stopped),
        }
    }

    /// Calls `callback` once, when the ticket has a resource or ended without one: now, if that is
    /// so already. Needs no thread; the callback runs in the allocator's, has to be quick, and
    /// must not ask the allocator. It gets an error when there is no such ticket or the allocator
    /// is stopped.
    ///
    /// # Errors
    /// When the allocator was stopped.
    pub fn watch(
        &self,
        id: TicketId,
        callback: impl FnOnce(Result<Checked, AllocError>) + Send + 'static,
    ) -> Result<WatchId, AllocError> {
        self.watch_for(id, For::Resource, callback)
    }

    /// Calls `callback` once, when the ticket was closed or failed, as [`watch`](Self::watch)
    /// does.
    ///
    /// # Errors
    /// When the allocator was stopped.
    pub fn watch_end(
        &self,
        id: TicketId,
        callback: impl FnOnce(Result<Checked, AllocError>) + Send + 'static,
    ) -> Result<WatchId, AllocError> {
        self.watch_for(id, For::End, callback)
    }

    fn watch_for(
        &self,
        id: TicketId,
        what: For,
        callback: impl FnOnce(Result<Checked, AllocError>) + Send + 'static,
    ) -> Result<WatchId, AllocError> {
        let watch = WatchId(self.0.watches.fetch_add(1, Ordering::Relaxed));
        self.ask(move |desk, _| desk.watch(id, watch, what, Box::new(callback)))?;
        Ok(watch)
    }

    /// Takes a watch back.
    ///
    /// # Errors
    /// When the allocator was stopped.
    pub fn unwatch(&self, id: TicketId, watch: WatchId) -> Result<(), AllocError> {
        self.ask(move |desk, _| desk.waiters.remove(id, watch))
    }

    /// Closes a ticket; one that is closed stays so.
    ///
    /// # Errors
    /// When there is no such ticket, the store fails, or the allocator was stopped.
    pub fn close(&self, id: TicketId) -> Result<(), AllocError> {
        self.ask(move |desk, now| desk.close(id, now))?
    }

    /// Makes an open ticket fail; its resource is deleted. Whether it was open.
    ///
    /// # Errors
    /// When there is no such ticket, the store fails, or the allocator was stopped.
    pub fn kill_ticket(&self, id: TicketId, reason: &str) -> Result<bool, AllocError> {
        let reason = reason.to_owned();
        self.ask(move |desk, now| {
            let is_open = desk.check(id)?.ticket.state() == TicketState::Open;
            if is_open {
                desk.rounds.kill(id, &reason, now);
            }
            Ok(is_open)
        })?
    }

    /// Says that the ticket's resource is bad: it is deleted once the ticket is closed, and
    /// counts as a failure of its number in its pool.
    ///
    /// # Errors
    /// When the ticket has no resource now, or the allocator was stopped.
    pub fn complain(&self, id: TicketId, reason: &str) -> Result<(), AllocError> {
        let reason = reason.to_owned();
        let found = self.ask(move |desk, now| desk.rounds.complain(id, &reason, now))?;
        found.then_some(()).ok_or(AllocError::NoSuchTicket(id))
    }

    /// What a ticket waits for.
    ///
    /// # Errors
    /// When there is no such ticket, the store fails, or the allocator was stopped.
    pub fn why(&self, id: TicketId) -> Result<Why, AllocError> {
        match self.ask(move |desk, now| desk.rounds.why(id, now))? {
            Some(why) => Ok(why),
            None => {
                let ended = super::desk::ended(&*self.0.store, id)?;
                Ok(Why::of_settled(&ended.ticket, ended.resource.as_ref()))
            }
        }
    }

    /// The resources that live, by number.
    ///
    /// # Errors
    /// When the allocator was stopped.
    pub fn resources(&self) -> Result<Vec<Resource>, AllocError> {
        self.ask(|desk, _| {
            let resources = desk.rounds.resources().into_iter();
            resources.cloned().collect()
        })
    }

    /// The open tickets, by number.
    ///
    /// # Errors
    /// When the allocator was stopped.
    pub fn tickets(&self) -> Result<Vec<Ticket>, AllocError> {
        self.ask(|desk, _| desk.rounds.tickets().cloned().collect())
    }

    /// How the pools do, by name; those that are drained, too.
    ///
    /// # Errors
    /// When the allocator was stopped.
    pub fn pools(&self) -> Result<Vec<PoolStatus>, AllocError> {
        self.ask(|desk, now| desk.rounds.pools(now))
    }

    /// Has resources deleted, each as soon as it has no open ticket. Which of them live.
    ///
    /// # Errors
    /// When the allocator was stopped.
    pub fn delete_resources(&self, which: Victims) -> Result<Vec<ResourceId>, AllocError> {
        self.ask(move |desk, now| desk.rounds.delete_resources(&which, now))
    }

    /// Ends the quarantine and the back-off of a pool. Whether there is such a pool.
    ///
    /// # Errors
    /// When the allocator was stopped.
    pub fn forgive(&self, pool: &str) -> Result<bool, AllocError> {
        let pool = pool.to_owned();
        self.ask(move |desk, _| desk.rounds.forgive(&pool))
    }

    /// Uses these settings from now on. The resources of a pool that is not among them are
    /// deleted, each as soon as it has no open ticket.
    ///
    /// # Errors
    /// When the allocator was stopped.
    pub fn set_pools(&self, pools: Pools) -> Result<(), AllocError> {
        self.ask(move |desk, now| desk.rounds.set_pools(pools, now))
    }

    /// Where tickets and resources are kept, for looking at those that have ended.
    #[must_use]
    pub fn store(&self) -> &Arc<dyn TicketStore> {
        &self.0.store
    }

    /// Ends the thread, after what was asked before. Who watches is told.
    pub fn stop(&self) {
        self.0.stop();
    }

    /// Has it done, and answers when it is durable.
    fn ask<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Desk, Timestamp) -> T + Send + 'static,
    ) -> Result<T, AllocError> {
        let (sender, receiver) = bounded(1);
        let call = move |desk: &mut Desk, now| -> Answer {
            let answer = act(desk, now);
            Box::new(move || drop(sender.send(answer)))
        };
        let sent = self.0.calls.send(Box::new(call));
        sent.map_err(|_| AllocError::Stopped)?;
        receiver.recv().map_err(|_| AllocError::Stopped)
    }
}

impl Inner {
    fn stop(&self) {
        let thread = hold(&self.thread);
        let thread = { thread }.take();
        let Some(thread) = thread else { return };
        let stop = |desk: &mut Desk, _: Timestamp| -> Answer {
            desk.stop();
            Box::new(|| {})
        };
        // It has ended by itself when nobody takes the call.
        let _ = self.calls.send(Box::new(stop));
        self.is_unwanted.store(true, Ordering::Release);
        thread.thread().unpark();
        // A callback may hold the last handle: the thread cannot wait for itself.
        if thread.thread().id() != std::thread::current().id() {
            let _ = thread.join();
        }
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        self.stop();
    }
}

impl fmt::Debug for Allocator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Allocator")
    }
}
