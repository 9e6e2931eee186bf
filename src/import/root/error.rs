//! Why a root cannot be used.

use crate::model::Layout;
use std::io;
use std::path::{Path, PathBuf};

/// A root that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum RootError {
    /// A folder or file failed.
    #[error("cannot write to {}: {source}", path.display())]
    Write {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// A folder or file failed.
    #[error("cannot read {}: {source}", path.display())]
    Read {
        /// The folder or file.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Nothing was ever imported there.
    #[error("{} is not there; check --root and --git-root", _0.display())]
    Missing(PathBuf),
    /// The lookaside cache is laid out in another way than asked for.
    #[error(
        "{} is laid out as {recorded}, not as {asked}; leave --layout out, or use another root \
         (the record is the file .layout in that folder)",
        path.display()
    )]
    Layout {
        /// The lookaside cache.
        path: PathBuf,
        /// How it is laid out.
        recorded: Layout,
        /// What was asked for.
        asked: Layout,
    },
    /// The record of the layout names none that is known.
    #[error("{} does not name a layout that is known: {text:?}", path.display())]
    Record {
        /// The record.
        path: PathBuf,
        /// What it says.
        text: String,
    },
}

impl RootError {
    pub(super) fn write(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Write {
            path: path.to_owned(),
            source,
        }
    }

    pub(super) fn read(path: &Path) -> impl Fn(io::Error) -> Self {
        move |source| Self::Read {
            path: path.to_owned(),
            source,
        }
    }
}
