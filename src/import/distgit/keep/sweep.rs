//! Removes from the lookaside cache what no commit refers to.
//!
//! Package by package, under the repository's lock: an import that has put a file there, but not
//! yet moved its branch, is never raced. Where a package has no repository (any more), the lock on
//! the project keeps one from being made meanwhile. For what other tools put there, which know
//! nothing of these locks, there is the time of grace.

use super::cached::{self, CachedFile};
use super::pack::{self, Packed};
use super::reach::{self, Scope};
use super::repositories::{self, RepositoryId};
use crate::import::distgit::lock::Hold;
use crate::import::distgit::lookaside::remove_empty_folders;
use crate::import::distgit::{Error, ProjectLock, Repository, SourceLine};
use crate::import::root::Places;
use serde::Serialize;
use std::collections::{BTreeSet, HashSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// How to sweep.
#[derive(Clone, Copy, Debug)]
pub struct Sweep {
    /// Which commits keep a file.
    pub scope: Scope,
    /// What was put there less than so long ago stays.
    pub grace: Duration,
    /// Whether nothing is changed, only said.
    pub dry_run: bool,
    /// Whether the objects of the repository are packed as well.
    pub pack: bool,
    /// Whether the files of owners without any repository go, too.
    pub gone_owners: bool,
}

/// What became of one package.
#[derive(Clone, Debug, Serialize)]
pub struct Swept {
    /// The package.
    pub repository: RepositoryId,
    /// Whether it has no repository (any more).
    pub orphan: bool,
    /// What was removed, or would be.
    pub removed: Vec<RemovedFile>,
    /// Files that nothing refers to and that stay for their time of grace.
    pub in_grace: u64,
    /// What was packed; nothing where there was nothing to pack.
    pub packed: Option<Packed>,
}

/// A file that was removed from the cache.
#[derive(Clone, Debug, Serialize)]
pub struct RemovedFile {
    /// Where it was.
    pub path: PathBuf,
    /// Its length.
    pub size_bytes: u64,
    #[serde(skip)]
    pub(super) inode: (u64, u64),
    #[serde(skip)]
    pub(super) links: u64,
}

/// Every package that there is something of, a repository or files in the cache.
///
/// # Errors
/// When a folder cannot be read; and when there are files but not one repository, which is more
/// likely a mistake in where to look than a reason to remove them all.
pub fn to_sweep(places: &Places) -> Result<Vec<RepositoryId>, Error> {
    let repositories = repositories::repositories(places)?;
    let cached = repositories::cached_packages(places)?;
    if repositories.is_empty() && !cached.is_empty() {
        return Err(Error::NoRepositories {
            git: places.all_repositories().to_owned(),
            lookaside: places.all_lookaside().to_owned(),
        });
    }
    let all: BTreeSet<RepositoryId> = repositories.into_iter().chain(cached).collect();
    Ok(all.into_iter().collect())
}

impl Sweep {
    /// Sweeps one package.
    ///
    /// # Errors
    /// When the repository cannot be read, or may be elsewhere: then nothing of it is removed. When
    /// something cannot be removed or packed.
    pub fn package(&self, places: &Places, id: &RepositoryId) -> Result<Swept, Error> {
        let path = id.repository(places);
        let hold = match self.dry_run {
            true => Hold::Shared,
            false => Hold::Alone,
        };
        if let Some(repository) = Repository::open_present(&path, hold)? {
            return self.repository(places, id, &repository);
        }
        no_dangling(&path)?;
        let lock = match self.dry_run {
            true => None,
            false => Some(ProjectLock::alone(places, &id.owner, &id.project)?),
        };
        // It may have been made before the lock was held.
        if path.exists() {
            drop(lock);
            return self.package(places, id);
        }
        self.is_gone(places, id)?;
        let (removed, in_grace) = self.files(places, id, &BTreeSet::new())?;
        drop(lock);
        Ok(Swept {
            repository: id.clone(),
            orphan: true,
            removed,
            in_grace,
            packed: None,
        })
    }

    /// Fails where a package without a repository may have one after all, on a disk that is not
    /// mounted.
    fn is_gone(&self, places: &Places, id: &RepositoryId) -> Result<(), Error> {
        let lookaside = places.all_lookaside().join(&id.owner);
        if self.gone_owners
            || repositories::has_repository(places, &id.owner)?
            || cached::files(&id.lookaside(places))?.is_empty()
        {
            return Ok(());
        }
        let git = places.all_repositories().join(&id.owner);
        Err(Error::NoRepositoriesOfOwner { git, lookaside })
    }

    fn repository(
        &self,
        places: &Places,
        id: &RepositoryId,
        repository: &Repository,
    ) -> Result<Swept, Error> {
        let references = reach::references(repository, self.scope)?;
        let (removed, in_grace) = self.files(places, id, &references)?;
        let packed = match self.pack && !self.dry_run {
            true => pack::pack(repository)?,
            false => None,
        };
        Ok(Swept {
            repository: id.clone(),
            orphan: false,
            removed,
            in_grace,
            packed,
        })
    }

    /// Removes what is not referred to; and counts what stays for now.
    fn files(
        &self,
        places: &Places,
        id: &RepositoryId,
        references: &BTreeSet<SourceLine>,
    ) -> Result<(Vec<RemovedFile>, u64), Error> {
        let folder = id.lookaside(places);
        let (mut removed, mut in_grace) = (Vec::new(), 0);
        for file in unused(cached::files(&folder)?, references) {
            if file.is_younger_than(self.grace) {
                in_grace += 1;
                continue;
            }
            if !self.dry_run {
                fs::remove_file(&file.path).map_err(Error::io("remove", &file.path))?;
                remove_empty_folders(&file.path, &folder);
            }
            removed.push(RemovedFile {
                path: file.path,
                size_bytes: file.size,
                inode: file.inode,
                links: file.links,
            });
        }
        Ok((removed, in_grace))
    }
}

/// The files that no line of a `sources` names.
pub(super) fn unused(files: Vec<CachedFile>, references: &BTreeSet<SourceLine>) -> Vec<CachedFile> {
    let named = references.iter();
    let named: HashSet<(&str, &str)> = named.map(|it| (&*it.file, &*it.hash)).collect();
    let mut unused = files;
    unused.retain(|it| !named.contains(&(&it.file, &it.hash)));
    unused
}

/// Fails where a package's repository, its project or its owner is a link to nothing.
fn no_dangling(repository: &Path) -> Result<(), Error> {
    for level in repository.ancestors().take(3) {
        if fs::symlink_metadata(level).is_ok() && !level.exists() {
            return Err(Error::Dangling(level.to_owned()));
        }
    }
    Ok(())
}
