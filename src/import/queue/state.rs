//! The legal states of a job in the queue.
//!
//! ```text
//! queued -> leased -> done | failed | retry-at -> queued
//!              \-> queued (given back, lease expired) | poison (took the process down too often)
//! queued, retry-at -> cancelled;  failed, cancelled, poison, retry-at -> queued (by hand)
//! ```

use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// It waits for its turn.
    Queued,
    /// A worker has it.
    Leased,
    /// It failed and waits for the time of its next attempt.
    Retry,
    /// It was imported, or all was there already.
    Done,
    /// It failed and will not be tried again by itself.
    Failed,
    /// Somebody took it out of the queue.
    Cancelled,
    /// The process died too often while it ran.
    Poison,
}

impl State {
    /// Every state; the place is the number that stores keep.
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Leased,
        Self::Retry,
        Self::Done,
        Self::Failed,
        Self::Cancelled,
        Self::Poison,
    ];

    /// The number that stores keep; never changes its meaning.
    #[must_use]
    pub const fn number(self) -> u8 {
        self as u8
    }

    /// The state of a number.
    #[must_use]
    pub fn of_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }

    /// The word that stands for it in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Leased => "leased",
            Self::Retry => "retry-at",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Poison => "poison",
        }
    }

    /// Whether something will still happen to the job by itself.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Leased | Self::Retry)
    }

    /// Whether it can be taken out of the queue.
    #[must_use]
    pub const fn may_cancel(self) -> bool {
        matches!(self, Self::Queued | Self::Retry)
    }

    /// Whether it can be put back into the queue by hand.
    #[must_use]
    pub const fn may_retry(self) -> bool {
        matches!(
            self,
            Self::Retry | Self::Failed | Self::Cancelled | Self::Poison
        )
    }
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|it| it.as_str() == text);
        found.ok_or_else(|| {
            let all = Self::ALL.map(Self::as_str).join(", ");
            format!("{text:?} is no state: there are {all}")
        })
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_words_lead_back() {
        for (number, state) in (0..).zip(State::ALL) {
            assert_eq!(state.number(), number);
            assert_eq!(State::of_number(number), Some(state));
            assert_eq!(state.as_str().parse(), Ok(state));
            assert!(!(state.is_open() && state == State::Done));
        }
        assert_eq!(State::of_number(7), None);
        assert!("waiting".parse::<State>().unwrap_err().contains("retry-at"));
    }
}
