//! What has changed between two reports.

use super::{Kind, Report};
use serde::{Deserialize, Serialize};

/// One row now and before.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Change {
    /// What was run.
    pub kind: Kind,
    /// On how many threads.
    pub threads: usize,
    /// Packages in a second, before and now.
    pub packages_per_second: (f64, f64),
    /// Milliseconds of the processors for a package, before and now.
    pub cpu_ms: (f64, f64),
    /// The 99th percentile of a package's time in milliseconds, before and now.
    pub p99_ms: (f64, f64),
    /// The most memory in MiB, before and now.
    pub peak_mib: (f64, f64),
}

/// The changes of every row that both reports have.
#[must_use]
pub fn changes(before: &Report, now: &Report) -> Vec<Change> {
    let pairs = now.rows.iter().filter_map(|row| {
        let same = |it: &&super::Row| (it.kind, it.threads) == (row.kind, row.threads);
        Some((before.rows.iter().find(same)?, row))
    });
    pairs
        .map(|(then, now)| Change {
            kind: now.kind,
            threads: now.threads,
            packages_per_second: (then.packages_per_second, now.packages_per_second),
            cpu_ms: (then.cpu_ms, now.cpu_ms),
            p99_ms: (then.p99_ms, now.p99_ms),
            peak_mib: (then.peak_mib, now.peak_mib),
        })
        .collect()
}
