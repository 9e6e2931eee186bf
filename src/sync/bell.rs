//! A bell: who waits for news is woken, and nobody asks again and again.
//!
//! Rings are counted, so that none is missed between a look and the wait after it.

use super::{hold, woken_within};
use std::sync::{Condvar, Mutex};
use std::time::{Duration, Instant};

/// Wakes everybody who waits. Shared by reference.
#[derive(Debug, Default)]
pub struct Bell {
    rings: Mutex<u64>,
    rung: Condvar,
}

impl Bell {
    /// How often it has rung. Look before the news, then [`wait`](Self::wait) with it.
    #[must_use]
    pub fn rings(&self) -> u64 {
        *hold(&self.rings)
    }

    /// Wakes everybody.
    pub fn ring(&self) {
        *hold(&self.rings) += 1;
        self.rung.notify_all();
    }

    /// Waits until it has rung more often than `seen`, or for `longest`. Whether it has.
    pub fn wait(&self, seen: u64, longest: Duration) -> bool {
        let end = Instant::now().checked_add(longest);
        let mut rings = hold(&self.rings);
        while *rings == seen {
            let left = end.map_or(longest, |it| it.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                return false;
            }
            rings = woken_within(&self.rung, rings, left);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    #[test]
    fn a_ring_ends_the_wait_and_none_is_missed() {
        let bell = Arc::new(Bell::default());
        let seen = bell.rings();
        bell.ring();
        assert!(bell.wait(seen, Duration::from_secs(3600)));
        let seen = bell.rings();
        let waiter = std::thread::spawn({
            let bell = Arc::clone(&bell);
            move || bell.wait(seen, Duration::from_secs(3600))
        });
        bell.ring();
        assert!(waiter.join().unwrap());
        assert!(!bell.wait(bell.rings(), Duration::ZERO));
    }
}
