//! Takes whole projects away: repositories, lookaside files, source packages.

use super::repositories::folders;
use crate::import::distgit::held::lock_present;
use crate::import::distgit::lock::Hold;
use crate::import::distgit::{Error, ProjectLock, cgit};
use crate::import::root::{Places, Root};
use crate::model::Project;
use serde::Serialize;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tempfile::TempDir;

/// What a project has.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Belongings {
    /// `OWNER/PROJECT`.
    pub project: String,
    /// Its repositories.
    pub repositories: u64,
    /// Files in the lookaside cache.
    pub files: u64,
    /// Source packages.
    pub srpms: u64,
    /// Bytes of all of it. Those that other projects share with it stay on the disk.
    pub bytes: u64,
}

impl Belongings {
    /// Those of a project of which nothing is left.
    #[must_use]
    pub fn none(project: &Project) -> Self {
        Self {
            project: project.to_string(),
            repositories: 0,
            files: 0,
            srpms: 0,
            bytes: 0,
        }
    }
}

/// What there is of a project; nothing where there is no such project.
///
/// # Errors
/// When a folder cannot be read.
pub fn belongings(places: &Places, project: &Project) -> Result<Option<Belongings>, Error> {
    let [git, cache, srpms] = folders_of(places, project);
    if ![&git, &cache, &srpms].iter().any(|it| it.is_dir()) {
        return Ok(None);
    }
    let repositories = folders(&git)?;
    let repositories = repositories.iter().filter(|it| it.ends_with(".git"));
    let (mut objects, mut files, mut packages) = ((0, 0), (0, 0), (0, 0));
    for (folder, sum) in [
        (&git, &mut objects),
        (&cache, &mut files),
        (&srpms, &mut packages),
    ] {
        measure(folder, sum).map_err(Error::io("read", folder))?;
    }
    Ok(Some(Belongings {
        project: project.to_string(),
        repositories: repositories.count() as u64,
        files: files.0,
        srpms: packages.0,
        bytes: objects.1 + files.1 + packages.1,
    }))
}

/// Removes a project. Waits for the imports that run; one that begins meanwhile makes the project
/// anew. It goes at once; what was in it is removed when the project is free again.
///
/// # Errors
/// When something cannot be removed; what is left goes with the next try.
pub fn prune(root: &Root, project: &Project) -> Result<(), Error> {
    let lock = ProjectLock::alone(root, project.owner(), project.name())?;
    let [git, cache, srpms] = folders_of(root, project);
    let mut taken = Vec::new();
    for name in folders(&git)? {
        let repository = git.join(name);
        // gc and fsck hold only the repository. Once it is gone, they know of no lookaside files
        // that it should have.
        let free = lock_present(&repository, Hold::Alone, None)?;
        taken.extend(take_away(root, &repository)?);
        drop(free);
    }
    for folder in [&git, &cache, &srpms] {
        taken.extend(take_away(root, folder)?);
        // The owner's folder goes with the last project.
        let _ = folder.parent().map(fs::remove_dir);
    }
    if let Some(list) = root.cgit_list() {
        cgit::remove_project(list, project.owner(), project.name())?;
    }
    drop(lock);
    for folder in taken {
        let path = folder.path().to_owned();
        folder.close().map_err(Error::io("remove", &path))?;
    }
    Ok(())
}

fn take_away(root: &Root, folder: &Path) -> Result<Option<TempDir>, Error> {
    match root.take_away(folder) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        other => other.map_err(Error::io("remove", folder)),
    }
}

fn folders_of(places: &Places, project: &Project) -> [PathBuf; 3] {
    [
        places.repositories(project),
        places.lookasides(project),
        places.srpms(project),
    ]
}

/// Adds the files below a folder, and their bytes. What goes meanwhile does not count.
fn measure(folder: &Path, sum: &mut (u64, u64)) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let metadata = match entry.metadata() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => continue,
            other => other?,
        };
        if metadata.is_dir() {
            measure(&entry.path(), sum)?;
        } else {
            *sum = (sum.0 + 1, sum.1 + metadata.len());
        }
    }
    Ok(())
}
