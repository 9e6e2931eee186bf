//! One host's budget, as a pure state: who may ask it now, and who has to wait for what.
//!
//! The rate is a token bucket in its clockwork form: each request moves the time on at which the
//! bucket is full again by one interval, and may go while that is no further ahead than a burst.
//! The time comes in as an argument.

use crate::config::Bounds;
use std::time::{Duration, Instant};

/// Requests that were not made for so long may be made at once.
const BURST: Duration = Duration::from_millis(200);

/// The longest time that a host keeps itself closed, whatever it asked for.
const LONGEST_CLOSED: Duration = Duration::from_secs(3600);

/// What all threads together take of a host.
#[derive(Debug)]
pub(super) struct HostState {
    bounds: Bounds,
    /// When the bucket is full again.
    full: Instant,
    /// Requests under way.
    open: u32,
    /// The host wants to be left alone until then.
    closed_until: Option<Instant>,
}

/// What a request may do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is counted, and may go.
    Go,
    /// Ask again then.
    At(Instant),
    /// The host wants to be left alone until then.
    Closed(Instant),
    /// Ask again once another one has ended.
    Full,
}

impl HostState {
    pub(super) const fn new(bounds: Bounds, now: Instant) -> Self {
        Self {
            bounds,
            full: now,
            open: 0,
            closed_until: None,
        }
    }

    /// Asks for one request.
    pub(super) fn ask(&mut self, now: Instant) -> Turn {
        if let Some(until) = self.closed_until.filter(|it| *it > now) {
            return Turn::Closed(until);
        }
        self.closed_until = None;
        if self.open >= self.bounds.connections {
            return Turn::Full;
        }
        if let Some(at) = self.full.checked_sub(BURST).filter(|it| *it > now) {
            return Turn::At(at);
        }
        self.full = self.full.max(now) + self.bounds.interval;
        self.open += 1;
        Turn::Go
    }

    /// A request has ended.
    pub(super) const fn leave(&mut self) {
        self.open = self.open.saturating_sub(1);
    }

    /// The host asked for a pause.
    pub(super) fn close(&mut self, now: Instant, pause: Duration) {
        let until = now + pause.min(LONGEST_CLOSED);
        self.closed_until = self.closed_until.max(Some(until));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host(interval_ms: u64, connections: u32) -> (HostState, impl Fn(u64) -> Instant) {
        let begin = Instant::now();
        let bounds = Bounds {
            interval: Duration::from_millis(interval_ms),
            connections,
        };
        let at = move |ms| begin + Duration::from_millis(ms);
        (HostState::new(bounds, begin), at)
    }

    #[test]
    fn the_rate_holds_over_any_second() {
        let (mut host, at) = host(100, u32::MAX);
        let mut went: Vec<u64> = Vec::new();
        for ms in 0..10_000 {
            // Twenty threads that want as much as they can get.
            while went.len() < 1000 && host.ask(at(ms)) == Turn::Go {
                went.push(ms);
            }
        }
        assert_eq!(went[..4], [0, 0, 0, 100], "a burst, then one by one");
        for (n, ms) in went.iter().enumerate() {
            let within = went[n..].iter().filter(|it| **it < ms + 1000).count();
            assert!(within <= 12, "{within} in the second from {ms}");
        }
        assert_eq!(went.len(), 102);
    }

    #[test]
    fn who_waits_is_told_when_to_ask_again() {
        let (mut host, at) = host(1000, u32::MAX);
        assert_eq!(host.ask(at(0)), Turn::Go);
        assert_eq!(host.ask(at(1)), Turn::At(at(800)));
        assert_eq!(host.ask(at(799)), Turn::At(at(800)));
        assert_eq!(host.ask(at(800)), Turn::Go);
        // Nothing is saved up over a long silence but the burst.
        assert_eq!(host.ask(at(60_000)), Turn::Go);
        assert_eq!(host.ask(at(60_000)), Turn::At(at(60_800)));
    }

    #[test]
    fn connections_are_counted() {
        let (mut host, at) = host(0, 2);
        let asked: Vec<Turn> = (0..3).map(|_| host.ask(at(0))).collect();
        assert_eq!(asked, [Turn::Go, Turn::Go, Turn::Full]);
        host.leave();
        assert_eq!(host.ask(at(0)), Turn::Go);
        assert_eq!(host.ask(at(0)), Turn::Full);
    }

    #[test]
    fn a_closed_host_is_left_alone_by_all() {
        let (mut host, at) = host(10, 9);
        host.close(at(0), Duration::from_secs(5));
        host.close(at(0), Duration::from_secs(1));
        assert_eq!(host.ask(at(1)), Turn::Closed(at(5000)));
        assert_eq!(host.ask(at(4999)), Turn::Closed(at(5000)));
        assert_eq!(host.ask(at(5000)), Turn::Go);
        host.close(at(6000), Duration::MAX);
        assert_eq!(host.ask(at(6001)), Turn::Closed(at(6000 + 3_600_000)));
    }
}
