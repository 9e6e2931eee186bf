//! How long and how often a pool is tried.

use serde::{Deserialize, Serialize};
use std::time::Duration;

/// The shortest time between two live checks of a resource, or two lists of a pool, whatever its
/// settings say: 0 would run them without an end.
pub(crate) const SHORTEST_PERIOD: Duration = Duration::from_secs(1);

/// How long each command may run before it is killed and counts as failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TimeLimits {
    /// `cmd_new`: an hour.
    pub start: Duration,
    /// `cmd_delete`: ten minutes.
    pub delete: Duration,
    /// `cmd_livecheck`: five minutes.
    pub livecheck: Duration,
    /// `cmd_release`: half an hour.
    pub release: Duration,
    /// `cmd_list`, and the deletion of what it names and nobody knows: two minutes.
    pub list: Duration,
}

impl Default for TimeLimits {
    fn default() -> Self {
        let minutes = |it: u64| Duration::from_secs(60 * it);
        Self {
            start: minutes(60),
            delete: minutes(10),
            livecheck: minutes(5),
            release: minutes(30),
            list: minutes(2),
        }
    }
}

/// The pauses after failures in a row: each one doubles, up to the longest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct BackOff {
    /// The pause after the first failure; zero: none at all.
    pub first: Duration,
    /// The longest pause.
    pub longest: Duration,
}

impl Default for BackOff {
    fn default() -> Self {
        Self {
            first: Duration::from_secs(5),
            longest: Duration::from_secs(600),
        }
    }
}

impl BackOff {
    /// The pause after so many failures in a row.
    #[must_use]
    pub fn pause(&self, failures: u32) -> Duration {
        match failures {
            0 => Duration::ZERO,
            _ => {
                let factor = 1_u32.checked_shl(failures - 1).unwrap_or(u32::MAX);
                self.first.saturating_mul(factor).min(self.longest)
            }
        }
    }
}

/// When a pool, or one number in it, is left out for a while.
///
/// A pool: after so many failed starts in a row. A number in a pool (of a pool whose resources are
/// fixed hosts, the host): after so many failures in a row of resources with this number (starts,
/// releases, live checks, complaints), while others of the pool started well.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Quarantine {
    /// Failed starts in a row that put the pool aside; 0: never.
    pub pool_failures: u32,
    /// Failures in a row that put a number aside; 0: never.
    pub slot_failures: u32,
    /// For how long.
    pub time: Duration,
}

impl Default for Quarantine {
    fn default() -> Self {
        Self {
            pool_failures: 20,
            slot_failures: 3,
            time: Duration::from_secs(3600),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_the_longest() {
        let pauses: Vec<u64> = [0, 1, 2, 3, 8, 40, u32::MAX]
            .into_iter()
            .map(|it| BackOff::default().pause(it).as_secs())
            .collect();
        assert_eq!(pauses, [0, 5, 10, 20, 600, 600, 600]);
    }
}
