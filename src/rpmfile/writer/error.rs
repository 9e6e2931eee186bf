//! Why a source package could not be written.

use super::super::header::BuildError;
use crate::model::{Code, Sha256};
use std::io;
use std::path::PathBuf;

/// Why a source package could not be written. What was written until then is no package.
#[derive(Debug, thiserror::Error)]
pub enum WriteError {
    /// A file that belongs into the package cannot be opened or read.
    #[error("cannot read {path}", path = .path.display())]
    Source {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The package's own file cannot be written.
    #[error("cannot write the source package")]
    Output(#[source] io::Error),
    /// The package's own file holds something already.
    #[error("the file that should take the source package is not empty")]
    NotEmpty,
    /// A file is longer or shorter than it was when it was fetched.
    #[error("{name} has {found} bytes, not {declared}")]
    Size {
        /// The file's name in the package.
        name: String,
        /// Bytes that it should have.
        declared: u64,
        /// Bytes that were read; where it is too long, reading stopped there.
        found: u64,
    },
    /// A file holds other bytes than it did when it was fetched.
    #[error("{name} has the SHA-256 {found}, not {declared}")]
    Digest {
        /// The file's name in the package.
        name: String,
        /// What it should have.
        declared: Sha256,
        /// What it has.
        found: Sha256,
    },
    /// A name that no file of a package may have.
    #[error("{0:?} is no safe file name")]
    Name(String),
    /// Two files of one name.
    #[error("{0} stands twice among the files")]
    Duplicate(String),
    /// Not exactly one spec.
    #[error("a source package has one spec, not {0}")]
    Specs(usize),
    /// The header names a source or patch that is not there.
    #[error("the spec names {0}, which is not among the files")]
    Missing(String),
    /// A file that the header does not name.
    #[error("{0} is neither the spec nor a source or patch of it")]
    Unlisted(String),
    /// The header cannot hold what it should.
    #[error("{package} does not fit an RPM header")]
    Header {
        /// Name, version and release.
        package: String,
        /// What does not fit.
        source: BuildError,
    },
}

impl WriteError {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Source { source, .. } => Code::of_io(source),
            Self::Output(source) => Code::of_io(source),
            Self::Size { .. } | Self::Digest { .. } => Code::ChecksumMismatch,
            Self::Name(_) => Code::UnsafeName,
            Self::Header { .. } => Code::MetadataInvalid,
            Self::NotEmpty
            | Self::Duplicate(_)
            | Self::Specs(_)
            | Self::Missing(_)
            | Self::Unlisted(_) => Code::InternalError,
        }
    }
}
