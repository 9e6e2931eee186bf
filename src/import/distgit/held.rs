//! A package's repository under its lock: the one that is there, or one that is made.
//!
//! The lock is on the repository's folder itself, so it holds between threads and between
//! processes and leaves no file behind. A new repository is made aside and renamed into place:
//! nobody ever sees one without its first commit. Most of what an import does to a repository of
//! its own needs nothing that git would have to read; so git opens it only where that is needed.

use super::beginning::{
    Beginning, DEFAULT_BRANCH, First, PACKED_REFS, SHARED_FILE, packed_refs, put,
};
use super::cgit::{self, Added};
use super::keep::RepositoryId;
use super::leftovers::Mark;
use super::lock::{Hold, lock};
use super::{Error, ProjectLock};
use crate::import::root::{Root, make_folder};
use crate::model::{BranchName, PackageName, Project};
use crate::sync::StopToken;
use git2::Oid;
use rustix::fs::{AtFlags, renameat, unlinkat};
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// A repository whose lock is held until this is dropped.
pub(super) struct Held {
    path: PathBuf,
    made: Option<Made>,
    /// Removed before the lock is let go. None where the objects are there already: nothing is
    /// unfinished then but, for a moment, the lock file of a branch.
    _mark: Option<Mark>,
    /// Why it is not in the list for cgit, where it is new.
    unlisted: Option<Error>,
    folder: File,
}

/// What a repository has that this import made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Made {
    pub(super) first: First,
    /// The commit that came with it, to which no branch points yet.
    pub(super) tip: Option<Oid>,
}

