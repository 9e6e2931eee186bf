//! Where a branch stands, for who only wants to know.

use crate::model::BranchName;
use git2::Repository;
use std::path::Path;

/// The commit of a branch, or of the repository's own one, in hexadecimal digits; none where there
/// is no such repository or branch.
#[must_use]
pub fn tip(repository: &Path, branch: Option<&BranchName>) -> Option<String> {
    let git = Repository::open_bare(repository).ok()?;
    let id = match branch {
        Some(branch) => git.refname_to_id(&format!("refs/heads/{branch}")).ok()?,
        None => git.head().ok()?.target()?,
    };
    Some(id.to_string())
}
