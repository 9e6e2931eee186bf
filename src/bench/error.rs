//! Why nothing could be measured.

use super::Work;
use crate::import::root::RootError;
use crate::model::Code;
use std::io;
use std::path::PathBuf;

/// A measurement that cannot be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A folder has nothing of the kind that was asked for.
    #[error("{} holds nothing for --work {work}; name a folder that does, or use --synthetic", path.display())]
    Empty {
        /// The folder.
        path: PathBuf,
        /// What was looked for.
        work: Work,
    },
    /// A file's name does not tell name and version, or is no text.
    #[error("{} is not named NAME-VERSION as its registry would; rename it or take it out", path.display())]
    Name {
        /// The file.
        path: PathBuf,
    },
    /// A file or folder failed.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was to be done with it.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder aside could not be made.
    #[error(transparent)]
    Aside(#[from] RootError),
    /// A made-up package could not be made.
    #[error("cannot make {package}: {problem}")]
    Make {
        /// The package.
        package: String,
        /// Why.
        problem: String,
    },
    /// The registry on loopback does not start.
    #[error("cannot serve on loopback: {0}")]
    Serve(#[source] io::Error),
    /// A signal came.
    #[error("stopped")]
    Stopped,
    /// A file is not what the least work can be done with.
    #[error("the floor cannot read {}: {problem}", path.display())]
    Floor {
        /// The file.
        path: PathBuf,
        /// Why.
        problem: &'static str,
    },
}

impl Error {
    /// Wraps the failure of a file.
    pub(super) fn io(
        action: &'static str,
        path: impl Into<PathBuf>,
    ) -> impl FnOnce(io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io {
            action,
            path,
            source,
        }
    }

    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Empty { .. } | Self::Name { .. } => Code::BadSource,
            Self::Io { source, .. } | Self::Serve(source) => Code::of_io(source),
            Self::Aside(_) => Code::IoError,
            Self::Make { .. } => Code::InternalError,
            Self::Stopped => Code::Stopped,
            Self::Floor { .. } => Code::SrpmInvalid,
        }
    }
}
