//! Why a walk ended before the end of the archive.

use crate::model::Code;
use std::io;

/// What is wrong with an archive. Each variant names the archive as the caller called it.
#[derive(Debug, thiserror::Error)]
pub enum ArchiveError {
    /// The file itself cannot be read.
    #[error("{archive}: reading failed")]
    Io {
        /// The archive.
        archive: String,
        /// What the system said.
        source: io::Error,
    },
    /// A file without a byte.
    #[error("{archive}: the file is empty")]
    EmptyFile {
        /// The archive.
        archive: String,
    },
    /// An archive without an entry.
    #[error("{archive}: the archive has no entries")]
    NoEntries {
        /// The archive.
        archive: String,
    },
    /// Compressed data that ends early or does not fit its checksum.
    #[error("{archive}: the compressed data is damaged or ends early")]
    Compression {
        /// The archive.
        archive: String,
        /// What the decoder said.
        source: io::Error,
    },
    /// Headers that contradict the format, each other or the content.
    #[error("{archive}: {problem}")]
    Malformed {
        /// The archive.
        archive: String,
        /// What is wrong, and where.
        problem: String,
    },
    /// An entry that would leave the tree, or is no file, folder or link.
    #[error("{archive}: entry {entry:?} {problem}")]
    Unsafe {
        /// The archive.
        archive: String,
        /// The entry's name, shortened.
        entry: String,
        /// Which rule it breaks.
        problem: &'static str,
    },
    /// Over a limit.
    #[error("{archive}: more than {limit} {what}")]
    TooLarge {
        /// The archive.
        archive: String,
        /// What is counted.
        what: &'static str,
        /// How many are allowed.
        limit: u64,
    },
    /// A feature of the format that is not read.
    #[error("{archive}: {problem}")]
    Unsupported {
        /// The archive.
        archive: String,
        /// Which feature.
        problem: String,
    },
    /// The program was told to stop.
    #[error("{archive}: stopped while reading")]
    Stopped {
        /// The archive.
        archive: String,
    },
}

impl ArchiveError {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Io { source, .. } => Code::of_io(source),
            Self::EmptyFile { .. } | Self::NoEntries { .. } => Code::ArchiveEmpty,
            Self::Compression { .. } | Self::Malformed { .. } => Code::ArchiveCorrupt,
            Self::Unsafe { .. } => Code::ArchiveUnsafe,
            Self::TooLarge { .. } => Code::ArchiveTooLarge,
            Self::Unsupported { .. } => Code::ArchiveUnsupported,
            Self::Stopped { .. } => Code::Stopped,
        }
    }
}

/// Why a walk ended early: the archive's fault, or the visitor's wish.
#[derive(Debug, thiserror::Error)]
pub enum WalkError<E> {
    /// The archive was refused.
    #[error(transparent)]
    Archive(#[from] ArchiveError),
    /// The visitor returned this error.
    #[error(transparent)]
    Visit(E),
}
