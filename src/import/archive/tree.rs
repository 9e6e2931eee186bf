//! The links of an archive seen so far, and what they forbid to the entries that follow.
//!
//! An entry below a link would be written to wherever the link points; a hard link to a symbolic
//! one would take its target to another depth. Both are refused.

use super::path;
use std::collections::HashSet;

/// Bytes of link paths that are remembered; an archive with more has no honest use for them.
const MAX_BYTES: usize = 4 << 20;

/// The symbolic links of one archive.
#[derive(Default)]
pub(super) struct Tree {
    symlinks: HashSet<Box<str>>,
    bytes: usize,
}

impl Tree {
    /// Refuses a path that leads through a link.
    pub(super) fn check_parents(&self, path: &str) -> Result<(), &'static str> {
        if !self.symlinks.is_empty()
            && path
                .match_indices('/')
                .any(|(at, _)| self.symlinks.contains(&path[..at]))
        {
            return Err("leads through a link of the archive");
        }
        Ok(())
    }

    /// Takes a symbolic link in.
    pub(super) fn add_symlink(&mut self, path: &str, target: &[u8]) -> Result<(), &'static str> {
        path::check_symlink(path, target)?;
        self.bytes += path.len();
        if self.bytes > MAX_BYTES {
            return Err("is one of more links than are kept track of");
        }
        self.symlinks.insert(path.into());
        Ok(())
    }

    /// Refuses a hard link to anything but an entry of the archive that is no link.
    pub(super) fn check_hard_link(&self, target: &[u8]) -> Result<(), &'static str> {
        let mut normal = String::new();
        path::normalise(target, &mut normal)
            .map_err(|_| "is a hard link that leaves the archive")?;
        self.check_parents(&normal)?;
        if self.symlinks.contains(normal.as_str()) {
            return Err("is a hard link to a symbolic one");
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_goes_through_a_link() {
        let mut tree = Tree::default();
        tree.add_symlink("a/l", b"../b").unwrap();
        assert!(tree.check_parents("a/l/x").is_err());
        assert!(tree.check_parents("a/l/x/y").is_err());
        assert!(tree.check_parents("a/l").is_ok());
        assert!(tree.check_parents("a/lx/y").is_ok());
        assert!(tree.check_hard_link(b"a/l").is_err());
        assert!(tree.check_hard_link(b"./a//l/x").is_err());
        assert!(tree.check_hard_link(b"../x").is_err());
        assert!(tree.check_hard_link(b"b").is_ok());
    }

    #[test]
    fn links_are_kept_track_of_up_to_a_limit() {
        let mut tree = Tree::default();
        let long = "x".repeat(4000);
        let refused = (0..2000).any(|i| tree.add_symlink(&format!("{long}{i}"), b"y").is_err());
        assert!(refused);
    }
}
