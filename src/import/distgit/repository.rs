//! A package's bare repository, opened by git.

use super::Error;
use super::held::{Held, lock_present};
use super::lock::Hold;
use git2::Oid;
use std::fs::File;
use std::path::{Path, PathBuf};

/// An open repository. Somebody holds its lock for as long as it lives.
pub struct Repository {
    pub(super) git: git2::Repository,
    pub(super) path: PathBuf,
    /// Its first commit, if this import made it.
    created: Option<Oid>,
    /// None where the caller holds the lock.
    _lock: Option<File>,
}

impl Repository {
    /// Opens what the caller holds.
    ///
    /// # Errors
    /// When git cannot open what is there.
    pub(super) fn of(held: &Held) -> Result<Self, Error> {
        let created = held.made().map(|it| it.first.commit);
        Self::open(held.path(), created, None)
    }

    /// Opens a repository that is there and takes its lock; nothing where there is none (any
    /// more).
    ///
    /// # Errors
    /// When it cannot be locked, or git cannot open what is there.
    pub(super) fn open_present(path: &Path, hold: Hold) -> Result<Option<Self>, Error> {
        let lock = lock_present(path, hold, None)?;
        let open = |lock| Self::open(path, None, Some(lock));
        lock.map(open).transpose()
    }

    fn open(path: &Path, created: Option<Oid>, lock: Option<File>) -> Result<Self, Error> {
        let open = || {
            let git = git2::Repository::open_bare(path)?;
            // What a user has set for himself is not for everybody's packages.
            git.set_config(&git2::Config::open(&path.join("config"))?)?;
            Ok(git)
        };
        Ok(Self {
            git: open().map_err(Error::git("open the repository", path))?,
            path: path.to_owned(),
            created,
            _lock: lock,
        })
    }

    /// Whether this import made it.
    pub(super) const fn is_new(&self) -> bool {
        self.created.is_some()
    }

    /// The commit that new branches start at: the one without parents that HEAD's history, or
    /// else that of all branches, goes back to; of several the oldest.
    pub(super) fn root_commit(&self) -> Result<Option<Oid>, git2::Error> {
        if self.created.is_some() {
            return Ok(self.created);
        }
        let mut walk = self.git.revwalk()?;
        if walk.push_head().is_err() {
            walk.push_glob("refs/heads/*")?;
        }
        let mut oldest: Option<(i64, Oid)> = None;
        for id in walk {
            let commit = self.git.find_commit(id?)?;
            let time = commit.time().seconds();
            if commit.parent_count() == 0 && oldest.is_none_or(|it| time <= it.0) {
                oldest = Some((time, commit.id()));
            }
        }
        Ok(oldest.map(|it| it.1))
    }
}
