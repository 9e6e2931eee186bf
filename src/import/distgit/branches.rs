//! Which branch gets which commit.
//!
//! The first branch gets the new tree. Every further one follows those already done in the same
//! import: it is moved forward to the first of them that it is an ancestor of, and one that holds
//! a done branch already, perhaps with commits on top, stays as it is; where there is none it gets
//! a commit of its own with the first done branch's tree. So branches that only ever move together
//! share one history and its hashes, and a diverged branch stays diverged but gets the same files.

use super::held::Held;
use super::objects::NewObjects;
use super::tree::{self, Base, Content};
use super::{Error, Repository, commit_object, stale_lock};
use crate::config::Identity;
use crate::model::BranchName;
use crate::sync::StopToken;
use git2::{Commit, ErrorCode, ObjectType, Oid, Signature, Time};

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
    pub(super) objects: NewObjects<'a>,
    pub(super) content: &'a Content,
    pub(super) identity: &'a Identity,
    pub(super) message: &'a str,
    pub(super) stop: &'a StopToken,
}

/// Where a branch stands: its tip, or for a new one where it will start.
struct Standing {
    reference: String,
    tip: Option<Oid>,
    base: Option<Oid>,
}

impl Branches<'_> {
    /// Moves all branches, in their order. One that fails does not stop the others.
    pub(super) fn update(mut self, branches: &[BranchName]) -> Vec<BranchResult> {
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

    fn update_one(&mut self, branch: &BranchName, done: &[Oid]) -> Result<(Oid, bool), Error> {
        let path = &self.repository.path;
        Error::unless_stopped(self.stop, "moved the branches of", path)?;
        let standing = self
            .standing(branch)
            .map_err(Error::git("read a branch", path))?;
        let next = match done.first() {
            None => self.follow_package(&standing),
            Some(first) => self.follow_branches(&standing, *first, done),
        }?;
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
    fn follow_package(&mut self, standing: &Standing) -> Result<Oid, Error> {
        let git = &self.repository.git;
        let failed = || Error::git("write a commit", &self.repository.path);
        let base = standing.base.map(|it| git.find_commit(it)).transpose();
        let base = base.map_err(failed())?;
        let base_tree = base.as_ref().map(Commit::tree).transpose();
        let base_tree = base_tree.map_err(failed())?;
        let follows = match &base_tree {
            Some(tree) => Base::Tree(self.repository, tree),
            None => Base::Nothing,
        };
        let tree = tree::write(&mut self.objects, follows, self.content)?;
        self.commit(base.as_ref(), tree, None)
    }

    /// The first done commit that the branch can move forward to or is ahead of; or a commit with
    /// the tree of the first one.
    fn follow_branches(
        &mut self,
        standing: &Standing,
        first: Oid,
        done: &[Oid],
    ) -> Result<Oid, Error> {
        let git = &self.repository.git;
        let failed = || Error::git("write a commit", &self.repository.path);
        if let Some(base) = standing.base {
            for tip in done {
                let follows = |a, b| git.graph_descendant_of(a, b).map_err(failed());
                if *tip == base || follows(*tip, base)? {
                    return Ok(*tip);
                }
                // As `git merge --ff-only` has it: what is merged already needs no merge.
                if follows(base, *tip)? {
                    return Ok(base);
                }
            }
        }
        let model = git.find_commit(first).map_err(failed())?;
        let base = standing.base.map(|it| git.find_commit(it)).transpose();
        let base = base.map_err(failed())?;
        let when = model.author().when();
        self.commit(base.as_ref(), model.tree_id(), Some(&when))
    }

    /// Writes a commit and all that it needs.
    fn commit(
        &mut self,
        base: Option<&Commit<'_>>,
        tree: Oid,
        when: Option<&Time>,
    ) -> Result<Oid, Error> {
        let parent = base.map(|it| (it.id(), it.tree_id()));
        let (objects, identity) = (&mut self.objects, self.identity);
        let commit = commit(objects, parent, tree, identity, when, self.message)?;
        objects.write()?;
        Ok(commit)
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
            && stale_lock::clear(
                &self.repository.path.join(format!("{name}.lock")),
                self.stop,
            )?
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

/// Adds a commit to the new objects, written at a time, or now; its parent, given with its tree,
/// where that is the same.
///
/// # Errors
/// When the identity is none that git takes, or the file system refuses.
pub(super) fn commit(
    objects: &mut NewObjects<'_>,
    parent: Option<(Oid, Oid)>,
    tree: Oid,
    identity: &Identity,
    when: Option<&Time>,
    message: &str,
) -> Result<Oid, Error> {
    if let Some((parent, same)) = parent
        && same == tree
    {
        return Ok(parent);
    }
    let failed = Error::git("write a commit", objects.path());
    let who = || {
        let committer = Signature::now(&identity.name, &identity.email)?;
        let author = match when {
            Some(when) => Signature::new(&identity.name, &identity.email, when)?,
            None => committer.clone(),
        };
        Ok((author, committer))
    };
    let (author, committer) = who().map_err(failed)?;
    let parent = parent.map(|it| it.0);
    let bytes = commit_object::commit(tree, parent, &author, &committer, message);
    objects.add(ObjectType::Commit, bytes)
}

/// Points the branches of a repository that this import made at the one commit that it made them
/// for: each of them begins at the first one, and so can move forward to it.
pub(super) fn point(held: &Held, branches: &[BranchName], tip: Oid) -> Vec<BranchResult> {
    let mut results: Vec<BranchResult> = Vec::with_capacity(branches.len());
    for branch in branches {
        let tip = match results.iter().any(|it| it.branch == *branch) {
            true => Ok((tip, false)),
            false => held.point(branch, tip).map(|()| (tip, true)),
        };
        results.push(BranchResult {
            branch: branch.clone(),
            tip,
        });
    }
    results
}
