//! Why an archive's own account of its package could not be read.

use crate::model::Code;
use std::io::{self, Read};

/// What is wrong with a package's metadata. Each variant names the file or member it is about.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The archive holds no such file.
    #[error("{file} is not in the archive")]
    Missing {
        /// The file that was looked for.
        file: &'static str,
    },
    /// More bytes than are read into memory.
    #[error("{path} is larger than {limit} bytes")]
    TooLarge {
        /// The file's path in the archive, or what is counted.
        path: String,
        /// The limit in bytes.
        limit: u64,
    },
    /// Text that does not say what it has to say.
    #[error("{path}: {problem}")]
    Invalid {
        /// The file's path in the archive.
        path: String,
        /// What is wrong.
        problem: String,
    },
    /// A version that its ecosystem would not take.
    #[error("{path}: {version:?} is not a version of this ecosystem")]
    Version {
        /// The file's path in the archive.
        path: String,
        /// The version, shortened.
        version: String,
    },
    /// A gem that was built for one platform.
    #[error("the gem is for the platform {platform:?}")]
    Platform {
        /// The platform, shortened.
        platform: String,
    },
    /// A wheel that holds no source for any Python 3.
    #[error("the wheel {file_name} is for one platform, or not for Python 3")]
    PlatformWheel {
        /// The file's name, shortened.
        file_name: String,
    },
    /// A member that differs from what the archive's own checksums say.
    #[error("{member} does not fit its {algorithm} checksum in the gem")]
    Checksum {
        /// The member of the gem.
        member: String,
        /// Which checksum.
        algorithm: &'static str,
    },
    /// The content could not be read.
    #[error("{path}: reading failed")]
    Io {
        /// The file's path in the archive.
        path: String,
        /// What the reader said.
        source: io::Error,
    },
}

impl ReadError {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Missing { .. } => Code::MetadataMissing,
            Self::TooLarge { .. } => Code::ArchiveTooLarge,
            Self::Invalid { .. } => Code::MetadataInvalid,
            Self::Version { .. } => Code::VersionInvalid,
            Self::Platform { .. } => Code::NoRubyPlatform,
            Self::PlatformWheel { .. } => Code::PlatformWheel,
            Self::Checksum { .. } => Code::ChecksumMismatch,
            Self::Io { source, .. } if source.raw_os_error().is_some() => Code::of_io(source),
            Self::Io { .. } => Code::ArchiveCorrupt,
        }
    }

    pub(super) fn invalid(path: &str, problem: impl Into<String>) -> Self {
        Self::Invalid {
            path: path.to_owned(),
            problem: problem.into(),
        }
    }
}

/// A text for an error, of a length that fits a log.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(100).collect()
}

/// Reads a whole file of the archive, `limit` bytes at most.
pub(super) fn read_bounded(
    path: &str,
    content: &mut dyn Read,
    limit: u64,
) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    content
        .take(limit.saturating_add(1))
        .read_to_end(&mut bytes)
        .map_err(|source| ReadError::Io {
            path: path.to_owned(),
            source,
        })?;
    if bytes.len() as u64 > limit {
        return Err(ReadError::TooLarge {
            path: path.to_owned(),
            limit,
        });
    }
    Ok(bytes)
}
