//! Which repositories there are, and which packages the lookaside cache knows.

use crate::import::distgit::Error;
use crate::import::root::Places;
use crate::model::{PackageName, Project};
use serde::{Serialize, Serializer};
use std::fmt;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

/// A repository by its place. Other tools may have given it names that an import would refuse.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RepositoryId {
    /// A user, or `@group`.
    pub owner: String,
    /// The project's own name.
    pub project: String,
    /// The package, without `.git`.
    pub package: String,
}

impl RepositoryId {
    /// The repository of a package.
    #[must_use]
    pub fn new(project: &Project, package: &PackageName) -> Self {
        Self {
            owner: project.owner().to_owned(),
            project: project.name().to_owned(),
            package: package.to_string(),
        }
    }

    /// The bare repository.
    #[must_use]
    pub fn repository(&self, places: &Places) -> PathBuf {
        let folder = places.all_repositories().join(&self.owner);
        let folder = folder.join(&self.project);
        folder.join(format!("{}.git", self.package))
    }

    /// The package's folder in the lookaside cache.
    #[must_use]
    pub fn lookaside(&self, places: &Places) -> PathBuf {
        let folder = places.all_lookaside().join(&self.owner);
        folder.join(&self.project).join(&self.package)
    }
}

impl fmt::Display for RepositoryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.owner, self.project, self.package)
    }
}

impl Serialize for RepositoryId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// Every repository, in the order of its name.
///
/// # Errors
/// When a folder cannot be read.
pub fn repositories(places: &Places) -> Result<Vec<RepositoryId>, Error> {
    let mut all = third_level(places.all_repositories())?;
    all.retain_mut(|it| match it.package.strip_suffix(".git") {
        Some(package) => {
            it.package = package.to_owned();
            true
        }
        None => false,
    });
    Ok(all)
}

/// Whether an owner has any repository.
pub(super) fn has_repository(places: &Places, owner: &str) -> Result<bool, Error> {
    let folder = places.all_repositories().join(owner);
    for project in folders(&folder)? {
        let names = folders(&folder.join(project))?;
        if names.iter().any(|it| it.ends_with(".git")) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Every package that the lookaside cache has a folder of.
pub(super) fn cached_packages(places: &Places) -> Result<Vec<RepositoryId>, Error> {
    third_level(places.all_lookaside())
}

/// The folders three levels below `top`, sorted.
fn third_level(top: &Path) -> Result<Vec<RepositoryId>, Error> {
    let mut all = Vec::new();
    for owner in folders(top)? {
        for project in folders(&top.join(&owner))? {
            for package in folders(&top.join(&owner).join(&project))? {
                all.push(RepositoryId {
                    owner: owner.clone(),
                    project: project.clone(),
                    package,
                });
            }
        }
    }
    all.sort();
    Ok(all)
}

/// The names of the folders in a folder that are not hidden; none where it is not there (any
/// more).
pub(super) fn folders(path: &Path) -> Result<Vec<String>, Error> {
    let read = || -> io::Result<Vec<String>> {
        let mut names = Vec::new();
        for entry in fs::read_dir(path)? {
            let entry = entry?;
            // No tool makes a name that is no text.
            let Ok(name) = entry.file_name().into_string() else {
                continue;
            };
            // A link to a folder is one: an administrator may have moved it to another disk.
            if !name.starts_with('.') && entry.path().is_dir() {
                names.push(name);
            }
        }
        Ok(names)
    };
    match read() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(Vec::new()),
        other => other.map_err(Error::io("read", path)),
    }
}
