//! One token that tells all threads to stop, with ordered reasons.
//!
//! The first signal drains (running jobs finish, no new ones start), the second stops between
//! two stages or two reads, the third exits. Whoever waits does so through the token, so that a
//! stop ends the wait.

use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How urgently to stop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum StopLevel {
    /// Go on.
    Run,
    /// Finish what runs, start nothing new.
    Drain,
    /// Give up what runs at the next safe point.
    Stop,
}

/// A handle on the one stop level of a run. Clones share it.
#[derive(Clone, Debug)]
pub struct StopToken {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    level: Mutex<StopLevel>,
    changed: Condvar,
}

impl Default for StopToken {
    fn default() -> Self {
        Self {
            shared: Arc::new(Shared {
                level: Mutex::new(StopLevel::Run),
                changed: Condvar::new(),
            }),
        }
    }
}

impl StopToken {
    /// The level now.
    #[must_use]
    pub fn level(&self) -> StopLevel {
        *self
            .shared
            .level
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether running work has to be given up.
    #[must_use]
    pub fn is_stopped(&self) -> bool {
        self.level() >= StopLevel::Stop
    }

    /// Whether no new work may start.
    #[must_use]
    pub fn is_draining(&self) -> bool {
        self.level() >= StopLevel::Drain
    }

    /// Raises the level to at least `level`; a lower one changes nothing.
    pub fn raise(&self, level: StopLevel) {
        let mut now = self
            .shared
            .level
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *now = (*now).max(level);
        drop(now);
        self.shared.changed.notify_all();
    }

    /// Waits for `duration`, or until running work has to be given up. Returns whether the whole
    /// time passed.
    #[must_use]
    pub fn sleep(&self, duration: Duration) -> bool {
        let end = Instant::now() + duration;
        let mut level = self
            .shared
            .level
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        while *level < StopLevel::Stop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return true;
            }
            level = self
                .shared
                .changed
                .wait_timeout(level, left)
                .unwrap_or_else(PoisonError::into_inner)
                .0;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_only_rise() {
        let token = StopToken::default();
        token.raise(StopLevel::Stop);
        token.clone().raise(StopLevel::Drain);
        assert_eq!(token.level(), StopLevel::Stop);
        assert!(token.is_draining() && token.is_stopped());
    }

    #[test]
    fn a_stop_ends_a_sleep() {
        let token = StopToken::default();
        let sleeper = std::thread::spawn({
            let token = token.clone();
            move || token.sleep(Duration::from_secs(3600))
        });
        token.raise(StopLevel::Drain);
        token.raise(StopLevel::Stop);
        assert!(!sleeper.join().unwrap());
        assert!(StopToken::default().sleep(Duration::ZERO));
    }
}
