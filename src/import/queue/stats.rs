//! The queue in numbers.

use serde::Serialize;
use std::collections::BTreeMap;

/// Counts over the whole queue; each costs the same however many jobs there are.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Stats {
    /// Jobs that wait, of those that somebody waits for.
    pub queued: u64,
    /// Jobs that wait and give way.
    pub queued_background: u64,
    /// Jobs that workers have.
    pub leased: u64,
    /// Jobs that wait for the time of their next attempt.
    pub retry: u64,
    /// Jobs that are done: `imported` and `unchanged`.
    pub done: BTreeMap<String, u64>,
    /// Jobs that failed, by code.
    pub failed: BTreeMap<String, u64>,
    /// Jobs that were taken out.
    pub cancelled: u64,
    /// Jobs that were set aside after the process died too often.
    pub poison: u64,
    /// Workers whose lease has not expired.
    pub workers: u64,
    /// Jobs that ended within the last ten minutes.
    pub recent: u64,
    /// Bytes that the store takes; 0 in memory.
    pub size_bytes: u64,
}

impl Stats {
    /// Jobs to which something will still happen.
    #[must_use]
    pub const fn open(&self) -> u64 {
        self.queued + self.queued_background + self.leased + self.retry
    }
}
