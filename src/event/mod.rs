//! Events: the only road from work to display.
//!
//! Work reports what it does through an [`EventSink`]; what is shown of it, and how, is decided
//! in `ui`. Events are lost without harm: results travel as outcomes, not as events.

use serde::Serialize;
use std::fmt;

/// The number of a job within one run, from 1.
pub type JobId = u64;

/// The stages of an import, in their order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    /// A name becomes a file at a registry.
    Resolve,
    /// The file arrives and is hashed.
    Fetch,
    /// The archive is read and described.
    Read,
    /// The spec is written.
    Spec,
    /// The source RPM is written.
    Srpm,
    /// Lookaside cache and repository take it in.
    Commit,
}

impl Stage {
    /// Every stage in its order.
    pub const ALL: [Self; 6] = [
        Self::Resolve,
        Self::Fetch,
        Self::Read,
        Self::Spec,
        Self::Srpm,
        Self::Commit,
    ];

    /// The word that stands for it in output.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Resolve => "resolve",
            Self::Fetch => "fetch",
            Self::Read => "read",
            Self::Spec => "spec",
            Self::Srpm => "srpm",
            Self::Commit => "commit",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

/// Something that happened to a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// A thread took the job up; the text is its source as the user wrote it.
    Started(JobId, String),
    /// The job entered a stage.
    Entered(JobId, Stage),
    /// Bytes of the present stage that are done, and how many there will be, where that is known.
    Bytes(JobId, u64, Option<u64>),
    /// Something that the user should know although the job goes on; names the source.
    Warning(JobId, String),
    /// The job left its thread, for better or worse.
    Ended(JobId),
}

/// Takes events from any thread; must be quick and must not fail.
pub trait EventSink: Send + Sync {
    /// Takes one event.
    fn emit(&self, event: Event);
}

/// Takes events and forgets them.
#[derive(Clone, Copy, Debug, Default)]
pub struct Silent;

impl EventSink for Silent {
    fn emit(&self, _: Event) {}
}
