//! Every way an import can end badly, joined from the stages' own errors.

use crate::import::description::LicenseSearch;
use crate::import::outcome::{Failure, Wait};
use crate::import::{archive, distgit, source, spec};
use crate::model::{Code, NameError, Sha256};
use crate::{net, rpmfile};
use std::io;
use std::path::{Path, PathBuf};

/// A failed import.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The name could not be resolved to a file.
    #[error(transparent)]
    Resolve(#[from] source::ResolveError),
    /// The file could not be fetched.
    #[error(transparent)]
    Fetch(#[from] net::Error),
    /// The local file could not be read.
    #[error("cannot read {}: {source}", path.display())]
    Open {
        /// The file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A local file is not the one that was queued.
    #[error("{} was replaced: its SHA-256 is {found}, when it was queued it was {queued}", path.display())]
    Replaced {
        /// The file.
        path: PathBuf,
        /// The digest that it had.
        queued: Sha256,
        /// The digest that it has.
        found: Sha256,
    },
    /// Files that a spec names are not there.
    #[error("missing in {}: {}", folder.display(), names.join(", "))]
    Sources {
        /// Where they should be.
        folder: PathBuf,
        /// All of them.
        names: Vec<String>,
    },
    /// The name of a spec is no file name, or the spec is no text.
    #[error("{} is no spec", _0.display())]
    NoSpec(PathBuf),
    /// A spec cannot be packed as it is.
    #[error("{}: {source}", path.display())]
    Recipe {
        /// The spec.
        path: PathBuf,
        /// Why.
        source: spec::Error,
    },
    /// The file is not the one that the registry lists.
    #[error("{file}: its SHA-256 is {found}, the registry says {expected}")]
    Checksum {
        /// The file's name.
        file: String,
        /// What the registry says.
        expected: Sha256,
        /// What arrived.
        found: Sha256,
    },
    /// The file's name does not tell what kind of archive it is.
    #[error("{0}: not a kind of archive that can be read")]
    Kind(String),
    /// The file's name cannot be kept.
    #[error("file name {0:?} is not safe")]
    FileName(String),
    /// The archive is damaged or hostile.
    #[error(transparent)]
    Archive(#[from] archive::ArchiveError),
    /// The archive does not say what it must.
    #[error(transparent)]
    Read(#[from] source::ReadError),
    /// Nothing tells the package's license.
    #[error("the license of {package} is unknown: it declares {}; {}", listed(&search.declared, "nothing"), looked_at(&search.files))]
    License {
        /// The package, in upstream's spelling.
        package: String,
        /// What was looked at.
        search: LicenseSearch,
    },
    /// The name that the package says it has is unsafe.
    #[error(transparent)]
    Name(#[from] NameError),
    /// No spec can be made of what the package says.
    #[error(transparent)]
    Spec(#[from] spec::Error),
    /// The source package cannot be read.
    #[error(transparent)]
    ReadSrpm(#[from] rpmfile::ReadError),
    /// A file of the source package cannot be kept.
    #[error(transparent)]
    Spool(#[from] distgit::SpoolError),
    /// The source package cannot be written.
    #[error(transparent)]
    WriteSrpm(#[from] rpmfile::WriteError),
    /// The package could not be committed.
    #[error(transparent)]
    Commit(#[from] distgit::Error),
    /// No branch, or not every one, could be moved; the first failure stands for all.
    #[error("branch {branch}: {}", failure.message)]
    Branch {
        /// The first branch that failed.
        branch: String,
        /// Why.
        failure: Failure,
    },
    /// A file under the root could not be written.
    #[error("cannot {action} {}: {source}", path.display())]
    Root {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// The time for one import was over.
    #[error("the import took longer than it may")]
    TimeLimit,
    /// The run was told to stop.
    #[error("the import was stopped before it ended")]
    Stopped,
}

impl Error {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Resolve(error) => error.code(),
            Self::Fetch(error) => error.code(),
            Self::Open { .. } | Self::Sources { .. } | Self::NoSpec(_) => Code::FileNotReadable,
            Self::Replaced { .. } => Code::SourceChanged,
            Self::Recipe { source, .. } => source.code(),
            Self::Checksum { .. } => Code::ChecksumMismatch,
            Self::Kind(_) => Code::ArchiveUnsupported,
            Self::FileName(_) => Code::UnsafeName,
            Self::Archive(error) => error.code(),
            Self::Read(error) => error.code(),
            Self::License { .. } => Code::LicenseUnknown,
            Self::Name(error) => error.code(),
            Self::Spec(error) => error.code(),
            Self::ReadSrpm(error) => error.code(),
            Self::Spool(error) => error.code(),
            Self::WriteSrpm(error) => error.code(),
            Self::Commit(error) => error.code(),
            Self::Branch { failure, .. } => failure.code,
            Self::Root { source, .. } => Code::of_io(source),
            Self::TimeLimit => Code::TimeLimit,
            Self::Stopped => Code::Stopped,
        }
    }

    /// How long a server asked to be left alone, where that is why it failed.
    pub(super) fn wait(&self) -> Option<Wait> {
        let (Self::Fetch(error) | Self::Resolve(source::ResolveError::Net(error))) = self else {
            return None;
        };
        Some(Wait {
            pause: error.retry_after()?,
            is_unasked: matches!(error, net::Error::Closed { .. }),
        })
    }

    pub(super) fn root(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Root {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

/// The texts that a message has room for, quoted, as they may hold anything.
fn listed(texts: &[String], none: &str) -> String {
    const ROOM: usize = 6;
    let mut shown: Vec<String> = texts
        .iter()
        .take(ROOM)
        .map(|it| format!("{it:?}"))
        .collect();
    if texts.len() > ROOM {
        shown.push(format!("{} more", texts.len() - ROOM));
    }
    match shown.is_empty() {
        true => none.to_owned(),
        false => shown.join(", "),
    }
}

fn looked_at(files: &[String]) -> String {
    match files.is_empty() {
        true => "it has no license file".to_owned(),
        false => format!("no license was recognised in {}", listed(files, "")),
    }
}

impl From<&Error> for Failure {
    fn from(error: &Error) -> Self {
        Self {
            code: error.code(),
            message: error.to_string(),
        }
    }
}
