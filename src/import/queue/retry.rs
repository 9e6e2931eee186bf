//! When a failed job is tried again.
//!
//! Pauses double from attempt to attempt, with jitter, so that jobs that failed together do not
//! come back together. How long the first one is depends on what failed: a registry that asks for
//! fewer requests, and a disk that is full, need longer than a lost connection. A pause that a server
//! asks for itself is kept, whatever the others are.

use crate::model::{Code, Fault};
use std::time::Duration;

/// No server makes a job wait for longer, whatever it asks for.
const DAY: Duration = Duration::from_secs(86_400);

/// How often, and how soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct RetryPolicy {
    /// At most so many attempts.
    pub attempts: u32,
    /// The pause after the first failure of the network.
    pub first: Duration,
    /// No pause is longer, but for those that servers ask for.
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
    /// `code`; none if there is to be no further one. `asked` is what a server asked for, `share` is
    /// random, from 0 to 1.
    #[must_use]
    pub fn pause(
        &self,
        code: Code,
        attempts: u32,
        asked: Option<Duration>,
        share: f64,
    ) -> Option<Duration> {
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
        let pause = pause.min(self.longest);
        let pause = pause.mul_f64(0.5 + share.clamp(0.0, 1.0) / 2.0);
        Some(pause.max(Self::kept(asked)))
    }

    /// What is kept of a pause that a server asked for.
    #[must_use]
    pub fn kept(asked: Option<Duration>) -> Duration {
        asked.unwrap_or_default().min(DAY)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_by_class_up_to_the_longest() {
        let policy = RetryPolicy::default();
        let pause = |code, attempts| {
            policy
                .pause(code, attempts, None, 1.0)
                .map(|it| it.as_secs())
        };
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
        let longest = patient.pause(Code::IoError, 99, None, 1.0);
        assert_eq!(longest, Some(policy.longest));
    }

    #[test]
    fn what_a_server_asks_for_is_kept_for_a_day_at_most() {
        let pause = |asked| {
            let asked = Some(Duration::from_secs(asked));
            let pause = RetryPolicy::default().pause(Code::RateLimited, 1, asked, 1.0);
            pause.unwrap().as_secs()
        };
        assert_eq!(
            (pause(1), pause(7200), pause(u64::MAX)),
            (120, 7200, 86_400)
        );
    }

    #[test]
    fn jitter_stays_between_a_half_and_the_whole() {
        let policy = RetryPolicy::default();
        let pause = |share| {
            policy
                .pause(Code::HttpError, 1, None, share)
                .unwrap()
                .as_secs()
        };
        assert_eq!((pause(0.0), pause(0.5), pause(1.0)), (15, 22, 30));
    }
}
