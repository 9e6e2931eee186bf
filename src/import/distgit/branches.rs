//! Which branch gets which commit.
//!
//! The first branch gets the new tree. Every further one follows those already done in the same
//! import: it is moved forward to the first of them that it is an ancestor of, and one that holds
//! a done branch already, perhaps with commits on top, stays as it is; where there is none it gets
//! a commit of its own with the first done branch's tree. So branches that only ever move together
//! share one history and its hashes, and a diverged branch stays diverged but gets the same files.

use super::tree::{self, Content};
use super::{Error, Repository, stale_lock};
use crate::config::Identity;
use crate::model::BranchName;
use git2::{Commit, ErrorCode, Oid, Signature};

/// What became of one branch: its tip afterwards, or why it was not moved.
#[derive(Debug)]
pub struct BranchResult {
    /// The branch.
    pub branch: BranchName,
    /// Its tip, and whether that is new.
    pub tip: Result<(Oid, bool), Error>,
}

/// One import into the branches of one repository.
pub(super) struct Branches<'a> {
    pub(super) repository: &'a Repository,
    pub(super) content: &'a Content,
    pub(super) identity: &'a Identity,
    pub(super) message: &'a str,
}

/// Where a branch stands: its tip, or for a new one where it will start.
struct Standing {
    reference: String,
    tip: Option<Oid>,
    base: Option<Oid>,
}

impl Branches<'_> {
    /// Moves all branches, in their order. One that fails does not stop the others.
    pub(super) fn update(&self, branches: &[BranchName]) -> Vec<BranchResult> {
        let mut done: Vec<Oid> = Vec::new();
        let mut results = Vec::with_capacity(branches.len());
        for branch in branches {
            let tip = self.update_one(branch, &done);
            if let Ok((tip, _)) = tip {
                done.push(tip);
            }
            results.push(BranchResult {
                branch: branch.clone(),
                tip,
            });
        }
        results
    }

    fn update_one(&self, branch: &BranchName, done: &[Oid]) -> Result<(Oid, bool), Error> {
        let path = &self.repository.path;
        let standing = self
            .standing(branch)
            .map_err(Error::git("read a branch", path))?;
        let next = match done.first() {
            None => self.follow_package(&standing),
            Some(first) => self.follow_branches(&standing, *first, done),
        }
        .map_err(Error::git("write a commit", path))?;
        self.swap(branch, &standing, next)
    }

    fn standing(&self, branch: &BranchName) -> Result<Standing, git2::Error> {
        let git = &self.repository.git;
        let reference = format!("refs/heads/{branch}");
        let tip = match git.refname_to_id(&reference) {
            Ok(id) => Some(id),
            Err(error) if error.code() == ErrorCode::NotFound => None,
            Err(error) => return Err(error),
        };
        let base = match tip {
            Some(_) => tip,
            None => self.repository.root_commit()?,
        };
        Ok(Standing {
            reference,
            tip,
            base,
        })
    }

    /// The commit with the package's tree; the present one where nothing changed.
    fn follow_package(&self, standing: &Standing) -> Result<Oid, git2::Error> {
        let git = &self.repository.git;
        let base = standing.base.map(|it| git.find_commit(it)).transpose()?;
        let base_tree = base.as_ref().map(Commit::tree).transpose()?;
        let tree = tree::write(git, base_tree.as_ref(), self.content)?;
        let author = Signature::now(&self.identity.name, &self.identity.email)?;
        self.commit(base.as_ref(), tree, &author)
    }

    /// The first done commit that the branch can move forward to or is ahead of; or a commit with
    /// the tree of the first one.
    fn follow_branches(
        &self,
        standing: &Standing,
        first: Oid,
        done: &[Oid],
    ) -> Result<Oid, git2::Error> {
        let git = &self.repository.git;
        if let Some(base) = standing.base {
            for tip in done {
                if *tip == base || git.graph_descendant_of(*tip, base)? {
                    return Ok(*tip);
                }
                // As `git merge --ff-only` has it: what is merged already needs no merge.
                if git.graph_descendant_of(base, *tip)? {
                    return Ok(base);
                }
            }
        }
        let model = git.find_commit(first)?;
        let base = standing.base.map(|it| git.find_commit(it)).transpose()?;
        let author = Signature::new(
            &self.identity.name,
            &self.identity.email,
            &model.author().when(),
        )?;
        self.commit(base.as_ref(), model.tree_id(), &author)
    }

    fn commit(
        &self,
        base: Option<&Commit<'_>>,
        tree: Oid,
        author: &Signature<'_>,
    ) -> Result<Oid, git2::Error> {
        if let Some(base) = base
            && base.tree_id() == tree
        {
            return Ok(base.id());
        }
        let git = &self.repository.git;
        let committer = Signature::now(&self.identity.name, &self.identity.email)?;
        let tree = git.find_tree(tree)?;
        let parents: Vec<&Commit<'_>> = base.into_iter().collect();
        git.commit(None, author, &committer, self.message, &tree, &parents)
    }

    /// Moves the branch, if it still stands where it stood.
    fn swap(
        &self,
        branch: &BranchName,
        standing: &Standing,
        next: Oid,
    ) -> Result<(Oid, bool), Error> {
        let git = &self.repository.git;
        let name = &standing.reference;
        let swap = || match standing.tip {
            Some(tip) => git.reference_matching(name, next, true, tip, self.message),
            None => git.reference(name, next, false, self.message),
        };
        if standing.tip == Some(next) {
            return Ok((next, false));
        }
        let mut swapped = swap();
        if let Err(error) = &swapped
            && error.code() == ErrorCode::Locked
            && stale_lock::clear(&self.repository.path.join(format!("{name}.lock")))
        {
            swapped = swap();
        }
        match swapped {
            Ok(_) => Ok((next, true)),
            Err(error)
                if matches!(
                    error.code(),
                    ErrorCode::Modified | ErrorCode::Exists | ErrorCode::Locked
                ) =>
            {
                Err(Error::BranchMoved {
                    path: self.repository.path.clone(),
                    branch: branch.to_string(),
                })
            }
            Err(error) => Err(Error::git("move a branch", &self.repository.path)(error)),
        }
    }
}
