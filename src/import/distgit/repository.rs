//! A package's bare repository, held under its lock.
//!
//! The lock is on the repository's folder itself, so it holds between threads and between
//! processes and leaves no file behind. A new repository is made aside and renamed into place:
//! nobody ever sees one without its first commit.

use super::commit_object::{self, TreeEntries};
use super::deflate::Deflate;
use super::leftovers::Mark;
use super::lock::{Hold, lock};
use super::objects::{NewObject, write_pack};
use super::{Error, ProjectLock, blank};
use crate::config::Identity;
use crate::import::root::{Root, make_folder};
use crate::model::{PackageName, Project};
use crate::sync::StopToken;
use git2::{ObjectType, Oid, RepositoryInitMode, RepositoryInitOptions, Signature};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// The branch that a new repository's HEAD names.
const DEFAULT_BRANCH: &str = "main";

/// The message of the commit that every repository begins with.
const FIRST_MESSAGE: &str = "Initial setup of the repo";

/// An open repository; its lock is released when dropped.
pub struct Repository {
    pub(super) git: git2::Repository,
    pub(super) path: PathBuf,
    /// Its first commit, if this import made it.
    created: Option<Oid>,
    /// None where nothing is written.
    _mark: Option<Mark>,
    _lock: File,
}

impl Repository {
    /// Opens the repository of a package, or makes it, and takes its lock. Waits while another
    /// import of the same package holds it. The project is held for as long as the answer lives.
    ///
    /// # Errors
    /// When a folder cannot be read or made, or git cannot open what is there; when the stop
    /// token was raised.
    pub fn open(
        root: &Root,
        project: &Project,
        _held: &ProjectLock,
        package: &PackageName,
        identity: &Identity,
        stop: &StopToken,
    ) -> Result<Self, Error> {
        let path = root.repository(project, package);
        loop {
            if let Some(lock) = lock_present(&path, Hold::Alone, Some(stop))? {
                return Self::to_write(path, lock, false);
            }
            if let Some(lock) = create(root, &path, identity)? {
                return Self::to_write(path, lock, true);
            }
        }
    }

    /// Opens a repository that is there and takes its lock; nothing where there is none (any
    /// more).
    ///
    /// # Errors
    /// When it cannot be locked, or git cannot open what is there.
    pub(super) fn open_present(path: &Path, hold: Hold) -> Result<Option<Self>, Error> {
        let lock = lock_present(path, hold, None)?;
        let open = |lock| Self::locked(path.to_owned(), lock, None, false);
        lock.map(open).transpose()
    }

    /// Removes first what a killed import left in it.
    fn to_write(path: PathBuf, lock: File, created: bool) -> Result<Self, Error> {
        let mark = Mark::set(&path).map_err(Error::io("write to", &path))?;
        Self::locked(path, lock, Some(mark), created)
    }

    fn locked(path: PathBuf, lock: File, mark: Option<Mark>, created: bool) -> Result<Self, Error> {
        let open = || {
            let git = git2::Repository::open_bare(&path)?;
            // What a user has set for himself is not for everybody's packages.
            git.set_config(&git2::Config::open(&path.join("config"))?)?;
            let first = || git.refname_to_id(&format!("refs/heads/{DEFAULT_BRANCH}"));
            let first = created.then(first).transpose()?;
            Ok((git, first))
        };
        let opened = open();
        let (git, created) = opened.map_err(Error::git("open the repository", &path))?;
        Ok(Self {
            git,
            path,
            created,
            _mark: mark,
            _lock: lock,
        })
    }

    /// Whether this import made it.
    pub(super) const fn is_new(&self) -> bool {
        self.created.is_some()
    }

