//! What the commits of a repository refer to in the lookaside cache.

use crate::import::distgit::{Error, Repository, SourceLine, parse_sources};
use git2::{Oid, Revwalk};
use std::collections::{BTreeSet, HashSet};

/// Which commits count.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Scope {
    /// Every commit that a branch, a tag or any other ref leads to.
    AllCommits,
    /// Only those that a branch stands on.
    Tips,
}

/// Every line of every `sources` in these commits.
///
/// # Errors
/// When a commit, or what it holds, cannot be read: then nothing is known.
pub(super) fn references(
    repository: &Repository,
    scope: Scope,
) -> Result<BTreeSet<SourceLine>, Error> {
    let commits = commits(repository, scope);
    let read = || -> Result<BTreeSet<SourceLine>, git2::Error> {
        let git = &repository.git;
        let mut seen = HashSet::new();
        let mut lines = BTreeSet::new();
        for id in commits? {
            let tree = git.find_commit(id)?.tree()?;
            if let Some(entry) = tree.get_name("sources")
                && entry.kind() == Some(git2::ObjectType::Blob)
                && seen.insert(entry.id())
            {
                let blob = git.find_blob(entry.id())?;
                let text = String::from_utf8_lossy(blob.content());
                lines.extend(parse_sources(&text));
            }
        }
        Ok(lines)
    };
    read().map_err(Error::git("read its commits", &repository.path))
}

/// The commits of a scope, each once.
pub(super) fn commits(repository: &Repository, scope: Scope) -> Result<Vec<Oid>, git2::Error> {
    match scope {
        Scope::AllCommits => walk(repository)?.collect(),
        Scope::Tips => tips(repository),
    }
}

/// A walk over all commits that any ref leads to.
pub(super) fn walk(repository: &Repository) -> Result<Revwalk<'_>, git2::Error> {
    let mut walk = repository.git.revwalk()?;
    walk.push_glob("refs/*")?;
    if repository.git.head().is_ok() {
        walk.push_head()?;
    }
    Ok(walk)
}

fn tips(repository: &Repository) -> Result<Vec<Oid>, git2::Error> {
    let mut tips = BTreeSet::new();
    for branch in repository.git.branches(Some(git2::BranchType::Local))? {
        let commit = branch?.0.into_reference().peel_to_commit()?;
        tips.insert(commit.id());
    }
    Ok(tips.into_iter().collect())
}
