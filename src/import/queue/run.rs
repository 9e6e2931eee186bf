//! A run: a batch of jobs that are worked off and reported on together.

use super::State;
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

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

/// How many jobs of a run stand how: by state, and by result where there is one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RunCounts(pub BTreeMap<(State, Option<String>), u64>);

impl RunCounts {
    /// Jobs to which something will still happen.
    #[must_use]
    pub fn open(&self) -> u64 {
        let open = self.0.iter().filter(|((state, _), _)| state.is_open());
        open.map(|(_, jobs)| jobs).sum()
    }

    /// By result, the jobs that ended since, those apart that somebody took out.
    #[must_use]
    pub fn since(&self, before: &Self) -> BTreeMap<&str, u64> {
        let mut out = BTreeMap::new();
        for (key, jobs) in &self.0 {
            let (state, Some(result)) = key else { continue };
            if !state.is_open() && *state != State::Cancelled {
                let old = before.0.get(key).copied().unwrap_or_default();
                *out.entry(&**result).or_default() += jobs.saturating_sub(old);
            }
        }
        out
    }
}
