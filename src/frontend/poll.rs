//! The thread that asks the frontend what waits, again and again.

use super::client::{Frontend, Listing};
use super::daemon::Message;
use super::error::Error;
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

/// A listing, or why there is none.
#[derive(Debug)]
pub(super) struct Polled {
    /// When it was asked for: what happened later may be missing in it.
    pub(super) asked: Instant,
    pub(super) listing: Result<Listing, Error>,
}

/// Polls until `end` is disconnected. The frontend's own stop token ends a request.
pub(super) fn poll(
    frontend: &Frontend,
    sleep_time: Duration,
    messages: &Sender<Message>,
    end: &Receiver<()>,
) {
    loop {
        let asked = Instant::now();
        let listing = frontend.listing();
        let polled = Polled { asked, listing };
        if messages.send(Message::Polled(polled)).is_err() {
            return;
        }
        match end.recv_timeout(sleep_time.saturating_sub(asked.elapsed())) {
            Err(RecvTimeoutError::Timeout) => {}
            Ok(()) | Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}
