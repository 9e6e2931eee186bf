//! New objects of one import: kept in memory until a branch is to point at them, then written at
//! once.
//!
//! What an unchanged import would bring is never written. Those of a repository that is only to be
//! made go into its one pack; where objects are already, the few that an import brings are loose
//! files, as git keeps a small push, written aside, within `objects`, and renamed into place when
//! they are whole.

use super::deflate::Deflate;
use super::{Error, Repository, shared};
use crate::sync::{StopToken, Stoppable};
use flate2::Compression;
use flate2::write::ZlibEncoder;
use git2::{ObjectType, OdbLookupFlags, Oid};
use sha1::{Digest as _, Sha1};
use std::collections::BTreeMap;
use std::fs::{self, File, OpenOptions, Permissions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::Path;
use std::rc::Rc;

/// How a file of ours begins that is not whole yet.
pub(super) const ASIDE: &str = "tmp_distmill_";
/// Permissions of an object, as git gives them: nobody changes it.
pub(super) const OBJECT: u32 = 0o444;
/// Permissions of a folder that a group shares.
const SHARED_FOLDER: u32 = 0o2775;

/// More often than git takes a folder away in the moment between two.
const TRIES: usize = 1000;

/// Bytes of a large file that are read at once.
const BUFFER: usize = 64 << 10;

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

    /// Takes a file that is too large to wait in memory: it is named first, then written, unless
    /// it is there. The answer is its name.
    ///
    /// # Errors
    /// When it cannot be read, the file system refuses, or the stop token is raised.
    pub(super) fn add_file(&mut self, file: &mut File, stop: &StopToken) -> Result<Oid, Error> {
        let folder = self.path.join("objects");
        let taken = self.take_file(file, &folder, stop);
        taken.map_err(|error| match stop.is_stopped() {
            true => Error::stopped("wrote to", &folder),
            false => Error::io("write objects to", &folder)(error),
        })
    }

    fn take_file(&self, file: &mut File, folder: &Path, stop: &StopToken) -> io::Result<Oid> {
        let head = head(ObjectType::Blob, file.metadata()?.len());
        let mut digest = Sha1::new_with_prefix(&head);
        copy(file, stop, |bytes| {
            digest.update(bytes);
            Ok(())
        })?;
        let id = Oid::from_bytes(&digest.finalize()).map_err(io::Error::other)?;
        let present = self.present.as_ref();
        let present = present.ok_or(io::ErrorKind::Unsupported)?;
        if present.odb.exists_ext(id, OdbLookupFlags::NO_REFRESH) {
            return Ok(id);
        }
        present.keep(folder, id, |aside| {
            let mut out = ZlibEncoder::new(aside, Compression::fast());
            out.write_all(head.as_bytes())?;
            copy(file, stop, |bytes| out.write_all(bytes))?;
            out.finish().map(drop)
        })?;
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
        let head = head(object.kind, object.bytes.len() as u64);
        let mut out = Vec::new();
        let parts = [head.as_bytes(), &object.bytes];
        self.deflate.append(&parts, &mut out)?;
        self.keep(objects, id, |file| file.write_all(&out))
    }

    /// Makes a file of an object as `fill` says, aside, and moves it into its place.
    fn keep(
        &self,
        objects: &Path,
        id: Oid,
        fill: impl FnOnce(&mut File) -> io::Result<()>,
    ) -> io::Result<()> {
        let name = id.to_string();
        let (head, tail) = name.split_at(2);
        let aside = objects.join(format!("{ASIDE}{name}"));
        let mut options = OpenOptions::new();
        let mut file = options
            .write(true)
            .create_new(true)
            .mode(OBJECT)
            .open(&aside)?;
        let kept = fill(&mut file).and_then(|()| self.place(&aside, &objects.join(head), tail));
        kept.inspect_err(|_| {
            let _ = fs::remove_file(&aside);
        })
    }

    fn place(&self, aside: &Path, folder: &Path, name: &str) -> io::Result<()> {
        for _ in 1..TRIES {
            self.make(folder)?;
            match fs::rename(aside, folder.join(name)) {
                // git takes away folders that are empty, also in this moment.
                Err(error) if error.kind() == io::ErrorKind::NotFound => {}
                other => return other,
            }
        }
        self.make(folder)?;
        fs::rename(aside, folder.join(name))
    }

    fn make(&self, folder: &Path) -> io::Result<()> {
        match fs::create_dir(folder) {
            Ok(()) if self.is_shared => {
                // Gone already is made again.
                match fs::set_permissions(folder, Permissions::from_mode(SHARED_FOLDER)) {
                    Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
                    other => other,
                }
            }
            Err(error) if error.kind() != io::ErrorKind::AlreadyExists => Err(error),
            Ok(()) | Err(_) => Ok(()),
        }
    }
}

/// What stands before the bytes of an object.
fn head(kind: ObjectType, size: u64) -> String {
    format!("{} {size}\0", kind.str())
}

/// Passes a file's bytes on, to its end.
fn copy(
    file: &mut File,
    stop: &StopToken,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    file.seek(SeekFrom::Start(0))?;
    let mut bytes = Stoppable::new(file, stop);
    let mut buffer = vec![0; BUFFER];
    loop {
        match bytes.read(&mut buffer)? {
            0 => return Ok(()),
            n => take(&buffer[..n])?,
        }
    }
}
