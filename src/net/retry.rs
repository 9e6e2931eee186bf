//! How long to pause before the next attempt, and when to give up.
//!
//! Pauses double from attempt to attempt, with jitter, so that many threads that failed together
//! do not come back together. A pause that the server asks for is kept, unless it is longer than
//! the longest one allowed.

use super::Error;
use crate::config::NetSettings;
use std::hash::{BuildHasher, RandomState};
use std::time::{Duration, Instant, SystemTime};

/// The pauses between the attempts of one request.
pub(super) struct Pauses {
    left: u32,
    next: Duration,
    longest: Duration,
}

impl Pauses {
    pub(super) const fn new(settings: &NetSettings) -> Self {
        Self {
            left: settings.retries,
            next: settings.backoff,
            longest: settings.max_backoff,
        }
    }

    /// The pause after `error`; none if there is to be no further attempt.
    pub(super) fn after(&mut self, error: &Error) -> Option<Duration> {
        let asked = error.retry_after().unwrap_or_default();
        if !error.may_pass() || asked > self.longest {
            return None;
        }
        self.left = self.left.checked_sub(1)?;
        let pause = self.next.min(self.longest);
        self.next = pause.saturating_mul(2);
        Some(jittered(pause).max(asked))
    }
}

/// Between a half and the whole of a pause, at random.
fn jittered(pause: Duration) -> Duration {
    // The standard library seeds every RandomState anew: randomness enough to spread attempts.
    let share = RandomState::new().hash_one(()) % 1024;
    pause.mul_f64(0.5 + share as f64 / 2048.0)
}

/// The end of the time that a request may take, all attempts and pauses together.
#[derive(Clone, Copy)]
pub(super) struct Deadline(Option<Instant>);

impl Deadline {
    /// Never ends if `duration` is longer than the clock can count.
    pub(super) fn after(duration: Duration) -> Self {
        Self(Instant::now().checked_add(duration))
    }

    /// The same, so much later.
    pub(super) fn later(self, by: Duration) -> Self {
        Self(self.0.and_then(|end| end.checked_add(by)))
    }

    /// The shorter of `limit` and the time that is left.
    pub(super) fn at_most(self, limit: Duration) -> Duration {
        self.0.map_or(limit, |end| {
            limit.min(end.saturating_duration_since(Instant::now()))
        })
    }

    /// Whether it will have passed once `pause` is over.
    pub(super) fn passes_within(self, pause: Duration) -> bool {
        self.0
            .is_some_and(|end| end.saturating_duration_since(Instant::now()) <= pause)
    }
}

/// What a `Retry-After` header asks for: seconds or an HTTP date (RFC 9110, section 10.2.3).
pub(super) fn parse_retry_after(value: &str, now: SystemTime) -> Option<Duration> {
    let value = value.trim();
    if let Ok(seconds) = value.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let date = httpdate::parse_http_date(value).ok()?;
    Some(date.duration_since(now).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pauses(retries: u32) -> Pauses {
        Pauses::new(&NetSettings {
            retries,
            backoff: Duration::from_millis(100),
            max_backoff: Duration::from_millis(300),
            ..NetSettings::default()
        })
    }

    fn status(status: u16, retry_after: Option<Duration>) -> Error {
        Error::Status {
            url: "http://h/".to_owned(),
            status,
            retry_after,
        }
    }

    #[test]
    fn pauses_double_up_to_the_longest_and_end() {
        let mut pauses = pauses(4);
        for whole in [100, 200, 300, 300] {
            let pause = pauses.after(&status(500, None)).unwrap().as_millis();
            assert!((whole / 2..=whole).contains(&pause), "{pause} of {whole}");
        }
        assert_eq!(pauses.after(&status(500, None)), None);
    }

    #[test]
    fn jitter_differs() {
        let pause = Duration::from_secs(1);
        let all: std::collections::BTreeSet<_> = (0..50).map(|_| jittered(pause)).collect();
        assert!(all.len() > 5, "{all:?}");
    }

    #[test]
    fn the_server_s_wish_is_kept_within_bounds() {
        let wish = |ms| status(503, Some(Duration::from_millis(ms)));
        assert_eq!(
            pauses(1).after(&wish(250)),
            Some(Duration::from_millis(250))
        );
        assert!(pauses(1).after(&wish(1)).unwrap() >= Duration::from_millis(50));
        assert_eq!(pauses(1).after(&wish(301)), None);
    }

    #[test]
    fn what_cannot_pass_is_not_tried_again() {
        for code in [400, 401, 403, 405] {
            assert_eq!(pauses(9).after(&status(code, None)), None, "{code}");
        }
        assert_eq!(pauses(9).after(&Error::Stopped), None);
        assert_eq!(pauses(0).after(&status(500, None)), None);
    }

    #[test]
    fn retry_after_is_seconds_or_a_date() {
        let now = httpdate::parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT").unwrap();
        for (value, seconds) in [
            ("0", Some(0)),
            (" 120 ", Some(120)),
            ("Sun, 06 Nov 1994 08:50:37 GMT", Some(60)),
            ("Sun, 06 Nov 1994 08:00:00 GMT", Some(0)),
            ("-1", None),
            ("1.5", None),
            ("soon", None),
            ("99999999999999999999999", None),
        ] {
            let parsed = parse_retry_after(value, now);
            assert_eq!(parsed, seconds.map(Duration::from_secs), "{value:?}");
        }
    }

    #[test]
    fn a_deadline_counts_the_pause() {
        let deadline = Deadline::after(Duration::from_secs(3600));
        assert!(!deadline.passes_within(Duration::from_secs(3000)));
        assert!(deadline.passes_within(Duration::from_secs(3601)));
        assert!(!Deadline::after(Duration::MAX).passes_within(Duration::from_secs(1)));
        assert!(Deadline::after(Duration::ZERO).passes_within(Duration::ZERO));
    }
}
