//! The last stage: the repository and its branches, then the source package into its place; or
//! only a folder.

use super::track::Track;
use super::{Destination, Error, Importer};
use crate::import::distgit::{self, BranchResult, Content, Import, PackageFile, Part, ProjectLock};
use crate::import::outcome::{BranchOutcome, Failure, Tip};
use crate::import::root::make_folder;
use crate::model::{PackageName, is_safe_file_name};
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::path::Path;
use tempfile::NamedTempFile;

/// A package that is ready to be stored.
pub(super) struct Package {
    pub(super) name: PackageName,
    pub(super) files: Vec<PackageFile>,
    /// Which of the files is the spec.
    pub(super) spec_name: String,
    /// Nothing where no destination keeps it.
    pub(super) srpm: Option<NamedTempFile>,
    pub(super) srpm_name: String,
}

impl Importer {
    /// Puts a package where it belongs. Whether anything changed.
    pub(super) fn store(&self, package: Package, track: &mut Track<'_>) -> Result<bool, Error> {
        if !is_safe_file_name(&package.srpm_name) {
            let name = package.srpm_name;
            return Err(distgit::Error::FileName { name }.into());
        }
        match &self.settings.destination {
            Destination::Folder { path, specs } => {
                let spec = package.files.iter().find(|it| it.name == package.spec_name);
                let kept = match spec.filter(|_| *specs) {
                    Some(spec) => self.leave_spec(spec, path)?,
                    None => false,
                };
                let Some(srpm) = package.srpm else {
                    return Ok(kept);
                };
                Ok(place_srpm(srpm, &package.srpm_name, path, track)? || kept)
            }
            Destination::Project {
                project,
                repository,
                branches,
                git,
                srpms,
            } => {
                // Until the source package lies there as well, the project is not taken away.
                let part = match *git {
                    true => Part::Repositories,
                    false => Part::Srpms,
                };
                let mut held = ProjectLock::share(&self.root, project, part, &self.stop)?;
                let folder = self.root.srpms(project);
                if *srpms {
                    make_folder(&folder).map_err(Error::root("create", &folder))?;
                }
                let mut moved = false;
                if *git {
                    let import = Import {
                        project,
                        package: repository.as_ref().unwrap_or(&package.name),
                        branches,
                        files: package.files,
                        identity: &self.settings.identity,
                    };
                    let committed = distgit::commit(&self.root, &held, import, &self.stop)?;
                    let results = committed.branches;
                    moved = results.iter().any(|it| matches!(it.tip, Ok((_, true))));
                    track.branches = results.into_iter().map(branch_outcome).collect();
                    if let Some(error) = committed.unlisted {
                        track.warn(format!(
                            "not in the list for cgit: {error}; distmill cgit --rebuild writes it anew"
                        ));
                    }
                }
                let kept = match package.srpm.filter(|_| *srpms) {
                    Some(srpm) => place_srpm(srpm, &package.srpm_name, &folder, track)?,
                    None => false,
                };
                held.keep();
                match first_failure(&track.branches) {
                    Some(error) => Err(error),
                    None if *git => Ok(moved),
                    None => Ok(kept),
                }
            }
        }
    }

    /// Leaves a spec in a folder. Whether it is new.
    fn leave_spec(&self, spec: &PackageFile, folder: &Path) -> Result<bool, Error> {
        let place = folder.join(&spec.name);
        let copy = || {
            let mut file = self.root.temporary_srpm()?;
            match &spec.content {
                Content::Bytes(bytes) => file.write_all(bytes)?,
                Content::File(from) => {
                    io::copy(&mut File::open(from.path())?, &mut file)?;
                }
            }
            keep(file, &place)
        };
        copy().map_err(Error::root("write", &place))
    }
}

/// Puts a source package into its folder. Whether it is new.
pub(super) fn place_srpm(
    srpm: NamedTempFile,
    name: &str,
    folder: &Path,
    track: &mut Track<'_>,
) -> Result<bool, Error> {
    let place = folder.join(name);
    let kept = keep(srpm, &place).map_err(Error::root("write", &place))?;
    track.srpm = Some(place);
    Ok(kept)
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
