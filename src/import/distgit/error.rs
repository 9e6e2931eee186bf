//! What can go wrong between a package's files and the branches.

use crate::model::Code;
use crate::sync::StopToken;
use std::io;
use std::path::{Path, PathBuf};

/// A failure of a repository, a branch or the lookaside cache.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("cannot {action} {}: {source}", path.display())]
    Io {
        /// What was tried, as a verb.
        action: &'static str,
        /// The file or folder.
        path: PathBuf,
        /// Why it failed.
        source: io::Error,
    },
    /// git could not work with the repository.
    #[error("repository {}: cannot {action}: {}", path.display(), source.message())]
    Git {
        /// What was tried, as a verb.
        action: &'static str,
        /// The repository.
        path: PathBuf,
        /// Why it failed.
        source: git2::Error,
    },
    /// The branch no longer stands where it stood when the commit was made.
    #[error("branch {branch} of {} was moved by somebody else meanwhile", path.display())]
    BranchMoved {
        /// The repository.
        path: PathBuf,
        /// The branch.
        branch: String,
    },
    /// No repository where they should be, although the lookaside cache has files.
    #[error(
        "there is no repository in {}, but files are in {}: nothing was removed; \
         check --root and --git-root",
        git.display(),
        lookaside.display()
    )]
    NoRepositories {
        /// Where they should be.
        git: PathBuf,
        /// The lookaside cache.
        lookaside: PathBuf,
    },
    /// An owner has files in the lookaside cache, and no repository at all.
    #[error(
        "there is no repository in {}, but files are in {}: nothing of them was removed; \
         where all of that owner is gone, say --gone-owners",
        git.display(),
        lookaside.display()
    )]
    NoRepositoriesOfOwner {
        /// Where they should be.
        git: PathBuf,
        /// The owner's folder in the lookaside cache.
        lookaside: PathBuf,
    },
    /// A folder was moved elsewhere, and there is nothing.
    #[error("{} is a link to nothing: nothing of what should be there was removed", _0.display())]
    Dangling(PathBuf),
    /// A new pack is not what was asked for.
    #[error("repository {}: its new pack is not whole and was not used", path.display())]
    Pack {
        /// The repository.
        path: PathBuf,
    },
    /// The run was told to stop, or the time for the import was over.
    #[error("stopped while it {doing} {}", path.display())]
    Stopped {
        /// What it did.
        doing: &'static str,
        /// What it waited for or wrote to.
        path: PathBuf,
    },
    /// A source package's file has a name that is unsafe in a tree.
    #[error("file name {name:?} is not safe")]
    FileName {
        /// The name.
        name: String,
    },
}

impl Error {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Io { source, .. } => Code::of_io(source),
            // libgit2 keeps no error number: the disk tells whether it is full.
            Self::Git { source, path, .. } => match source.class() {
                git2::ErrorClass::Os | git2::ErrorClass::Filesystem => disk_code(path),
                _ => Code::RepositoryInvalid,
            },
            Self::NoRepositories { .. }
            | Self::NoRepositoriesOfOwner { .. }
            | Self::Dangling(_)
            | Self::Pack { .. } => Code::RepositoryInvalid,
            Self::BranchMoved { .. } => Code::BranchMoved,
            Self::Stopped { .. } => Code::Stopped,
            Self::FileName { .. } => Code::ArchiveUnsafe,
        }
    }

    /// Fails where the stop token was raised.
    pub(super) fn unless_stopped(
        stop: &StopToken,
        doing: &'static str,
        path: &Path,
    ) -> Result<(), Self> {
        match stop.is_stopped() {
            true => Err(Self::stopped(doing, path)),
            false => Ok(()),
        }
    }

    pub(super) fn stopped(doing: &'static str, path: &Path) -> Self {
        let path = path.to_owned();
        Self::Stopped { doing, path }
    }

    pub(super) fn io(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> Self {
        move |source| Self::Io {
            action,
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn git(action: &'static str, path: &Path) -> impl FnOnce(git2::Error) -> Self {
        move |source| Self::Git {
            action,
            path: path.to_owned(),
            source,
        }
    }
}

/// What a write of a page says about the file system that a repository is in.
fn disk_code(path: &Path) -> Code {
    let probe = || -> io::Result<()> {
        let mut file = tempfile::tempfile_in(path)?;
        io::Write::write_all(&mut file, &[1; 64 * 1024])?;
        file.sync_data()
    };
    match probe() {
        Ok(()) => Code::IoError,
        Err(error) => Code::of_io(&error),
    }
}
