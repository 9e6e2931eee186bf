//! New objects of one import: kept in memory until a branch is to point at them, then written at
//! once.
//!
//! What an unchanged import would bring is never written. A new repository gets one pack; where
//! objects are already, the few that an import brings are loose files, as git keeps a small push.
//! Every file is written aside, within `objects`, and renamed into place when it is whole.

use super::deflate::Deflate;
use super::{Error, Repository, pack_file, shared};
use git2::{ObjectType, OdbLookupFlags, Oid};
use std::collections::BTreeMap;
use std::fs::{self, OpenOptions, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

/// How a file of ours begins that is not whole yet.
const ASIDE: &str = "tmp_distmill_";
/// Permissions of an object, as git gives them: nobody changes it.
const OBJECT: u32 = 0o444;
/// Permissions of a folder that a group shares.
const SHARED_FOLDER: u32 = 0o2775;

/// What waits in memory at most, in bytes.
const MOST_WAITING: usize = 8 << 20;

/// An object that its repository does not hold yet.
pub(super) struct NewObject {
    pub(super) kind: ObjectType,
    pub(super) bytes: Vec<u8>,
}

/// How objects are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Form {
    /// All in one pack.
    Pack,
    /// A file each.
    Loose,
}

/// The new objects of one import into a repository whose lock is held.
pub(super) struct NewObjects<'a> {
    odb: git2::Odb<'a>,
    repository: &'a Repository,
    folder: PathBuf,
    form: Form,
    is_shared: bool,
    waiting: BTreeMap<Oid, NewObject>,
    waiting_bytes: usize,
    deflate: Deflate,
}

impl<'a> NewObjects<'a> {
    /// Nothing yet.
    pub(super) fn new(repository: &'a Repository) -> Result<Self, Error> {
        let odb = repository.git.odb();
        Ok(Self {
            odb: odb.map_err(Error::git("read objects of", &repository.path))?,
            repository,
            folder: repository.path.join("objects"),
            form: match repository.is_new() {
                true => Form::Pack,
                false => Form::Loose,
            },
            is_shared: shared::is_shared(repository),
            waiting: BTreeMap::new(),
            waiting_bytes: 0,
            deflate: Deflate::default(),
        })
    }

    /// The repository that they go to.
    pub(super) const fn repository(&self) -> &'a Repository {
        self.repository
    }

    /// Takes an object. The answer is its name.
    ///
    /// # Errors
    /// When too many wait and the file system refuses some.
    pub(super) fn add(&mut self, kind: ObjectType, bytes: Vec<u8>) -> Result<Oid, Error> {
        let id = Oid::hash_object(kind, &bytes);
        let id = id.map_err(Error::git("name an object of", &self.repository.path))?;
        // Nobody else writes here: what was there when the repository was opened is all there is.
        let known =
            self.waiting.contains_key(&id) || self.odb.exists_ext(id, OdbLookupFlags::NO_REFRESH);
        if !known {
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
        if let Some(object) = self.waiting.get(&id) {
            return Ok(object.bytes.clone());
        }
        let blob = self.repository.git.find_blob(id);
        let blob = blob.map_err(Error::git("read a file of", &self.repository.path))?;
        Ok(blob.content().to_vec())
    }

    /// Writes all that waits.
    ///
    /// # Errors
    /// When the file system refuses; nothing that was written is of any use then.
    pub(super) fn write(&mut self) -> Result<(), Error> {
        let objects = std::mem::take(&mut self.waiting);
        self.waiting_bytes = 0;
        let written = match self.form {
            _ if objects.is_empty() => return Ok(()),
            Form::Pack => self.write_pack(&objects),
            Form::Loose => objects
                .iter()
                .try_for_each(|(id, object)| self.write_loose(*id, object)),
        };
        // What may still follow is little.
        self.form = Form::Loose;
        written.map_err(Error::io("write objects to", &self.folder))
    }

    fn write_pack(&mut self, objects: &BTreeMap<Oid, NewObject>) -> io::Result<()> {
        write_pack(&self.folder, objects, &mut self.deflate)
    }

    fn write_loose(&mut self, id: Oid, object: &NewObject) -> io::Result<()> {
        let name = id.to_string();
        let (head, tail) = name.split_at(2);
        let folder = self.folder.join(head);
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
        keep(&self.folder, &folder.join(tail), &out)
    }
}

/// Writes all objects into one pack of the repository whose folder of objects this is.
pub(super) fn write_pack(
    folder: &Path,
    objects: &BTreeMap<Oid, NewObject>,
    deflate: &mut Deflate,
) -> io::Result<()> {
    let pack = pack_file::make(objects, deflate)?;
    let place = |ending: &str| folder.join(format!("pack/pack-{}.{ending}", pack.name));
    // The index comes last: with it the pack is seen.
    keep(folder, &place("pack"), &pack.bytes)?;
    keep(folder, &place("idx"), &pack.index)
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
