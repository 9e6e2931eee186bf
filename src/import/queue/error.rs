//! Why a queue could not do what it was asked.

use crate::event::JobId;
use crate::model::Code;
use std::path::PathBuf;

/// A queue that could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum QueueError {
    /// The store itself failed.
    #[error("the queue cannot {action}: {source}")]
    Store {
        /// What was tried, as a verb and its object.
        action: &'static str,
        /// Whether there was no room left.
        is_full: bool,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// A file of the queue cannot be used.
    #[error("cannot open {}: {source}", path.display())]
    Open {
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The store was written by a newer version of the program.
    #[error(
        "{} has schema {found}, this program knows {known}: use a newer distmill",
        path.display()
    )]
    Newer {
        /// The store.
        path: PathBuf,
        /// The schema that it has.
        found: u32,
        /// The newest one that is known.
        known: u32,
    },
    /// What stands in the store does not mean anything.
    #[error("job {job} is damaged in the store: {problem}")]
    Damaged {
        /// The job.
        job: JobId,
        /// What is wrong.
        problem: String,
    },
}

impl QueueError {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Store { is_full: true, .. } => Code::DiskFull,
            Self::Open { source, .. } => Code::of_io(source),
            Self::Store { .. } | Self::Newer { .. } => Code::IoError,
            Self::Damaged { .. } => Code::InternalError,
        }
    }
}
