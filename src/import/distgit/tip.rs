//! Where a branch stands, and which of its commits has a spec.

use crate::model::BranchName;
use git2::{ObjectType, Oid, Repository, Sort};
use std::path::Path;

/// Commits of a branch that are looked at, the newest first.
const MOST: usize = 10_000;

/// The commit of a branch, or of the repository's own one, in hexadecimal digits; none where there
/// is no such repository or branch.
#[must_use]
pub fn tip(repository: &Path, branch: Option<&BranchName>) -> Option<String> {
    let git = Repository::open_bare(repository).ok()?;
    Some(find(&git, branch)?.to_string())
}

/// The newest commit of a branch, or of the repository's own one, whose spec of this name has these
/// bytes; none where there is none.
#[must_use]
pub fn commit_of_spec(
    repository: &Path,
    branch: Option<&BranchName>,
    name: &str,
    spec: &[u8],
) -> Option<String> {
    let git = Repository::open_bare(repository).ok()?;
    let wanted = Oid::hash_object(ObjectType::Blob, spec).ok()?;
    let mut walk = git.revwalk().ok()?;
    walk.simplify_first_parent().ok()?;
    walk.set_sorting(Sort::TOPOLOGICAL).ok()?;
    walk.push(find(&git, branch)?).ok()?;
    let has_it = |id: &Oid| {
        let tree = git.find_commit(*id).and_then(|it| it.tree());
        tree.is_ok_and(|it| it.get_name(name).is_some_and(|it| it.id() == wanted))
    };
    let commit = walk.flatten().take(MOST).find(has_it)?;
    Some(commit.to_string())
}

fn find(git: &Repository, branch: Option<&BranchName>) -> Option<Oid> {
    match branch {
        Some(branch) => git.refname_to_id(&format!("refs/heads/{branch}")).ok(),
        None => git.head().ok()?.target(),
    }
}
