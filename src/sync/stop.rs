//! One token that tells all threads to stop, with ordered reasons.
//!
//! The first signal drains (running jobs finish, no new ones start), the second stops between
//! two stages or two reads, the third exits. Whoever waits does so through the token, so that a
//! stop ends the wait. A handle may also have a time limit: once that is over, it reads as the
//! second signal does, for whoever holds this handle.

use super::{Bell, hold, woken_within};
use std::sync::{Arc, Condvar, Mutex, Weak};
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
    /// When the time of this handle is over.
    end: Option<Instant>,
}

#[derive(Debug)]
struct Shared {
    level: Mutex<StopLevel>,
    changed: Condvar,
    /// Rung when the level rises.
    bells: Mutex<Vec<Weak<Bell>>>,
}

impl Default for StopToken {
    fn default() -> Self {
        Self {
            shared: Arc::new(Shared {
                level: Mutex::new(StopLevel::Run),
                changed: Condvar::new(),
                bells: Mutex::default(),
            }),
            end: None,
        }
    }
}

impl StopToken {
    /// A further handle on the same level, which also reads as [`StopLevel::Stop`] once `limit`
    /// is over.
    #[must_use]
    pub fn with_limit(&self, limit: Duration) -> Self {
        let end = Instant::now().checked_add(limit);
        Self {
            shared: Arc::clone(&self.shared),
            end: [self.end, end].into_iter().flatten().min(),
        }
    }

    /// The level now.
    #[must_use]
    pub fn level(&self) -> StopLevel {
        match self.is_overdue() {
            true => StopLevel::Stop,
            false => *hold(&self.shared.level),
        }
    }

    /// Whether the time of this handle is over.
    #[must_use]
    pub fn is_overdue(&self) -> bool {
        self.end.is_some_and(|end| end <= Instant::now())
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
        let mut now = hold(&self.shared.level);
        *now = (*now).max(level);
        drop(now);
        self.shared.changed.notify_all();
        let bells = hold(&self.shared.bells);
        bells
            .iter()
            .filter_map(Weak::upgrade)
            .for_each(|it| it.ring());
    }

    /// Rings a bell from now on whenever the level is raised, so that who waits for it looks here.
    pub fn ring(&self, bell: &Arc<Bell>) {
        let mut bells = hold(&self.shared.bells);
        bells.push(Arc::downgrade(bell));
    }

    /// Waits for `duration`, or until running work has to be given up. Returns whether the whole
    /// time passed.
    #[must_use]
    pub fn sleep(&self, duration: Duration) -> bool {
        let whole = Instant::now() + duration;
        let end = self.end.map_or(whole, |it| it.min(whole));
        let mut level = hold(&self.shared.level);
        while *level < StopLevel::Stop {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return end == whole;
            }
            level = woken_within(&self.shared.changed, level, left);
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

    #[test]
    fn a_limit_stops_its_own_handle_only() {
        let token = StopToken::default();
        let long = token.with_limit(Duration::MAX);
        let short = long.with_limit(Duration::from_millis(1));
        assert!(!short.sleep(Duration::from_secs(3600)));
        assert!(short.is_overdue() && short.is_stopped());
        assert!(short.with_limit(Duration::MAX).is_stopped());
        assert_eq!(
            (token.level(), long.level()),
            (StopLevel::Run, StopLevel::Run)
        );
        token.raise(StopLevel::Drain);
        assert!(long.is_draining() && !long.is_overdue());
    }
}
