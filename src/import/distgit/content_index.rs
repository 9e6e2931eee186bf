//! Files of the lookaside cache by their content, so that equal ones are stored once.
//!
//! Every file in the cache has a second name under the hidden `.by-hash/sha256/`, a hard link. A
//! file that comes again, for whichever package, becomes one more link to the same bytes. Whoever
//! reads the cache by its usual paths sees nothing of this. Where links cannot be made (another
//! file system, too many links to one file) a file is simply stored again; without the index the
//! cache is as whole as with it.

use crate::import::root::{CONTENT_INDEX, Places};
use crate::model::Digests;
use std::fs;
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The index of one lookaside cache.
#[derive(Debug)]
pub(super) struct ContentIndex {
    folder: PathBuf,
}

impl ContentIndex {
    /// The index of these places; nothing is created yet.
    pub(super) fn of(places: &Places) -> Self {
        Self {
            folder: places.all_lookaside().join(CONTENT_INDEX).join("sha256"),
        }
    }

    fn entry(&self, digests: &Digests) -> PathBuf {
        let hex = digests.sha256.to_string();
        let (head, tail) = hex.split_at(2);
        self.folder.join(head).join(tail)
    }

    /// Makes `place` a name of the bytes with these digests, where they are stored already.
    /// Whether it is one now; nothing stands there otherwise.
    pub(super) fn link(&self, digests: &Digests, place: &Path) -> bool {
        let entry = self.entry(digests);
        match fs::symlink_metadata(&entry) {
            Ok(there) if there.is_file() && there.len() == digests.size => {}
            // Of another length: what a crash of the machine left.
            Ok(_) => {
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
