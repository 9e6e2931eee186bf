//! How much is done at once, how long it may take, and where what must survive is kept.

use std::path::PathBuf;
use std::time::Duration;

/// How many imports run at once.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// In all.
    pub total: usize,
    /// Of one sandbox.
    pub per_sandbox: usize,
    /// Of one owner.
    pub per_owner: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            total: 10,
            per_sandbox: 3,
            per_owner: 5,
        }
    }
}

/// The settings of the daemon.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// The pause between two listings.
    pub sleep_time: Duration,
    /// How many imports run at once.
    pub limits: Limits,
    /// The longest time for one import, its download included.
    pub import_timeout: Duration,
    /// Where each import's log goes, as `BUILD_ID.log`.
    pub task_logs: PathBuf,
    /// How long results are still handed in after the last import of a run that stops.
    pub farewell: Duration,
}

impl Settings {
    /// How long a build may stay listed after its result was taken before the result is handed in
    /// once more.
    #[must_use]
    pub fn resend_after(&self) -> Duration {
        self.sleep_time.saturating_mul(10)
    }
}
