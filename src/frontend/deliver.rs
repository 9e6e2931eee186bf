//! The thread that hands results in until the frontend took them.
//!
//! One that was refused does not hold up the others. Where the frontend cannot be reached at all,
//! the rest waits too; pauses double up to a minute, and a new result ends one.

use super::client::Frontend;
use super::message::Message;
use super::outbox::Outbox;
use super::result::ImportResult;
use super::trouble::{Say, Trouble};
use crate::sync::{StopToken, hold};
use crossbeam_channel::{Receiver, RecvTimeoutError, Sender};
use std::sync::{Mutex, MutexGuard};
use std::time::{Duration, Instant};

const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What the thread needs.
pub(super) struct Delivery<'a> {
    pub(super) frontend: &'a Frontend,
    pub(super) outbox: &'a Mutex<Outbox>,
    pub(super) stop: &'a StopToken,
    /// How long it goes on after the last import.
    pub(super) farewell: Duration,
    pub(super) messages: Sender<Message>,
    pub(super) say: Say<'a>,
}

impl Delivery<'_> {
    /// Hands in what waits, and more whenever `news` says that there is more. Once `news` is
    /// disconnected it ends when nothing is left, or the time for that is over.
    pub(super) fn run(&self, news: &Receiver<()>) {
        let mut trouble = Trouble::new("a result cannot be handed in", self.say);
        let mut pause = FIRST_PAUSE;
        loop {
            let failed = !self.hand_in(&mut trouble);
            let next = match failed {
                true => news.recv_timeout(pause),
                false => news.recv().map_err(|_| RecvTimeoutError::Disconnected),
            };
            pause = match (failed, next) {
                (_, Err(RecvTimeoutError::Disconnected)) => break,
                (true, Err(RecvTimeoutError::Timeout)) => LONGEST_PAUSE.min(pause * 2),
                (true, Ok(())) => pause,
                (false, _) => FIRST_PAUSE,
            };
        }
        let end = Instant::now() + self.farewell;
        let mut pause = FIRST_PAUSE;
        while !self.hand_in(&mut trouble) && Instant::now() + pause < end && self.stop.sleep(pause)
        {
            pause *= 2;
        }
    }

    /// Tries every result that waits, once. Whether none is left.
    fn hand_in(&self, trouble: &mut Trouble<'_>) -> bool {
        let waiting = self.outbox().waiting();
        let mut all_taken = true;
        for result in waiting {
            if self.stop.is_stopped() {
                return false;
            }
            let build_id = result.build_id;
            match self.frontend.complete(&result) {
                Ok(known) => self.taken(result, known),
                Err(error) => {
                    tracing::debug!(build_id, %error, "result was not taken");
                    trouble.begins(&error);
                    self.outbox().note_failure(build_id);
                    all_taken = false;
                    if error.is_of_the_way() {
                        return false;
                    }
                }
            }
        }
        if all_taken {
            trouble.ends();
        }
        all_taken
    }

    fn taken(&self, result: ImportResult, known: bool) {
        let build_id = result.build_id;
        match known {
            true => tracing::info!(build_id, "result was taken"),
            false => tracing::warn!(
                build_id,
                "result was taken, but the frontend knows no such build"
            ),
        }
        if let Err(error) = self.outbox().remove(build_id) {
            tracing::warn!(build_id, %error, "result will be handed in once more");
        }
        // Nobody listens any more only when the daemon has given up.
        let _ = self.messages.send(Message::Taken(result));
    }

    fn outbox(&self) -> MutexGuard<'_, Outbox> {
        hold(self.outbox)
    }
}
