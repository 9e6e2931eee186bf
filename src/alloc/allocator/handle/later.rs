//! The same questions for who cannot wait in a thread: a server with thousands of clients.

use super::{Allocator, Answer, Desk};
use crate::alloc::error::AllocError;
use crate::alloc::round::Checked;
use crate::alloc::ticket::{Request, TicketId};
use jiff::Timestamp;

impl Allocator {
    /// Takes a ticket; `done` is called with its number when that is durable. It runs in the
    /// allocator's thread: it has to be quick and must not ask the allocator. It is dropped
    /// uncalled when the allocator stops first.
    ///
    /// # Errors
    /// When the allocator was stopped.
    pub fn begin_take(
        &self,
        request: Request,
        done: impl FnOnce(TicketId) + Send + 'static,
    ) -> Result<(), AllocError> {
        self.ask_later(move |desk, now| desk.rounds.take(request, now), done)
    }

    /// Looks a ticket up; see [`begin_take`](Self::begin_take).
    ///
    /// # Errors
    /// When the allocator was stopped.
    pub fn begin_check(
        &self,
        id: TicketId,
        done: impl FnOnce(Result<Checked, AllocError>) + Send + 'static,
    ) -> Result<(), AllocError> {
        self.ask_later(move |desk, _| desk.check(id), done)
    }

    /// Closes a ticket; see [`begin_take`](Self::begin_take).
    ///
    /// # Errors
    /// When the allocator was stopped.
    pub fn begin_close(
        &self,
        id: TicketId,
        done: impl FnOnce(Result<(), AllocError>) + Send + 'static,
    ) -> Result<(), AllocError> {
        self.ask_later(move |desk, now| desk.close(id, now), done)
    }

    fn ask_later<T: Send + 'static>(
        &self,
        act: impl FnOnce(&mut Desk, Timestamp) -> T + Send + 'static,
        done: impl FnOnce(T) + Send + 'static,
    ) -> Result<(), AllocError> {
        let call = move |desk: &mut Desk, now| -> Answer {
            let answer = act(desk, now);
            Box::new(move || done(answer))
        };
        let sent = self.0.calls.send(Box::new(call));
        sent.map_err(|_| AllocError::Stopped)
    }
}
