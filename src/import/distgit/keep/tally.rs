//! How many bytes a sweep frees, when equal files are links to one.
//!
//! Bytes are free when the last name of a file is gone. The index of the cache's contents is one
//! of the names; it is swept last, of files that nobody else names any more.

use super::sweep::{RemovedFile, Swept};
use crate::import::distgit::Error;
use crate::import::root::{CONTENT_INDEX, Places};
use serde::Serialize;
use std::collections::HashMap;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// What a whole sweep came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Freed {
    /// Packages that were looked at.
    pub packages: u64,
    /// Files removed from the cache.
    pub files: u64,
    /// Files left for their time of grace.
    pub in_grace: u64,
    /// Bytes of the cache that are free now, or would be.
    pub bytes: u64,
    /// Repositories that were packed.
    pub packed: u64,
    /// Bytes that packing freed.
    pub packed_bytes: u64,
}

/// Adds up what was swept, package by package.
#[derive(Debug, Default)]
pub struct Tally {
    freed: Freed,
    /// By device and inode: how many names went, how many there were, the size.
    gone: HashMap<(u64, u64), (u64, u64, u64)>,
}

impl Tally {
    /// Adds a package.
    pub fn add(&mut self, swept: &Swept) {
        self.freed.packages += 1;
        self.freed.in_grace += swept.in_grace;
        if let Some(packed) = &swept.packed {
            self.freed.packed += 1;
            self.freed.packed_bytes += packed.before_bytes.saturating_sub(packed.after_bytes);
        }
        for file in &swept.removed {
            self.remove(file);
        }
    }

    fn remove(&mut self, file: &RemovedFile) {
        self.freed.files += 1;
        let seen = self.gone.entry(file.inode).or_insert((0, 0, 0));
        // With every name that went the next one found fewer.
        *seen = (seen.0 + 1, seen.1.max(file.links), file.size_bytes);
    }

    /// Sweeps the index, or with `dry_run` only looks at it, and adds everything up.
    ///
    /// # Errors
    /// When the index cannot be read, or an entry of it cannot be removed.
    pub fn finish(mut self, places: &Places, dry_run: bool) -> Result<Freed, Error> {
        let whole = self.gone.values().filter(|(went, were, _)| went >= were);
        self.freed.bytes += whole.map(|it| it.2).sum::<u64>();
        let index = places.all_lookaside().join(CONTENT_INDEX).join("sha256");
        for head in below(&index)? {
            for entry in below(&head)? {
                self.entry(&entry, dry_run)?;
            }
            // Stays where something is left in it.
            let _ = fs::remove_dir(&head);
        }
        Ok(self.freed)
    }

    /// Removes an entry of the index that is the only name of its file.
    fn entry(&mut self, entry: &Path, dry_run: bool) -> Result<(), Error> {
        // What is gone was removed by somebody else, here and below.
        let Ok(metadata) = fs::symlink_metadata(entry) else {
            return Ok(());
        };
        let inode = (metadata.dev(), metadata.ino());
        let went = match dry_run {
            true => self.gone.get(&inode).map_or(0, |it| it.0),
            false => 0,
        };
        if metadata.nlink().saturating_sub(went) > 1 {
            return Ok(());
        }
        if !dry_run {
            match fs::remove_file(entry) {
                Err(error) if is_none(&error) => return Ok(()),
                other => other.map_err(Error::io("remove", entry))?,
            }
        }
        self.freed.bytes += metadata.len();
        Ok(())
    }
}

/// What is in a folder; nothing where it is not there (any more).
fn below(folder: &Path) -> Result<Vec<PathBuf>, Error> {
    let read = || fs::read_dir(folder)?.map(|it| Ok(it?.path())).collect();
    match read() {
        Err(error) if is_none(&error) => Ok(Vec::new()),
        other => other.map_err(Error::io("read", folder)),
    }
}

fn is_none(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::NotFound | io::ErrorKind::NotADirectory
    )
}
