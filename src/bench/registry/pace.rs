//! How far away a registry is, and how much goes through at once.

use crate::sync::hold;
use serde::{Deserialize, Serialize};
use std::sync::Mutex;
use std::time::Duration;
use tokio::time::{Instant, sleep, sleep_until};

/// What has to go through at least.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Load {
    /// Packages.
    pub packages: usize,
    /// Requests that the protocol needs for each of them, one after the other.
    pub requests: usize,
    /// Bytes of all files together.
    pub bytes: u64,
}

/// The way to a distant registry.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Distance {
    /// Milliseconds before the first byte of an answer.
    pub latency_ms: f64,
    /// Megabytes a second, of all answers together; none for as many as the machine can.
    pub bandwidth_mb: Option<f64>,
}

impl Distance {
    /// Whether there is any.
    #[must_use]
    pub fn is_some(&self) -> bool {
        self.latency_ms > 0.0 || self.bandwidth_mb.is_some()
    }

    /// The least seconds that a load takes on so many threads, whatever the machine can do: all
    /// bytes go through one line; a thread waits for one answer after the other, and either waits
    /// or receives.
    #[must_use]
    #[expect(clippy::cast_precision_loss, reason = "counts of what one run does")]
    pub fn least_seconds(&self, load: &Load, threads: usize) -> f64 {
        let threads = threads.max(1);
        let waiting = |packages: usize| (packages * load.requests) as f64 * self.latency_ms / 1e3;
        let longest = waiting(load.packages.div_ceil(threads));
        let line = self
            .bandwidth_mb
            .map_or(0.0, |it| load.bytes as f64 / (it * 1e6));
        let shared = (waiting(load.packages) + line) / threads as f64;
        line.max(longest).max(shared)
    }
}

/// The line that all answers share: a bucket of tokens that is never fuller than it is now.
pub(super) struct Line {
    distance: Distance,
    /// When all bytes so far are through.
    free: Mutex<Option<Instant>>,
}

impl Line {
    pub(super) fn new(distance: Distance) -> Self {
        Self {
            distance,
            free: Mutex::new(None),
        }
    }

    /// Waits as long as the way to the registry and back takes.
    pub(super) async fn delay(&self) {
        if self.distance.latency_ms > 0.0 {
            sleep(Duration::from_secs_f64(self.distance.latency_ms / 1e3)).await;
        }
    }

    /// Waits until so many bytes are through.
    #[expect(clippy::cast_precision_loss, reason = "bytes of a piece of a file")]
    pub(super) async fn carry(&self, bytes: usize) {
        let Some(bandwidth) = self.distance.bandwidth_mb else {
            return;
        };
        let takes = Duration::from_secs_f64(bytes as f64 / (bandwidth * 1e6));
        let through = {
            let mut free = hold(&self.free);
            let now = Instant::now();
            let through = free.map_or(now, |it| it.max(now)) + takes;
            *free = Some(through);
            through
        };
        sleep_until(through).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn run<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_time()
            .build();
        runtime.unwrap().block_on(work)
    }

    #[test]
    fn the_line_is_shared_and_what_was_not_used_is_lost() {
        let line = Arc::new(Line::new(Distance {
            latency_ms: 0.0,
            bandwidth_mb: Some(1.0),
        }));
        let took = run(async {
            let began = Instant::now();
            let carry = |line: Arc<Line>| async move { line.carry(10_000).await };
            let both = [carry(Arc::clone(&line)), carry(Arc::clone(&line))];
            futures_util::future::join_all(both).await;
            began.elapsed()
        });
        assert!(took >= Duration::from_millis(20), "{took:?}");
    }

    #[test]
    fn the_least_time_is_that_of_waiting_or_of_the_line_or_of_both() {
        let load = Load {
            packages: 10,
            requests: 2,
            bytes: 3_000_000,
        };
        let least = |latency_ms, bandwidth_mb, threads| {
            let distance = Distance {
                latency_ms,
                bandwidth_mb,
            };
            distance.least_seconds(&load, threads)
        };
        assert_eq!(least(100.0, None, 1), 2.0);
        assert_eq!(least(100.0, None, 4), 0.6, "three rounds of two requests");
        assert_eq!(least(100.0, Some(1.0), 4), 3.0);
        assert_eq!(least(100.0, Some(1.0), 1), 5.0, "one thread does both");
        assert_eq!(
            least(1000.0, Some(1.0), 2),
            11.5,
            "waits 10 s, receives 1.5 s"
        );
        assert_eq!(least(0.0, None, 4), 0.0);
        assert!(!Distance::default().is_some());
    }
}
