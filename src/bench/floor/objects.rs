//! A bare repository with two commits, its objects loose.

use flate2::Compression;
use flate2::write::ZlibEncoder;
use sha1::{Digest, Sha1};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

/// The folders of a new repository.
const FOLDERS: [&str; 5] = [
    "refs/heads",
    "refs/tags",
    "objects/info",
    "objects/pack",
    "info",
];

/// The name of an object.
pub(super) type Id = [u8; 20];

/// A repository that is being written.
pub(super) struct Objects {
    git: PathBuf,
    /// The entries of the tree, in the order of their names.
    tree: Vec<(String, Id)>,
}

impl Objects {
    /// Makes the repository.
    pub(super) fn begin(git: PathBuf) -> io::Result<Self> {
        for folder in FOLDERS {
            fs::create_dir_all(git.join(folder))?;
        }
        fs::write(git.join("HEAD"), "ref: refs/heads/main\n")?;
        fs::write(git.join("config"), "[core]\n\tbare = true\n")?;
        let tree = Vec::new();
        Ok(Self { git, tree })
    }

    /// Puts a file into the tree.
    pub(super) fn add(&mut self, name: &str, content: &[u8]) -> io::Result<()> {
        let id = object(&self.git, "blob", content)?;
        self.tree.push((name.to_owned(), id));
        Ok(())
    }

    /// Writes the commit that all begin with, that of the tree, and the branch.
    pub(super) fn commit(mut self) -> io::Result<()> {
        let empty = object(&self.git, "blob", b"")?;
        let first = tree(&self.git, &[(".gitignore".to_owned(), empty)])?;
        let parent = commit(&self.git, first, "")?;
        self.tree.sort();
        let whole = tree(&self.git, &self.tree)?;
        let tip = commit(&self.git, whole, &format!("parent {}\n", hex(&parent)))?;
        let branch = self.git.join("refs/heads/main");
        fs::write(branch, format!("{}\n", hex(&tip)))
    }
}

fn tree(git: &Path, entries: &[(String, Id)]) -> io::Result<Id> {
    let mut out = Vec::new();
    for (name, id) in entries {
        out.extend_from_slice(format!("100644 {name}\0").as_bytes());
        out.extend_from_slice(id);
    }
    object(git, "tree", &out)
}

fn commit(git: &Path, tree: Id, parent: &str) -> io::Result<Id> {
    let who = "distmill <distmill@localhost> 1700000000 +0000";
    let text = format!(
        "tree {}\n{parent}author {who}\ncommitter {who}\n\nautomatic import\n",
        hex(&tree)
    );
    object(git, "commit", text.as_bytes())
}

fn object(git: &Path, kind: &str, content: &[u8]) -> io::Result<Id> {
    let head = format!("{kind} {}\0", content.len());
    let mut sha = Sha1::new();
    sha.update(&head);
    sha.update(content);
    let id: Id = sha.finalize().into();
    let name = hex(&id);
    let folder = git.join("objects").join(&name[..2]);
    fs::create_dir_all(&folder)?;
    let file = File::create(folder.join(&name[2..]))?;
    let mut out = ZlibEncoder::new(file, Compression::fast());
    out.write_all(head.as_bytes())?;
    out.write_all(content)?;
    out.finish()?;
    Ok(id)
}

/// Lower-case hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
