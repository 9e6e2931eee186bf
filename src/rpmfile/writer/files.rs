//! What goes into a package: the spec, the sources and the patches.

use crate::model::{Digests, Sha256};
use std::path::PathBuf;
use std::sync::Arc;

/// One file of a source package. Size and digest are known from when it was fetched or made, and
/// are checked when it is written, but for the digest of [`Content::Own`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SourceFile {
    /// Its name within the package.
    pub name: String,
    /// Where its bytes are.
    pub content: Content,
    /// Its length in bytes.
    pub size: u64,
    /// The digest of its bytes.
    pub sha256: Sha256,
    /// Its modification time, in seconds since 1970.
    pub mtime: u32,
    /// Whether it is the spec; exactly one file is.
    pub is_spec: bool,
    /// Whether its permissions are 0755; else they are 0644.
    pub is_executable: bool,
}

/// Where a file's bytes are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// In a file, which is read once.
    Path(PathBuf),
    /// In a file that this process hashed and that nobody else writes to, such as one in its own
    /// folder for what is not whole yet. It is not hashed again: that would be a fifth of all work.
    Own(PathBuf),
    /// In memory.
    Bytes(Arc<[u8]>),
}

impl SourceFile {
    /// A file of bytes in memory.
    #[must_use]
    pub fn from_bytes(name: &str, bytes: impl Into<Arc<[u8]>>, mtime: u32) -> Self {
        let bytes = bytes.into();
        Self {
            name: name.to_owned(),
            size: bytes.len() as u64,
            sha256: Sha256::of(&bytes),
            content: Content::Bytes(bytes),
            mtime,
            is_spec: false,
            is_executable: false,
        }
    }

    /// A file on disk, with what is known of it from the pass that fetched it.
    #[must_use]
    pub fn from_path(name: &str, path: impl Into<PathBuf>, known: &Digests, mtime: u32) -> Self {
        Self {
            name: name.to_owned(),
            content: Content::Path(path.into()),
            size: known.size,
            sha256: known.sha256,
            mtime,
            is_spec: false,
            is_executable: false,
        }
    }

    /// The same file, which nobody can have changed since it was hashed.
    #[must_use]
    pub fn as_own(mut self) -> Self {
        if let Content::Path(path) = self.content {
            self.content = Content::Own(path);
        }
        self
    }

    /// Its type and permissions.
    pub(super) const fn mode(&self) -> u16 {
        if self.is_executable {
            0o100_755
        } else {
            0o100_644
        }
    }

    /// The same file as the package's spec.
    #[must_use]
    pub fn as_spec(mut self) -> Self {
        self.is_spec = true;
        self
    }
}
