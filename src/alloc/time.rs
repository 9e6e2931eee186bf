//! Sums of times that never fail: what lies beyond the calendar is its end.

use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// So long after a time.
pub(crate) fn after(time: Timestamp, passed: Duration) -> Timestamp {
    let passed = SignedDuration::try_from(passed).unwrap_or(SignedDuration::MAX);
    time.checked_add(passed).unwrap_or(Timestamp::MAX)
}

/// How long from one time to a later one; zero when it is not later.
pub(crate) fn between(from: Timestamp, to: Timestamp) -> Duration {
    Duration::try_from(to.duration_since(from)).unwrap_or_default()
}

/// A length in microseconds.
pub(super) fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}
