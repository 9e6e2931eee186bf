//! How a repository begins: its folders and files, and the commit that all of them start with.
//!
//! What `git init --bare --shared` makes, but for hooks and `info`; written straight, in a folder
//! that nobody sees yet. Objects are one pack: those of the first commit, and what an import
//! brings with them. The first branch is in `packed-refs`: when it moves, a file comes and none
//! goes, which file systems do faster.

use super::commit_object::{self, TreeEntries};
use super::deflate::Deflate;
use super::objects::{NewObjects, OBJECT};
use super::{Error, pack_file};
use crate::config::Identity;
use git2::{FileMode, ObjectType, Oid, Signature};
use rustix::fs::{AtFlags, Mode, OFlags, chmodat, mkdirat, openat};
use std::fs::{File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

/// The branch that HEAD names.
pub(super) const DEFAULT_BRANCH: &str = "main";
/// The message of the first commit.
const FIRST_MESSAGE: &str = "Initial setup of the repo";

/// Each after those that it is in.
const FOLDERS: [&str; 6] = [
    "objects",
    "objects/info",
    "objects/pack",
    "refs",
    "refs/heads",
    "refs/tags",
];

const FILES: [(&str, &str); 3] = [
    ("HEAD", "ref: refs/heads/main\n"),
    (
        "config",
        "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n\
         \tsharedrepository = 1\n[receive]\n\tdenyNonFastforwards = true\n",
    ),
    (
        "description",
        "Unnamed repository; edit this file 'description' to name the repository.\n",
    ),
];

pub(super) const PACKED_REFS: &str = "packed-refs";

/// Permissions of folders and files that a group shares.
const SHARED_FOLDER: u32 = 0o2775;
pub(super) const SHARED_FILE: u32 = 0o664;

/// A repository that is to be made.
pub(super) struct Beginning<'a> {
    /// All that goes into its pack.
    pub(super) objects: NewObjects<'a>,
    pub(super) first: First,
    /// The commit of an import that is in the pack, too.
    pub(super) tip: Option<Oid>,
}

/// The commit that a repository begins with.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct First {
    pub(super) commit: Oid,
    /// Its tree: an empty `.gitignore`.
    pub(super) tree: Oid,
    /// The empty file.
    pub(super) gitignore: Oid,
}

impl<'a> Beginning<'a> {
    /// The first commit alone, made now, of the repository that will be at `path`.
    ///
    /// # Errors
    /// When the identity is none that git takes.
    pub(super) fn of(identity: &Identity, path: &'a Path) -> Result<Self, Error> {
        let mut objects = NewObjects::aside(path);
        let gitignore = objects.add(ObjectType::Blob, Vec::new())?;
        let mut entries = TreeEntries::default();
        entries.insert(b".gitignore", gitignore, FileMode::Blob.into());
        let tree = objects.add(ObjectType::Tree, entries.render())?;
        let who = Signature::now(&identity.name, &identity.email);
        let who = who.map_err(Error::git("create the repository", path))?;
        let bytes = commit_object::commit(tree, None, &who, &who, FIRST_MESSAGE);
        let commit = objects.add(ObjectType::Commit, bytes)?;
        Ok(Self {
            objects,
            first: First {
                commit,
                tree,
                gitignore,
            },
            tip: None,
        })
    }

    /// Fills an empty folder.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn write(&self, folder: &File) -> io::Result<()> {
        for path in FOLDERS {
            mkdirat(folder, path, Mode::from_raw_mode(SHARED_FOLDER))?;
            chmodat(
                folder,
                path,
                Mode::from_raw_mode(SHARED_FOLDER),
                AtFlags::empty(),
            )?;
        }
        for (path, text) in FILES {
            put(folder, path, SHARED_FILE, text.as_bytes())?;
        }
        let pack = pack_file::make(self.objects.waiting(), &mut Deflate::default())?;
        for (ending, bytes) in [("pack", &pack.bytes), ("idx", &pack.index)] {
            let path = format!("objects/pack/pack-{}.{ending}", pack.name);
            put(folder, &path, OBJECT, bytes)?;
        }
        let text = packed_refs(self.first.commit);
        put(folder, PACKED_REFS, SHARED_FILE, text.as_bytes())?;
        folder.set_permissions(Permissions::from_mode(SHARED_FOLDER))
    }
}

/// What is in `packed-refs` of a new repository.
pub(super) fn packed_refs(first: Oid) -> String {
    format!("# pack-refs with: peeled fully-peeled sorted \n{first} refs/heads/{DEFAULT_BRANCH}\n")
}

/// Writes a new file below a folder, with these permissions whatever the umask.
pub(super) fn put(folder: &File, path: &str, mode: u32, bytes: &[u8]) -> io::Result<()> {
    let how = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::CLOEXEC;
    let mut file = File::from(openat(folder, path, how, Mode::from_raw_mode(mode))?);
    file.write_all(bytes)?;
    file.set_permissions(Permissions::from_mode(mode))
}
