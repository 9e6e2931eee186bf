//! The whole of one commit: lookaside, blobs, trees, branches, all or nothing.

use super::branches::{BranchResult, Branches};
use super::held::Held;
use super::keep::RepositoryId;
use super::lookaside::Lookaside;
use super::objects::NewObjects;
use super::package_file::PackageFile;
use super::prepared::Prepared;
use super::{Error, ProjectLock, Repository, branches, shared};
use crate::config::Identity;
use crate::import::root::Root;
use crate::model::{BranchName, PackageName, Project};
use crate::sync::StopToken;

/// What is to be committed, and where.
#[derive(Debug)]
pub struct Import<'a> {
    /// The project that the repository belongs to.
    pub project: &'a Project,
    /// The package, and so the repository.
    pub package: &'a PackageName,
    /// The branches, in order: the first one gets the commit, the others follow it.
    pub branches: &'a [BranchName],
    /// Every file of the source package.
    pub files: Vec<PackageFile>,
    /// Who commits.
    pub identity: &'a Identity,
}

/// What became of an import.
#[derive(Debug)]
pub struct Committed {
    /// Every branch, in order.
    pub branches: Vec<BranchResult>,
    /// Why a new repository is not in the list for cgit.
    pub unlisted: Option<Error>,
}

/// Takes a package's files into its repository and the lookaside cache. Every branch has its own
/// result; where no branch could be moved, nothing is left behind. A repository that cannot be
/// listed for cgit is none the worse for it.
///
/// # Errors
/// When it fails before the first branch, or the stop token was raised before that: nothing is left
/// behind then either.
pub fn commit(
    root: &Root,
    held: &ProjectLock,
    import: Import<'_>,
    stop: &StopToken,
) -> Result<Committed, Error> {
    let (project, package) = (import.project, import.package);
    let message = format!("automatic import of {package}");
    let path = root.repository(project, package);
    let mut prepared = Prepared::of(import.files, root.layout())?;
    let begin = || prepared.begin(&path, import.identity, &message, stop);
    let mut held = Held::take(root, project, held, package, stop, begin)?;
    let mut lookaside = Lookaside::open(root, project, package, &held);
    let placed = prepared.place(&mut lookaside, stop);
    let moved = placed.and_then(|()| match held.made().and_then(|it| it.tip) {
        Some(tip) => Ok(branches::point(&held, import.branches, tip)),
        None => update(
            &held,
            &mut prepared,
            import.branches,
            import.identity,
            &message,
            stop,
        ),
    });
    match moved {
        Ok(branches) if branches.iter().any(|it| it.tip.is_ok()) => {
            lookaside.keep();
            let unlisted = held.take_unlisted();
            Ok(Committed { branches, unlisted })
        }
        other => {
            drop(lookaside);
            held.discard_if_new(root, &RepositoryId::new(project, package));
            let unlisted = None;
            other.map(|branches| Committed { branches, unlisted })
        }
    }
}

/// Moves branches of a repository that git has to look into.
fn update(
    held: &Held,
    prepared: &mut Prepared,
    branches: &[BranchName],
    identity: &Identity,
    message: &str,
    stop: &StopToken,
) -> Result<Vec<BranchResult>, Error> {
    let repository = Repository::of(held)?;
    let mut objects = NewObjects::new(&repository)?;
    let branches_of = Branches {
        content: prepared.content_in(&mut objects, stop)?,
        repository: &repository,
        objects,
        identity,
        message,
        stop,
    };
    let results = branches_of.update(branches);
    shared::share_branches(&repository, &results);
    Ok(results)
}
