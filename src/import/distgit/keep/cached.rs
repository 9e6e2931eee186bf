//! The files of one package in the lookaside cache, whichever layout they are in.

use super::repositories::folders;
use crate::import::distgit::Error;
use std::fs::{self, Metadata};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

/// A file of the cache.
#[derive(Clone, Debug)]
pub(super) struct CachedFile {
    pub(super) path: PathBuf,
    /// Its name.
    pub(super) file: String,
    /// The digest that its path names; lower-case hexadecimal.
    pub(super) hash: String,
    pub(super) size: u64,
    /// Device and inode.
    pub(super) inode: (u64, u64),
    /// How many names its bytes have.
    pub(super) links: u64,
    /// When it was put there: the newer one of its own time and its folder's.
    pub(super) since: SystemTime,
}

impl CachedFile {
    /// Whether it was put there less than so long ago.
    pub(super) fn is_younger_than(&self, grace: Duration) -> bool {
        // A time in the future is young.
        let age = SystemTime::now().duration_since(self.since);
        age.unwrap_or_default() < grace
    }
}

/// Every file below a package's folder: `FILE/HASHTYPE/HASH/FILE` or `FILE/HASH/FILE`.
///
/// # Errors
/// When a folder cannot be read.
pub(super) fn files(folder: &Path) -> Result<Vec<CachedFile>, Error> {
    let mut all = Vec::new();
    for name in names(folder)? {
        let of_name = folder.join(&name);
        for first in folders(&of_name)? {
            let of_first = of_name.join(&first);
            add(&of_first, &name, &first, &mut all)?;
            for second in folders(&of_first)? {
                add(&of_first.join(&second), &name, &second, &mut all)?;
            }
        }
    }
    all.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(all)
}

/// The same as [`folders`], with those that begin with a dot: a source may be called so.
fn names(folder: &Path) -> Result<Vec<String>, Error> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(Error::io("read", folder)(error)),
    };
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(Error::io("read", folder))?;
        names.extend(entry.file_name().into_string());
    }
    Ok(names)
}

fn add(folder: &Path, file: &str, hash: &str, all: &mut Vec<CachedFile>) -> Result<(), Error> {
    if !is_digest(hash) {
        return Ok(());
    }
    let path = folder.join(file);
    let metadata = match fs::symlink_metadata(&path) {
        Ok(metadata) if metadata.is_file() => metadata,
        Ok(_) => return Ok(()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(Error::io("read", &path)(error)),
    };
    let since = fs::metadata(folder).and_then(|it| newer(&it, &metadata));
    all.push(CachedFile {
        file: file.to_owned(),
        hash: hash.to_ascii_lowercase(),
        size: metadata.len(),
        inode: (metadata.dev(), metadata.ino()),
        links: metadata.nlink(),
        since: since.map_err(Error::io("read", folder))?,
        path,
    });
    Ok(())
}

/// Whether a folder's name is a digest: of MD5, SHA-1, SHA-224, SHA-256, SHA-384 or SHA-512.
fn is_digest(name: &str) -> bool {
    matches!(name.len(), 32 | 40 | 56 | 64 | 96 | 128)
        && name.bytes().all(|b| b.is_ascii_hexdigit())
}

fn newer(a: &Metadata, b: &Metadata) -> io::Result<SystemTime> {
    Ok(a.modified()?.max(b.modified()?))
}
