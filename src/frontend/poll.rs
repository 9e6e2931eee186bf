//! The thread that asks the frontend what waits, again and again.

use super::client::Frontend;
use super::message::{Message, Polled};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use std::time::{Duration, Instant};

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
