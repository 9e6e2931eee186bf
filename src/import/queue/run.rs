//! A run: a batch of jobs that are worked off and reported on together.

use jiff::Timestamp;
use serde::Serialize;

/// The number of a run in its queue.
pub type RunId = u64;

/// One run. A source is in it once, however often it is added, and whatever came of it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Run {
    /// Its number.
    pub id: RunId,
    /// Its name, which no other run has.
    pub name: String,
    /// What was asked for, as people read it.
    pub about: String,
    /// When it was first begun.
    pub begun: Timestamp,
}