impl Held {
    /// Takes the lock of a package's repository, which is made as `begin` says where it is
    /// missing. Waits while another import of the same package holds it. The project is held for
    /// as long as the answer lives.
    ///
    /// # Errors
    /// When a folder cannot be read or made; when the stop token was raised; those of `begin`.
    pub(super) fn take<'b>(
        root: &Root,
        project: &Project,
        _held: &ProjectLock,
        package: &PackageName,
        stop: &StopToken,
        mut begin: impl FnMut() -> Result<Beginning<'b>, Error>,
    ) -> Result<Self, Error> {
        let path = root.repository(project, package);
        loop {
            let held = match lock_present(&path, Hold::Alone, Some(stop))? {
                Some(folder) => Some((folder, None, None)),
                None => {
                    let beginning = begin()?;
                    let made = Made {
                        first: beginning.first,
                        tip: beginning.tip,
                    };
                    let id = RepositoryId::new(project, package);
                    let created = create(root, &id, &beginning, stop)?;
                    created.map(|(folder, unlisted)| (folder, Some(made), unlisted))
                }
            };
            if let Some((folder, made, unlisted)) = held {
                // What a killed import left in it goes first.
                let writes = made.is_none_or(|it: Made| it.tip.is_none());
                let mark = writes.then(|| Mark::set(&path)).transpose()?;
                return Ok(Self {
                    path,
                    made,
                    _mark: mark,
                    unlisted,
                    folder,
                });
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// What this import made, where it made the repository.
    pub(super) const fn made(&self) -> Option<&Made> {
        self.made.as_ref()
    }

    /// Why the repository is not in the list for cgit, if it is new and there is one. Once.
    pub(super) fn take_unlisted(&mut self) -> Option<Error> {
        self.unlisted.take()
    }

    /// Points a branch of a repository that this import made at a commit that is in it, if it
    /// still stands where that left it.
    ///
    /// # Errors
    /// When it does not, or the file system refuses.
    pub(super) fn point(&self, branch: &BranchName, at: Oid) -> Result<(), Error> {
        let name = format!("refs/heads/{branch}");
        let first = self.made.filter(|_| branch.as_str() == DEFAULT_BRANCH);
        let pointed = self.swap(&name, first.map(|it| it.first.commit), at);
        if pointed.map_err(Error::io("move a branch of", &self.path))? {
            return Ok(());
        }
        Err(Error::BranchMoved {
            path: self.path.clone(),
            branch: branch.to_string(),
        })
    }

    /// As git does it: a lock file takes the ref's place. Whether it stood where it should.
    fn swap(&self, name: &str, from: Option<Oid>, to: Oid) -> io::Result<bool> {
        let (folder, lock) = (&self.folder, format!("{name}.lock"));
        match put(folder, &lock, SHARED_FILE, format!("{to}\n").as_bytes()) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(false),
            Err(error) => {
                let _ = unlinkat(folder, &lock, AtFlags::empty());
                return Err(error);
            }
            Ok(()) => {}
        }
        // Whoever moves it by git's rules waits for the lock file.
        let is_loose = fs::symlink_metadata(self.path.join(name)).is_ok();
        let is_packed = |first| {
            let packed = fs::read(self.path.join(PACKED_REFS)).unwrap_or_default();
            packed == packed_refs(first).as_bytes()
        };
        let stands = !is_loose && from.is_none_or(is_packed);
        let swapped = match stands {
            true => renameat(folder, &lock, folder, name).map_err(io::Error::from),
            false => Ok(()),
        };
        if !stands || swapped.is_err() {
            let _ = unlinkat(folder, &lock, AtFlags::empty());
        }
        swapped.map(|()| stands)
    }

    /// Removes the repository if this import made it. Called under its lock when the import
    /// failed before any branch was moved.
    pub(super) fn discard_if_new(self, root: &Root, id: &RepositoryId) {
        if self.made.is_none() {
            return;
        }
        // Whoever waits for the lock finds that the folder is gone and begins anew.
        let remove = || drop(fs::remove_dir_all(&self.path));
        match root.cgit_list().filter(|_| self.unlisted.is_none()) {
            // A line of a repository that is not there does no harm.
            Some(list) => drop(cgit::remove(list, id, remove)),
            None => remove(),
        }
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

/// Makes a repository. The answer is its lock, and why it could not be listed for cgit; nothing
/// when another import was quicker.
fn create(
    root: &Root,
    id: &RepositoryId,
    beginning: &Beginning<'_>,
    stop: &StopToken,
) -> Result<Option<(File, Option<Error>)>, Error> {
    let path = &id.repository(root);
    let aside = root
        .temporary_repository()
        .map_err(Error::io("create a repository beside", path))?;
    let fill = || {
        let folder = File::open(aside.path())?;
        // Before anybody else can: who made it removes it when the import fails.
        folder.lock()?;
        beginning.write(&folder)?;
        Ok(folder)
    };
    let folder = fill().map_err(Error::io("write", aside.path()))?;
    let added = root.cgit_list().map(|it| Added::new(it, root, id, stop));
    let (added, unlisted) = match added.transpose() {
        Ok(added) => (added, None),
        Err(error @ Error::Stopped { .. }) => return Err(error),
        Err(error) => (None, Some(error)),
    };
    let placed = put_in_place(aside.path(), path);
    if let (Err(_), Some(added)) = (&placed, added) {
        added.undo();
    }
    match placed {
        Ok(()) => {
            let _ = aside.keep();
            Ok(Some((folder, unlisted)))
        }
        // Not empty: somebody else's, and listed by them.
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

fn put_in_place(aside: &Path, path: &Path) -> io::Result<()> {
    match fs::rename(aside, path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            make_folder(path.parent().unwrap_or(path))?;
            fs::rename(aside, path)
        }
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Identity;
    use crate::import::distgit::Part;
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

        fn id(&self) -> RepositoryId {
            RepositoryId::new(&self.project, &self.package)
        }

        fn create(&self) -> Option<File> {
            let (path, stop) = (self.path(), StopToken::default());
            let beginning = Beginning::of(&Identity::default(), &path).unwrap();
            let created = create(&self.root, &self.id(), &beginning, &stop).unwrap();
            created.map(|it| it.0)
        }

        fn take(&self, stop: &StopToken) -> Result<Held, Error> {
            let held = ProjectLock::share(&self.root, &self.project, Part::Repositories, stop)?;
            let path = self.path();
            let begin = || Beginning::of(&Identity::default(), &path);
            Held::take(&self.root, &self.project, &held, &self.package, stop, begin)
        }
    }

    #[test]
    fn a_new_one_is_held_before_anybody_sees_it() {
        let site = Site::new();
        let path = site.path();
        let held = site.create().unwrap();
        let other = File::open(&path).unwrap();
        other.try_lock().unwrap_err();
        // Who comes second did not make it, and so never removes it.
        assert!(site.create().is_none());
        drop(held);
        let second = site.take(&StopToken::default()).unwrap();
        assert_eq!(second.made(), None);
        second.discard_if_new(&site.root, &site.id());
        assert!(path.exists());
    }

    #[test]
    fn a_wait_ends_at_the_limit_or_with_a_new_one() {
        let site = Site::new();
        let stop = StopToken::default();
        let first = site.take(&stop).unwrap();
        assert!(first.made().is_some());
        let short = stop.with_limit(Duration::from_millis(5));
        let late = site.take(&short).err().unwrap();
        assert_eq!(late.code(), Code::Stopped);
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| site.take(&stop).unwrap().made().is_some());
            // It is gone when the one who waits gets it.
            first.discard_if_new(&site.root, &site.id());
            assert!(waiting.join().unwrap());
        });
    }
}
