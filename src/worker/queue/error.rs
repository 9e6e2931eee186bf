//! Why a worker could not go on.

use crate::import::queue::QueueError;
use crate::model::Code;
use std::io;
use std::path::PathBuf;

/// A worker that could not go on. Nothing is lost by it: its jobs go back into the queue.
#[derive(Debug, thiserror::Error)]
pub enum WorkError {
    /// The queue failed.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// The file that says that the worker lives could not be kept.
    #[error("cannot keep {}: {source}", path.display())]
    Presence {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Others took the worker for dead and took over its jobs.
    #[error(
        "the lease was lost: this process was held up for longer than {seconds} s, and others \
         took over its jobs; start it again"
    )]
    LeaseLost {
        /// How long a lease lasts.
        seconds: u64,
    },
}

impl WorkError {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Queue(error) => error.code(),
            Self::Presence { source, .. } => Code::of_io(source),
            Self::LeaseLost { .. } => Code::IoError,
        }
    }
}