    /// Removes the repository if this import made it. Called under its lock when the import
    /// failed before any branch was moved.
    pub(super) fn discard_if_new(self) {
        if self.is_new() {
            // Whoever waits for the lock finds that the folder is gone and begins anew.
            let _ = fs::remove_dir_all(&self.path);
        }
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

/// Locks a folder; nothing where there is none (any more).
pub(super) fn lock_present(
    path: &Path,
    hold: Hold,
    stop: Option<&StopToken>,
) -> Result<Option<File>, Error> {
    loop {
        match File::open(path) {
            Ok(folder) if lock(&folder, path, hold, stop)? => return Ok(Some(folder)),
            Ok(_) => {}
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Error::io("lock", path)(error)),
        }
    }
}

/// Makes a repository with its first commit. The answer is its lock; nothing when another import
/// was quicker.
fn create(root: &Root, path: &Path, identity: &Identity) -> Result<Option<File>, Error> {
    let aside = root
        .temporary_repository()
        .map_err(Error::io("create a repository beside", path))?;
    blank::fill(aside.path(), identity, |folder| {
        initialise(folder, identity)
    })?;
    let parent = path
        .parent()
        .expect("a repository lies in its project's folder");
    make_folder(parent).map_err(Error::io("create", parent))?;
    // Before anybody else can: who made it removes it when the import fails.
    let lock = File::open(aside.path()).and_then(|it| it.lock().map(|()| it));
    let lock = lock.map_err(Error::io("lock", path))?;
    match fs::rename(aside.path(), path) {
        Ok(()) => {
            let _ = aside.keep();
            Ok(Some(lock))
        }
        // Not empty: somebody else's.
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::DirectoryNotEmpty | io::ErrorKind::AlreadyExists
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(Error::io("create", path)(error)),
    }
}

fn initialise(path: &Path, identity: &Identity) -> Result<(), Error> {
    let failed = || Error::git("create the repository", path);
    let mut options = RepositoryInitOptions::new();
    options
        .bare(true)
        .mkdir(false)
        .external_template(false)
        .mode(RepositoryInitMode::SHARED_GROUP)
        .initial_head(DEFAULT_BRANCH);
    let git = git2::Repository::init_opts(path, &options).map_err(failed())?;
    for samples in ["hooks", "info"] {
        fs::remove_dir_all(path.join(samples)).map_err(Error::io("tidy", path))?;
    }
    let signature = Signature::now(&identity.name, &identity.email).map_err(failed())?;
    let mut objects = BTreeMap::new();
    let mut add = |kind, bytes: Vec<u8>| {
        let id = Oid::hash_object(kind, &bytes)?;
        objects.insert(id, NewObject { kind, bytes });
        Ok::<_, git2::Error>(id)
    };
    let mut first = || {
        let mut entries = TreeEntries::default();
        let empty = add(ObjectType::Blob, Vec::new())?;
        entries.insert(b".gitignore", empty, git2::FileMode::Blob.into());
        let tree = add(ObjectType::Tree, entries.render())?;
        let bytes = commit_object::commit(tree, None, &signature, &signature, FIRST_MESSAGE);
        add(ObjectType::Commit, bytes)
    };
    let first = first().map_err(failed())?;
    let written = write_pack(&path.join("objects"), &objects, &mut Deflate::default());
    written.map_err(Error::io("write objects to", path))?;
    let branch = format!("refs/heads/{DEFAULT_BRANCH}");
    let made = git.reference(&branch, first, false, "create");
    made.map(drop).map_err(failed())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Code;
    use std::time::Duration;
    use tempfile::TempDir;

    struct Site {
        _dir: TempDir,
        root: Root,
        project: Project,
        package: PackageName,
    }

    impl Site {
        fn new() -> Self {
            let dir = TempDir::new().unwrap();
            Self {
                root: Root::open(dir.path()).unwrap(),
                project: Project::parse("o/p").unwrap(),
                package: PackageName::new("hello").unwrap(),
                _dir: dir,
            }
        }

        fn path(&self) -> PathBuf {
            self.root.repository(&self.project, &self.package)
        }

        fn open(&self, stop: &StopToken) -> Result<Repository, Error> {
            let held = ProjectLock::share(&self.root, &self.project, stop)?;
            let identity = Identity::default();
            Repository::open(
                &self.root,
                &self.project,
                &held,
                &self.package,
                &identity,
                stop,
            )
        }
    }

    #[test]
    fn a_new_one_is_held_before_anybody_sees_it() {
        let site = Site::new();
        let (path, identity) = (site.path(), Identity::default());
        let held = create(&site.root, &path, &identity).unwrap().unwrap();
        let other = File::open(&path).unwrap();
        other.try_lock().unwrap_err();
        // Who comes second did not make it, and so never removes it.
        assert!(create(&site.root, &path, &identity).unwrap().is_none());
        drop(held);
        let second = site.open(&StopToken::default()).unwrap();
        assert!(!second.is_new());
        second.discard_if_new();
        assert!(path.exists());
    }

    #[test]
    fn a_wait_ends_at_the_limit_or_with_a_new_one() {
        let site = Site::new();
        let stop = StopToken::default();
        let first = site.open(&stop).unwrap();
        assert!(first.is_new());
        let short = stop.with_limit(Duration::from_millis(5));
        let late = site.open(&short).err().unwrap();
        assert_eq!(late.code(), Code::Stopped);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| site.open(&stop).unwrap().is_new());
            // It is gone when the one who waits gets it.
            first.discard_if_new();
            assert!(waiting.join().unwrap());
        });
    }
}
