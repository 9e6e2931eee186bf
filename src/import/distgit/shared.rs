//! Permissions for a repository that a group shares, as `git init --shared` has them.
//!
//! Whatever the umask, a group that owns the repository can write to it: folders are writable
//! for the group and pass it on to what is made in them, files are writable unless they are
//! objects. libgit2 leaves that to the umask, so it is done here for the branches that it moves.

use super::{BranchResult, Repository};
use std::fs::{self, Permissions};
use std::io;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// What a file has at least.
const FILE: u32 = 0o060;

/// Opens the branches that an import moved to the group, where the repository is shared. What
/// belongs to somebody else stays as it is.
pub(super) fn share_branches(repository: &Repository, results: &[BranchResult]) {
    let moved = |it: &&BranchResult| matches!(it.tip, Ok((_, true)));
    if is_shared(repository) {
        for result in results.iter().filter(moved) {
            let name = format!("refs/heads/{}", result.branch);
            let _ = widen(&repository.path.join(name), FILE);
        }
    }
}

/// Whether a group shares the repository.
pub(super) fn is_shared(repository: &Repository) -> bool {
    if repository.is_new() {
        return true;
    }
    let config = repository.git.config();
    let value = config.and_then(|it| it.get_string("core.sharedRepository"));
    value.is_ok_and(|it| !matches!(it.as_str(), "0" | "false" | "umask" | "no"))
}

fn widen(path: &Path, least: u32) -> io::Result<()> {
    let mode = fs::metadata(path)?.permissions().mode() & 0o7777;
    match mode & least == least {
        true => Ok(()),
        false => fs::set_permissions(path, Permissions::from_mode(mode | least)),
    }
}
