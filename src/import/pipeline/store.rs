//! The last stage: the repository and its branches, then the source package into its place.

use super::track::Track;
use super::{Error, Importer};
use crate::import::distgit::{self, BranchResult, Import, PackageFile};
use crate::import::outcome::{BranchOutcome, Failure, Tip};
use crate::model::{PackageName, is_safe_file_name};
use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::Path;
use tempfile::NamedTempFile;

/// A package that is ready to be stored.
pub(super) struct Package {
    pub(super) name: PackageName,
    pub(super) files: Vec<PackageFile>,
    pub(super) srpm: NamedTempFile,
    pub(super) srpm_name: String,
}

impl Importer {
    /// Commits a package and keeps its source package. Whether anything changed.
    pub(super) fn store(&self, package: Package, track: &mut Track<'_>) -> Result<bool, Error> {
        if !is_safe_file_name(&package.srpm_name) {
            let name = package.srpm_name;
            return Err(distgit::Error::FileName { name }.into());
        }
        let folder = self.root.srpms(&self.settings.project);
        fs::create_dir_all(&folder).map_err(Error::root("create", &folder))?;
        let mut moved = false;
        if self.settings.git {
            let results = distgit::commit(
                &self.root,
                Import {
                    project: &self.settings.project,
                    package: &package.name,
                    branches: &self.settings.branches,
                    files: package.files,
                    identity: &self.settings.identity,
                },
            )?;
            moved = results.iter().any(|it| matches!(it.tip, Ok((_, true))));
            track.branches = results.into_iter().map(branch_outcome).collect();
        }
        let place = folder.join(&package.srpm_name);
        let kept = keep(package.srpm, &place).map_err(Error::root("write", &place))?;
        track.srpm = Some(place);
        match first_failure(&track.branches) {
            Some(error) => Err(error),
            None if self.settings.git => Ok(moved),
            None => Ok(kept),
        }
    }
}

fn branch_outcome(result: BranchResult) -> BranchOutcome {
    BranchOutcome {
        branch: result.branch,
        result: match result.tip {
            Ok((commit, moved)) => Ok(Tip {
                commit: commit.to_string(),
                moved,
            }),
            Err(error) => Err(Failure {
                code: error.code(),
                message: error.to_string(),
            }),
        },
    }
}

fn first_failure(branches: &[BranchOutcome]) -> Option<Error> {
    branches.iter().find_map(|it| match &it.result {
        Ok(_) => None,
        Err(failure) => Some(Error::Branch {
            branch: it.branch.to_string(),
            failure: failure.clone(),
        }),
    })
}

/// Puts the file into its place, unless the same bytes are there already. Whether it did.
fn keep(srpm: NamedTempFile, place: &Path) -> io::Result<bool> {
    match File::open(place) {
        Ok(there) if same_bytes(&there, srpm.path())? => Ok(false),
        _ => {
            srpm.persist(place).map_err(|error| error.error)?;
            Ok(true)
        }
    }
}

fn same_bytes(mut there: &File, new: &Path) -> io::Result<bool> {
    let mut new = File::open(new)?;
    if there.metadata()?.len() != new.metadata()?.len() {
        return Ok(false);
    }
    let (mut a, mut b) = (vec![0; 64 * 1024], vec![0; 64 * 1024]);
    loop {
        let n = there.read(&mut a)?;
        new.read_exact(&mut b[..n])?;
        if a[..n] != b[..n] {
            return Ok(false);
        }
        if n == 0 {
            return Ok(true);
        }
    }
}
