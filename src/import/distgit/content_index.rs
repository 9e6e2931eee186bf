//! Files of the lookaside cache by their content, so that equal ones are stored once.
//!
//! Every file in the cache has a second name under the hidden `.by-hash/sha256/`, a hard link. A
//! file that comes again, for whichever package, becomes one more link to the same bytes. Whoever
//! reads the cache by its usual paths sees nothing of this. Before a file is linked to it is read
//! once, so that damage to it does not spread. Where links cannot be made (another
//! file system, too many links to one file) a file is simply stored again; without the index the
//! cache is as whole as with it.

use crate::import::root::{CONTENT_INDEX, Root};
use crate::model::{Digester, Digests};
use crate::sync::{StopToken, Stoppable};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The index of one lookaside cache.
#[derive(Debug)]
pub(super) struct ContentIndex<'a> {
    root: &'a Root,
    folder: PathBuf,
}

impl<'a> ContentIndex<'a> {
    /// The index of a root; nothing is created yet.
    pub(super) fn of(root: &'a Root) -> Self {
        Self {
            folder: root.all_lookaside().join(CONTENT_INDEX).join("sha256"),
            root,
        }
    }

    fn entry(&self, digests: &Digests) -> PathBuf {
        let hex = digests.sha256.to_string();
        let (head, tail) = hex.split_at(2);
        self.folder.join(head).join(tail)
    }

    /// Makes `place` a name of the bytes with these digests, where they are stored already.
    /// Whether it is one now; nothing stands there otherwise.
    pub(super) fn link(&self, digests: &Digests, place: &Path, stop: &StopToken) -> bool {
        let entry = self.entry(digests);
        match self.is_whole(&entry, digests, stop) {
            Ok(true) => {}
            // What a crash of the machine left, or was written over: its other names stay as bad
            // as they are, and get no more.
            Ok(false) => {
                tracing::warn!(path = %entry.display(), "a damaged file is no longer linked to");
                let _ = fs::remove_file(&entry);
                return false;
            }
            Err(_) => return false,
        }
        match fs::hard_link(&entry, place) {
            Ok(()) => true,
            Err(error) => {
                if error.kind() == io::ErrorKind::TooManyLinks {
                    // The file that comes now takes its place and further links.
                    let _ = fs::remove_file(&entry);
                }
                false
            }
        }
    }

    /// Whether an entry has the bytes that it should have.
    fn is_whole(&self, entry: &Path, digests: &Digests, stop: &StopToken) -> io::Result<bool> {
        let there = fs::symlink_metadata(entry)?;
        if !there.is_file() || there.len() != digests.size {
            return Ok(false);
        }
        let verified = self.root.verified();
        if verified.knows(digests.sha256, &there) {
            return Ok(true);
        }
        let mut digester = Digester::new(io::sink());
        io::copy(&mut Stoppable::new(File::open(entry)?, stop), &mut digester)?;
        let is_whole = digester.finish().1.sha256 == digests.sha256;
        if is_whole {
            verified.note(digests.sha256, &there);
        }
        Ok(is_whole)
    }

    /// Takes a whole file into the index. Its new name there; nothing where that cannot be, or
    /// another file with these digests was quicker.
    pub(super) fn add(&self, digests: &Digests, file: &Path) -> Option<PathBuf> {
        let entry = self.entry(digests);
        let linked = match fs::hard_link(file, &entry) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                fs::create_dir_all(entry.parent()?).ok()?;
                fs::hard_link(file, &entry)
            }
            other => other,
        };
        linked.ok().map(|()| entry)
    }

    /// Removes an entry that is the only name of its file.
    pub(super) fn remove_if_last(&self, entry: &Path) {
        if fs::symlink_metadata(entry).is_ok_and(|it| it.nlink() == 1) {
            let _ = fs::remove_file(entry);
            for folder in entry.ancestors().skip(1).take(3) {
                if fs::remove_dir(folder).is_err() {
                    break;
                }
            }
        }
    }
}
