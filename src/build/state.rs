//! The legal states of a build.
//!
//! ```text
//! queued -> waiting (for its ticket) -> running (on a builder) -> finished | failed
//!    ^---------/----------------------------/ (given back, or its builder was lost)
//! queued, waiting, running -> cancelled | set-aside;   failed, cancelled, set-aside -> queued (by hand)
//! ```

use serde::{Serialize, Serializer};
use std::fmt;
use std::str::FromStr;

/// Where a build stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum State {
    /// It waits for its turn.
    Queued,
    /// It waits for its ticket.
    Waiting,
    /// It runs on a builder.
    Running,
    /// It was built.
    Finished,
    /// It could not be built.
    Failed,
    /// Somebody took it out.
    Cancelled,
    /// It lost too many builders.
    SetAside,
}

impl State {
    /// Every state; the place is the number that stores keep.
    pub const ALL: [Self; 7] = [
        Self::Queued,
        Self::Waiting,
        Self::Running,
        Self::Finished,
        Self::Failed,
        Self::Cancelled,
        Self::SetAside,
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
            Self::Waiting => "waiting",
            Self::Running => "running",
            Self::Finished => "finished",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::SetAside => "set-aside",
        }
    }

    /// Whether something will still happen to it.
    #[must_use]
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Queued | Self::Waiting | Self::Running)
    }

    /// Whether somebody may put it back.
    #[must_use]
    pub const fn may_retry(self) -> bool {
        matches!(self, Self::Failed | Self::Cancelled | Self::SetAside)
    }

    /// Whether it may come into another state.
    #[must_use]
    pub const fn may_become(self, next: Self) -> bool {
        match next {
            Self::Queued => matches!(self, Self::Waiting | Self::Running) || self.may_retry(),
            Self::Waiting => matches!(self, Self::Queued),
            Self::Running => matches!(self, Self::Waiting),
            Self::Finished => matches!(self, Self::Running),
            Self::Failed | Self::Cancelled | Self::SetAside => self.is_open(),
        }
    }
}

/// A change of state that does not exist.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a build that is {from} cannot become {to}")]
pub struct IllegalMove {
    /// Its state.
    pub from: State,
    /// What it was to become.
    pub to: State,
}

impl fmt::Display for State {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl Serialize for State {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl FromStr for State {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let known = Self::ALL.into_iter().find(|it| it.as_str() == text);
        known.ok_or_else(|| {
            let all = Self::ALL.map(Self::as_str).join(", ");
            format!("{text:?} is none of {all}")
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_words_lead_back() {
        for state in State::ALL {
            assert_eq!(State::of_number(state.number()), Some(state));
            assert_eq!(state.as_str().parse(), Ok(state));
        }
        assert_eq!(State::of_number(7), None);
        assert!("done".parse::<State>().unwrap_err().contains("set-aside"));
    }

    #[test]
    fn what_has_ended_ends_once() {
        use State::{Cancelled, Failed, Finished, Queued, Running, SetAside, Waiting};
        for ended in [Finished, Failed, Cancelled, SetAside] {
            for next in [Waiting, Running, Finished, Failed, Cancelled, SetAside] {
                assert!(!ended.may_become(next), "{ended} {next}");
            }
        }
        assert!(!Finished.may_become(Queued) && Failed.may_become(Queued));
        assert!(!Queued.may_become(Running) && !Queued.may_become(Finished));
        assert!(Queued.may_become(Waiting) && Waiting.may_become(Running));
    }
}
