//! How a worker works.

use crate::import::queue::{ClaimLimits, RetryPolicy, RunId};
use std::num::NonZeroUsize;
use std::time::Duration;

/// The settings of one worker.
#[derive(Clone, Debug)]
pub struct WorkSettings {
    /// Threads that import.
    pub threads: NonZeroUsize,
    /// What may run at once, in this worker and all others.
    pub limits: ClaimLimits,
    /// When a failed job is tried again.
    pub retry: RetryPolicy,
    /// How long the others wait for a sign of life before they take over this worker's jobs.
    pub lease: Duration,
    /// Whether to stay when nothing is left to do.
    pub follow: bool,
    /// The run that it works for: it ends with that run's last job, whoever had it, whatever else
    /// waits. With none it ends when nothing is left that it could begin.
    pub run: Option<RunId>,
}
