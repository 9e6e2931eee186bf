//! One commit into dist-git, as the pipeline makes it.

use distmill::import::distgit::{self, BranchResult, Error, Import, Part, ProjectLock};
use distmill::import::root::Root;
use distmill::sync::StopToken;

/// Commits under the lock of the project, for as long as it takes.
pub fn commit(root: &Root, import: Import<'_>) -> Result<Vec<BranchResult>, Error> {
    let stop = StopToken::default();
    let held = ProjectLock::share(root, import.project, Part::Repositories, &stop)?;
    let committed = distgit::commit(root, &held, import, &stop)?;
    Ok(committed.branches)
}
