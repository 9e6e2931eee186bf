//! New objects of one import: kept in memory until a branch is to point at them, then written at
//! once.
//!
//! What an unchanged import would bring is never written. Those of a repository that is only to be
//! made go into its one pack; where objects are already, the few that an import brings are loose
//! files, as git keeps a small push, written aside, within `objects`, and renamed into place when
//! they are whole.

use super::deflate::Deflate;
use super::{Error, Repository, shared};
use git2::{ObjectType, OdbLookupFlags, Oid};
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::rc::Rc;

/// How a file of ours begins that is not whole yet.
const ASIDE: &str = "tmp_distmill_";
/// Permissions of an object, as git gives them: nobody changes it.
pub(super) const OBJECT: u32 = 0o444;
/// Permissions of a folder that a group shares.
const SHARED_FOLDER: u32 = 0o2775;

/// What waits in memory at most, in bytes.
const MOST_WAITING: usize = 8 << 20;

/// An object that its repository does not hold yet.
pub(super) struct NewObject {
    pub(super) kind: ObjectType,
    pub(super) bytes: Rc<Vec<u8>>,
}

/// The new objects of one import.
pub(super) struct NewObjects<'a> {
    /// The repository's path.
    path: &'a Path,
    present: Option<Present<'a>>,
    waiting: BTreeMap<Oid, NewObject>,
    waiting_bytes: usize,
}

/// A repository that is there, whose lock is held.
struct Present<'a> {
    repository: &'a Repository,
    odb: git2::Odb<'a>,
    is_shared: bool,
    deflate: Deflate,
}

impl<'a> NewObjects<'a> {
    /// Nothing yet, for a repository that is there.
    pub(super) fn new(repository: &'a Repository) -> Result<Self, Error> {
        let path = &repository.path;
        let odb = repository.git.odb();
        let present = Present {
            odb: odb.map_err(Error::git("read objects of", path))?,
            repository,
            is_shared: shared::is_shared(repository),
            deflate: Deflate::default(),
        };
        Ok(Self {
            present: Some(present),
            ..Self::aside(path)
        })
    }

    /// Nothing yet, for a repository that is not there. Its objects wait until somebody takes
    /// them, however many they are.
    pub(super) const fn aside(path: &'a Path) -> Self {
        Self {
            path,
            present: None,
            waiting: BTreeMap::new(),
            waiting_bytes: 0,
        }
    }

    /// The repository that they go to, where it is there.
    pub(super) fn repository(&self) -> Option<&'a Repository> {
        self.present.as_ref().map(|it| it.repository)
    }

    /// The repository's path.
    pub(super) const fn path(&self) -> &'a Path {
        self.path
    }

    /// Those that wait.
    pub(super) const fn waiting(&self) -> &BTreeMap<Oid, NewObject> {
        &self.waiting
    }

    /// Takes an object. The answer is its name.
    ///
    /// # Errors
    /// When too many wait and the file system refuses some.
    pub(super) fn add(
        &mut self,
        kind: ObjectType,
        bytes: impl Into<Rc<Vec<u8>>>,
    ) -> Result<Oid, Error> {
        let bytes = bytes.into();
        let id = Oid::hash_object(kind, &bytes);
        let id = id.map_err(Error::git("name an object of", self.path))?;
        // Nobody else writes here: what was there when the repository was opened is all there is.
        let is_there = |it: &Present<'_>| it.odb.exists_ext(id, OdbLookupFlags::NO_REFRESH);
        if !self.waiting.contains_key(&id) && !self.present.as_ref().is_some_and(is_there) {
            self.waiting_bytes += bytes.len();
            self.waiting.insert(id, NewObject { kind, bytes });
        }
        if self.waiting_bytes > MOST_WAITING {
            self.write()?;
        }
        Ok(id)
    }

    /// The bytes of a blob, whether it waits or is there.
    ///
    /// # Errors
    /// When git cannot read it.
    pub(super) fn blob(&self, id: Oid) -> Result<Vec<u8>, Error> {
        let present = self.present.as_ref();
        match (self.waiting.get(&id), present) {
            (Some(object), _) => Ok(object.bytes.to_vec()),
            (None, Some(present)) => {
                let blob = present.repository.git.find_blob(id);
                let blob = blob.map_err(Error::git("read a file of", self.path))?;
                Ok(blob.content().to_vec())
            }
            (None, None) => {
                let unknown = git2::Error::from_str("an object that was not added");
                Err(Error::git("read a file of", self.path)(unknown))
            }
        }
    }

    /// Writes all that waits into the repository, where it is there.
    ///
    /// # Errors
    /// When the file system refuses; nothing that was written is of any use then.
    pub(super) fn write(&mut self) -> Result<(), Error> {
        let Some(present) = &mut self.present else {
            return Ok(());
        };
        self.waiting_bytes = 0;
        let folder = self.path.join("objects");
        let mut objects = std::mem::take(&mut self.waiting).into_iter();
        let written = objects.try_for_each(|(id, object)| present.write(&folder, id, &object));
        written.map_err(Error::io("write objects to", &folder))
    }
}

impl Present<'_> {
    fn write(&mut self, objects: &Path, id: Oid, object: &NewObject) -> io::Result<()> {
        let name = id.to_string();
        let (head, tail) = name.split_at(2);
        let folder = objects.join(head);
        match fs::create_dir(&folder) {
            Ok(()) if self.is_shared => {
                fs::set_permissions(&folder, Permissions::from_mode(SHARED_FOLDER))?;
            }
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => return Err(error),
            Ok(()) | Err(_) => {}
        }
        let head = format!("{} {}\0", object.kind.str(), object.bytes.len());
        let mut out = Vec::new();
        let parts = [head.as_bytes(), &object.bytes];
        self.deflate.append(&parts, &mut out)?;
        keep(objects, &folder.join(tail), &out)
    }
}

fn keep(folder: &Path, place: &Path, bytes: &[u8]) -> io::Result<()> {
    let name = place.file_name().unwrap_or_default().to_string_lossy();
    let aside = folder.join(format!("{ASIDE}{name}"));
    let mut options = OpenOptions::new();
    let mut file = options
        .write(true)
        .create_new(true)
        .mode(OBJECT)
        .open(&aside)?;
    let kept = file
        .write_all(bytes)
        .and_then(|()| fs::rename(&aside, place));
    kept.inspect_err(|_| {
        let _ = fs::remove_file(&aside);
    })
}
