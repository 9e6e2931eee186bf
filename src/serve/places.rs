//! The served folders, and what lies in them.

use super::error::Error;
use crate::model::{PackageName, Project};
use std::fs;
use std::path::{Path, PathBuf};

/// The folders that are served, free of links themselves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Places {
    git: PathBuf,
    lookaside: PathBuf,
}

/// A package, its names checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Package {
    pub(super) project: Project,
    pub(super) name: PackageName,
}

/// A file of the lookaside cache, its names checked.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cached {
    pub(super) package: Package,
    pub(super) file: String,
    /// Such as `sha512`; told from the hash where the address has none.
    pub(super) hash_type: String,
    pub(super) hash: String,
}

impl Places {
    /// Serves the repositories under `git` and the files under `lookaside`.
    ///
    /// # Errors
    /// When one is not there.
    pub fn new(git: &Path, lookaside: &Path) -> Result<Self, Error> {
        let real = |path: &Path| {
            fs::canonicalize(path).map_err(|source| Error::Folder {
                path: path.to_owned(),
                source,
            })
        };
        Ok(Self {
            git: real(git)?,
            lookaside: real(lookaside)?,
        })
    }

    /// The repository of a package, if there is one.
    pub(super) fn repository(&self, package: &Package) -> Option<PathBuf> {
        let folder = package.below(&self.git);
        let path = folder.join(format!("{}.git", package.name));
        inside(&self.git, &path).filter(|it| it.is_dir())
    }

    /// A file of the lookaside cache, if it is there, in the layout with the hash's type or the
    /// one without.
    pub(super) fn file(&self, cached: &Cached) -> Option<PathBuf> {
        let folder = cached.package.below(&self.lookaside);
        let folder = folder.join(cached.package.name.as_str()).join(&cached.file);
        let own = Path::new(&cached.hash).join(&cached.file);
        let typed = folder.join(&cached.hash_type).join(&own);
        let places = [typed, folder.join(own)];
        let real = places.iter().find_map(|it| inside(&self.lookaside, it));
        real.filter(|it| it.is_file())
    }
}

impl Package {
    /// The folder of its project.
    fn below(&self, root: &Path) -> PathBuf {
        let folder = root.join(self.project.owner());
        folder.join(self.project.name())
    }
}

/// Where a path really leads, if that is below `root`.
fn inside(root: &Path, path: &Path) -> Option<PathBuf> {
    let real = fs::canonicalize(path).ok()?;
    real.starts_with(root).then_some(real)
}
