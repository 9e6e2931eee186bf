//! A package's bare repository, held under its lock.
//!
//! The lock is on the repository's folder itself, so it holds between threads and between
//! processes and leaves no file behind. A new repository is made aside and renamed into place:
//! nobody ever sees one without its first commit.

use super::leftovers::Mark;
use super::{Error, shared};
use crate::config::Identity;
use crate::import::root::Root;
use crate::model::{PackageName, Project};
use git2::{Oid, RepositoryInitMode, RepositoryInitOptions, Signature};
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The branch that a new repository's HEAD names.
const DEFAULT_BRANCH: &str = "main";

/// The message of the commit that every repository begins with.
const FIRST_MESSAGE: &str = "Initial setup of the repo";

/// An open repository; its lock is released when dropped.
pub struct Repository {
    pub(super) git: git2::Repository,
    pub(super) path: PathBuf,
    created: bool,
    /// Stands there while an import writes.
    _mark: Option<Mark>,
    _lock: File,
}

impl Repository {
    /// Opens the repository of a package, or makes it, and takes its lock. Waits for as long as
    /// another import of the same package holds it.
    ///
    /// # Errors
    /// When a folder cannot be read or made, or git cannot open what is there.
    pub fn open(
        root: &Root,
        project: &Project,
        package: &PackageName,
        identity: &Identity,
    ) -> Result<Self, Error> {
        let path = root.repository(project, package);
        let mut created = false;
        loop {
            match lock(&path, Hold::Alone) {
                Ok(Some(lock)) => {
                    let mark = Mark::set(&path).map_err(Error::io("write to", &path))?;
                    let repository = Self::locked(path, lock, created)?;
                    return Ok(Self {
                        _mark: Some(mark),
                        ..repository
                    });
                }
                Ok(None) => {}
                Err(error) if error.kind() == io::ErrorKind::NotFound => {
                    created = create(root, &path, identity)?;
                }
                Err(error) => return Err(Error::io("lock", &path)(error)),
            }
        }
    }

    /// Opens a repository that is there and takes its lock; nothing where there is none (any
    /// more).
    ///
    /// # Errors
    /// When it cannot be locked, or git cannot open what is there.
    pub(super) fn open_present(path: &Path, hold: Hold) -> Result<Option<Self>, Error> {
        let lock = lock_present(path, hold)?;
        let open = |lock| Self::locked(path.to_owned(), lock, false);
        lock.map(open).transpose()
    }

    fn locked(path: PathBuf, lock: File, created: bool) -> Result<Self, Error> {
        let git = git2::Repository::open_bare(&path);
        Ok(Self {
            git: git.map_err(Error::git("open the repository", &path))?,
            path,
            created,
            _mark: None,
            _lock: lock,
        })
    }

    /// Whether this import made it.
    pub(super) const fn is_new(&self) -> bool {
        self.created
    }

    /// Removes the repository if this import made it. Called under its lock when the import
    /// failed before any branch was moved.
    pub(super) fn discard_if_new(self) {
        if self.created {
            // Whoever waits for the lock finds that the folder is gone and begins anew.
            let _ = fs::remove_dir_all(&self.path);
        }
    }

    /// The commit that new branches start at: the one without parents that HEAD's history, or
    /// else that of all branches, goes back to; of several the oldest.
    pub(super) fn root_commit(&self) -> Result<Option<Oid>, git2::Error> {
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

/// How a lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// By nobody else: something is going to change.
    Alone,
    /// With others who only look, too.
    Shared,
}

/// Locks a folder. Nothing when it was replaced while we waited.
fn lock(path: &Path, hold: Hold) -> io::Result<Option<File>> {
    let dir = File::open(path)?;
    match hold {
        Hold::Alone => dir.lock()?,
        Hold::Shared => dir.lock_shared()?,
    }
    let (held, there) = (dir.metadata()?, fs::metadata(path)?);
    let same = (held.dev(), held.ino()) == (there.dev(), there.ino());
    Ok(same.then_some(dir))
}

/// Locks a folder; nothing where there is none (any more).
pub(super) fn lock_present(path: &Path, hold: Hold) -> Result<Option<File>, Error> {
    loop {
        match lock(path, hold) {
            Ok(Some(lock)) => return Ok(Some(lock)),
            Ok(None) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("lock", path)(error)),
        }
    }
}

/// Locks the folder of a project's repositories, which is made where it is missing. Who makes a
/// repository shares the lock; who must be sure that none is made holds it alone.
pub(super) fn lock_project(folder: &Path, hold: Hold) -> Result<File, Error> {
    loop {
        fs::create_dir_all(folder).map_err(Error::io("create", folder))?;
        match lock(folder, hold) {
            Ok(Some(lock)) => return Ok(lock),
            Ok(None) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(error) => return Err(Error::io("lock", folder)(error)),
        }
    }
}

/// Makes a repository with its first commit. Whether it was this call that made it: another
/// import may have been quicker.
fn create(root: &Root, path: &Path, identity: &Identity) -> Result<bool, Error> {
    let aside = root
        .temporary_repository()
        .map_err(Error::io("create a repository beside", path))?;
    initialise(aside.path(), identity).map_err(Error::git("create the repository", path))?;
    shared::share_all(aside.path()).map_err(Error::io("share", path))?;
    let parent = path
        .parent()
        .expect("a repository lies in its project's folder");
    let _project = lock_project(parent, Hold::Shared)?;
    match fs::rename(aside.path(), path) {
        Ok(()) => {
            let _ = aside.keep();
            Ok(true)
        }
        // Not empty: somebody else's.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists
            ) =>
        {
            Ok(false)
        }
        Err(error) => Err(Error::io("create", path)(error)),
    }
}

fn initialise(path: &Path, identity: &Identity) -> Result<(), git2::Error> {
    let mut options = RepositoryInitOptions::new();
    options
        .bare(true)
        .mkdir(false)
        .external_template(false)
        .mode(RepositoryInitMode::SHARED_GROUP)
        .initial_head(DEFAULT_BRANCH);
    let git = git2::Repository::init_opts(path, &options)?;
    let mut builder = git.treebuilder(None)?;
    builder.insert(".gitignore", git.blob(b"")?, git2::FileMode::Blob.into())?;
    let tree = git.find_tree(builder.write()?)?;
    let signature = Signature::now(&identity.name, &identity.email)?;
    let first = git.commit(None, &signature, &signature, FIRST_MESSAGE, &tree, &[])?;
    let branch = format!("refs/heads/{DEFAULT_BRANCH}");
    git.reference(&branch, first, false, "create")?;
    Ok(())
}
