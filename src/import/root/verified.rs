//! Files of the lookaside cache that this run has read and found to be what they should be.
//!
//! A file is read once for all that become further names of it, unless it was written to since.

use crate::model::Sha256;
use crate::sync::hold;
use std::collections::HashMap;
use std::fs::Metadata;
use std::os::unix::fs::MetadataExt as _;
use std::sync::Mutex;

/// What is remembered at most: some megabytes. More is rarely needed, and then read again.
const MOST: usize = 50_000;

/// Remembers files by their digests.
#[derive(Debug, Default)]
pub struct Verified(Mutex<HashMap<Sha256, Stamp>>);

/// What changes when a file is written to, and does not when it gets another name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Stamp {
    inode: (u64, u64),
    size: u64,
    modified: (i64, i64),
}

impl Stamp {
    fn of(file: &Metadata) -> Self {
        Self {
            inode: (file.dev(), file.ino()),
            size: file.size(),
            modified: (file.mtime(), file.mtime_nsec()),
        }
    }
}

impl Verified {
    /// Whether this very file was found to have that digest.
    pub fn knows(&self, digest: Sha256, file: &Metadata) -> bool {
        hold(&self.0).get(&digest) == Some(&Stamp::of(file))
    }

    /// Says that it has.
    pub fn note(&self, digest: Sha256, file: &Metadata) {
        let mut all = hold(&self.0);
        if all.len() >= MOST {
            all.clear();
        }
        all.insert(digest, Stamp::of(file));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn a_file_is_known_until_it_is_written_to() {
        let dir = tempfile::TempDir::new().unwrap();
        let (file, other) = (dir.path().join("a"), dir.path().join("b"));
        fs::write(&file, "abc").unwrap();
        let (verified, digest) = (Verified::default(), Sha256::of(b"abc"));
        let known = || verified.knows(digest, &fs::metadata(&file).unwrap());
        assert!(!known());
        verified.note(digest, &fs::metadata(&file).unwrap());
        fs::hard_link(&file, &other).unwrap();
        assert!(known());
        assert!(!verified.knows(Sha256::of(b"x"), &fs::metadata(&file).unwrap()));
        let before = fs::metadata(&file).unwrap().modified().unwrap();
        fs::write(&other, "abd").unwrap();
        let written = fs::File::options().write(true).open(&other).unwrap();
        written
            .set_modified(before + std::time::Duration::from_millis(1))
            .unwrap();
        assert!(!known());
    }
}
