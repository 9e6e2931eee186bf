//! When a failed job is tried again.
//!
//! Pauses double from attempt to attempt, with jitter, so that jobs that failed together do not
//! come back together. How long the first one is depends on what failed: a registry that asks for
//! fewer requests, and a disk that is full, need longer than a lost connection.

use crate::model::{Code, Fault};
use std::time::Duration;

/// How often, and how soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// At most so many attempts.
    pub attempts: u32,
    /// The pause after the first failure of the network.
    pub first: Duration,
    /// No pause is longer.
    pub longest: Duration,
    /// A job is set aside when the process died so often while it ran.
    pub crashes: u32,
}

impl Default for RetryPolicy {
    fn default() -> Self {
        Self {
            attempts: 5,
            first: Duration::from_secs(30),
            longest: Duration::from_secs(3600),
            crashes: 3,
        }
    }
}

impl RetryPolicy {
    /// The pause before the next attempt, after so many attempts the last of which ended with
    /// `code`; none if there is to be no further one. `share` is random, from 0 to 1.
    #[must_use]
    pub fn pause(&self, code: Code, attempts: u32, share: f64) -> Option<Duration> {
        if !code.retry() || attempts >= self.attempts {
            return None;
        }
        let factor = match (code, code.fault()) {
            (Code::RateLimited, _) => 4,
            (_, Fault::Host) => 2,
            (_, _) => 1,
        };
        let doublings = attempts.saturating_sub(1).min(20);
        let pause = self.first.saturating_mul(factor << doublings);
        Some(
            pause
                .min(self.longest)
                .mul_f64(0.5 + share.clamp(0.0, 1.0) / 2.0),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_by_class_up_to_the_longest() {
        let policy = RetryPolicy::default();
        let pause = |code, attempts| policy.pause(code, attempts, 1.0).map(|it| it.as_secs());
        assert_eq!(pause(Code::NetworkTimeout, 1), Some(30));
        assert_eq!(pause(Code::NetworkTimeout, 2), Some(60));
        assert_eq!(pause(Code::RateLimited, 1), Some(120));
        assert_eq!(pause(Code::DiskFull, 3), Some(240));
        assert_eq!(pause(Code::NetworkTimeout, 5), None);
        assert_eq!(pause(Code::NoSdist, 1), None);
        let patient = RetryPolicy {
            attempts: 100,
            ..policy
        };
        let longest = patient.pause(Code::IoError, 99, 1.0);
        assert_eq!(longest, Some(policy.longest));
    }

    #[test]
    fn jitter_stays_between_a_half_and_the_whole() {
        let policy = RetryPolicy::default();
        let pause = |share| policy.pause(Code::HttpError, 1, share).unwrap().as_secs();
        assert_eq!((pause(0.0), pause(0.5), pause(1.0)), (15, 22, 30));
    }
}
