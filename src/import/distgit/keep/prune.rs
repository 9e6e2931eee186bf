//! Takes whole projects away: repositories, lookaside files, source packages.

use super::repositories::folders;
use crate::import::distgit::repository::{Hold, lock_present, lock_project};
use crate::import::distgit::{Error, cgit};
use crate::import::root::{Places, Root};
use crate::model::Project;
use serde::Serialize;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

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
/// anew.
///
/// # Errors
/// When something cannot be removed; what is left goes with the next try.
pub fn prune(root: &Root, project: &Project) -> Result<(), Error> {
    let [git, cache, srpms] = folders_of(root, project);
    let project_lock = lock_project(&git, Hold::Alone)?;
    let mut locks = Vec::new();
    for name in folders(&git)? {
        locks.push(lock_present(&git.join(name), Hold::Alone)?);
    }
    for folder in [&git, &cache, &srpms] {
        match root.discard(folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                return Err(Error::io("remove", folder)(error));
            }
            _ => {}
        }
        // The owner's folder goes with the last project.
        let _ = folder.parent().map(fs::remove_dir);
    }
    if let Some(list) = root.cgit_list() {
        cgit::remove_project(list, project.owner(), project.name())?;
    }
    drop((locks, project_lock));
    Ok(())
}

fn folders_of(places: &Places, project: &Project) -> [PathBuf; 3] {
    [
        places.repositories(project),
        places.lookasides(project),
        places.srpms(project),
    ]
}

/// Adds the files below a folder, and their bytes.
fn measure(folder: &Path, sum: &mut (u64, u64)) -> io::Result<()> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(()),
        Err(error) => return Err(error),
    };
    for entry in entries {
        let entry = entry?;
        let metadata = entry.metadata()?;
        if metadata.is_dir() {
            measure(&entry.path(), sum)?;
        } else {
            *sum = (sum.0 + 1, sum.1 + metadata.len());
        }
    }
    Ok(())
}
