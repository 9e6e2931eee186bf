//! Why a source package was refused.

use super::super::cpio::CpioError;
use super::super::header::HeaderError;
use crate::model::Code;
use std::io;
use std::path::PathBuf;

/// Why a source package was refused, or could not be read.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The file cannot be opened.
    #[error("cannot open {path}", path = .path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// The file cannot be read.
    #[error("cannot read the package")]
    Io(#[source] io::Error),
    /// Not an RPM file, or of a generation that nobody reads any more.
    #[error("the file is no RPM package")]
    NotAPackage,
    /// A binary package.
    #[error("the file is a binary package")]
    Binary,
    /// One of the two headers is broken.
    #[error("the {which} header is broken")]
    Header {
        /// `signature` or `main`.
        which: &'static str,
        /// What is wrong with it.
        source: HeaderError,
    },
    /// The main header lacks something that every package has.
    #[error("the header has no {0}")]
    Incomplete(&'static str),
    /// The package holds no digest of all its bytes.
    #[error("the package has no digest of header and payload")]
    NoDigest,
    /// A digest of the package differs from what it declares.
    #[error("the {0} is wrong")]
    Digest(&'static str),
    /// A file's digest differs from what the header declares.
    #[error("the digest of {0} is wrong")]
    FileDigest(String),
    /// The lists of the files' attributes do not fit each other.
    #[error("the header's list of files is broken: {0}")]
    FileList(&'static str),
    /// Not exactly one spec.
    #[error("a source package has one spec, not {0}")]
    Specs(usize),
    /// A name that would leave the folder, or is none.
    #[error("{0:?} is no safe file name")]
    Name(String),
    /// Two files of one name.
    #[error("{0:?} stands twice in the package")]
    Duplicate(String),
    /// A link, a device or the like.
    #[error("{0:?} is no regular file")]
    NotRegular(String),
    /// A file in the payload that the header does not list, or lists differently.
    #[error("the payload holds {0:?}, which the header does not list as such")]
    Unlisted(String),
    /// A file that the header lists is not in the payload.
    #[error("{0:?} is missing in the payload")]
    Missing(String),
    /// The payload is longer or shorter than declared.
    #[error("the payload is not as long as declared")]
    PayloadSize,
    /// Bytes behind the end of the archive.
    #[error("the payload goes on behind its end")]
    Trailing,
    /// The archive within the payload is broken.
    #[error("the payload is broken")]
    Archive(#[source] CpioError),
    /// The payload cannot be decompressed.
    #[error("the payload cannot be decompressed")]
    Decompress(#[source] io::Error),
    /// More of something than the limits allow.
    #[error("the package has {found} {what}; the limit is {limit}")]
    TooLarge {
        /// What there is too much of.
        what: &'static str,
        /// How much there is, or how much had been seen when reading stopped.
        found: u64,
        /// How much is allowed.
        limit: u64,
    },
    /// A form of payload or digest that cannot be read.
    #[error("the package's {what} {value:?} cannot be read")]
    Unsupported {
        /// What it is.
        what: &'static str,
        /// Its value.
        value: String,
    },
}

impl ReadError {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Open { .. } => Code::FileNotReadable,
            Self::Io(source)
            | Self::Header {
                source: HeaderError::Io(source),
                ..
            } => Code::of_io(source),
            Self::Binary => Code::NotASourcePackage,
            Self::Digest(_) | Self::FileDigest(_) => Code::ChecksumMismatch,
            Self::Name(_) | Self::Duplicate(_) | Self::NotRegular(_) | Self::Unlisted(_) => {
                Code::ArchiveUnsafe
            }
            Self::TooLarge { .. }
            | Self::Header {
                source: HeaderError::TooLarge { .. },
                ..
            } => Code::ArchiveTooLarge,
            Self::Decompress(source) if source.kind() == io::ErrorKind::OutOfMemory => {
                Code::ArchiveTooLarge
            }
            Self::Unsupported { .. } => Code::ArchiveUnsupported,
            _ => Code::SrpmInvalid,
        }
    }

    /// Names the header that a failure comes from.
    pub(super) fn in_main(source: HeaderError) -> Self {
        let which = "main";
        Self::Header { which, source }
    }

    /// Names the header that a failure comes from.
    pub(super) fn in_signature(source: HeaderError) -> Self {
        let which = "signature";
        Self::Header { which, source }
    }
}
