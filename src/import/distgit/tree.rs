//! From the files of a source package and a branch's present tree to the next tree.
//!
//! The tree becomes the package's text files, with `sources` and `.gitignore` for the others.
//! What only dist-git knows stays: `.gitignore`, and the reserved names that packagers keep
//! beside the package.

use super::commit_object::TreeEntries;
use super::objects::NewObjects;
use super::{Error, Repository, gitignore};
use git2::{FileMode, ObjectType, Oid, Tree};
use std::collections::BTreeMap;

/// Files that stay although the source package lacks them, by their whole path.
const RESERVED: [&str; 4] = ["README.md", "gating.yaml", "changelog", ".gitignore"];

/// Folders whose files stay.
const RESERVED_FOLDERS: [&str; 2] = ["tests", ".fmf"];

/// Endings of further files that stay, at whatever depth.
const RESERVED_ENDINGS: [&str; 2] = [".rpmlintrc", ".fmf"];

const SOURCES: &str = "sources";
const GITIGNORE: &str = ".gitignore";

/// What every branch's tree is made of, with all blobs among the new objects.
#[derive(Debug, Default)]
pub(super) struct Content {
    /// Text files by name.
    pub(super) blobs: BTreeMap<String, (Oid, FileMode)>,
    /// Names of the files in the lookaside cache.
    pub(super) uploaded: Vec<String>,
    /// The text of `sources`.
    pub(super) sources: String,
}

/// Whether a file at the top of the tree stays, and so a file below by its ending.
fn is_reserved(name: &str, at_top: bool) -> bool {
    at_top && RESERVED.contains(&name) || RESERVED_ENDINGS.iter().any(|it| name.ends_with(it))
}

/// What an import begins from.
#[derive(Clone, Copy)]
pub(super) enum Base<'a> {
    Nothing,
    /// The tree of a first commit of ours: this empty `.gitignore`.
    First(Oid),
    Tree(&'a Repository, &'a Tree<'a>),
}

impl Base<'_> {
    fn file(&self, name: &str) -> Option<Oid> {
        match self {
            Self::First(id) if name == GITIGNORE => Some(*id),
            Self::Tree(_, tree) => tree.get_name(name).map(|it| it.id()),
            Self::Nothing | Self::First(_) => None,
        }
    }
}

/// Adds the tree that follows `base` with `content` to the new objects.
pub(super) fn write(
    objects: &mut NewObjects<'_>,
    base: Base<'_>,
    content: &Content,
) -> Result<Oid, Error> {
    let mut entries = TreeEntries::default();
    match base {
        Base::Nothing => {}
        Base::First(id) => entries.insert(GITIGNORE.as_bytes(), id, FileMode::Blob.into()),
        Base::Tree(repository, tree) => {
            keep_reserved(objects, repository, tree, true, &mut entries)?;
        }
    }
    for (name, (blob, mode)) in &content.blobs {
        entries.insert(name.as_bytes(), *blob, (*mode).into());
    }
    if let Some(blob) = sources(objects, base, content)? {
        entries.insert(SOURCES.as_bytes(), blob, FileMode::Blob.into());
    }
    if let Some(blob) = ignored(objects, base, content)? {
        entries.insert(GITIGNORE.as_bytes(), blob, FileMode::Blob.into());
    }
    objects.add(ObjectType::Tree, entries.render())
}

/// Takes what stays of a tree into the next one.
fn keep_reserved(
    objects: &mut NewObjects<'_>,
    repository: &Repository,
    tree: &Tree<'_>,
    at_top: bool,
    into: &mut TreeEntries,
) -> Result<(), Error> {
    for entry in tree {
        let mode = entry.filemode();
        // A name that is no text is none of the reserved ones, but may lead to them.
        let name = entry.name().unwrap_or_default();
        let is_folder = mode == i32::from(FileMode::Tree);
        if !is_folder && is_reserved(name, at_top)
            || is_folder && at_top && RESERVED_FOLDERS.contains(&name)
        {
            into.insert(entry.name_bytes(), entry.id(), mode);
        } else if is_folder {
            let folder = repository.git.find_tree(entry.id());
            let folder = folder.map_err(Error::git("read a folder of", &repository.path))?;
            let mut below = TreeEntries::default();
            keep_reserved(objects, repository, &folder, false, &mut below)?;
            if !below.is_empty() {
                let below = objects.add(ObjectType::Tree, below.render())?;
                into.insert(entry.name_bytes(), below, mode);
            }
        }
    }
    Ok(())
}

/// `sources`: the uploaded files; where there are none, as it was, and empty where it was not.
fn sources(
    objects: &mut NewObjects<'_>,
    base: Base<'_>,
    content: &Content,
) -> Result<Option<Oid>, Error> {
    let mut blob = |text: &str| objects.add(ObjectType::Blob, text.as_bytes().to_vec());
    if !content.uploaded.is_empty() {
        return blob(&content.sources).map(Some);
    }
    if content.blobs.contains_key(SOURCES) {
        return Ok(None);
    }
    match base.file(SOURCES) {
        Some(id) => Ok(Some(id)),
        None => blob("").map(Some),
    }
}

/// `.gitignore`: the package's own or the branch's, with a line for each uploaded file.
fn ignored(
    objects: &mut NewObjects<'_>,
    base: Base<'_>,
    content: &Content,
) -> Result<Option<Oid>, Error> {
    let own = content.blobs.get(GITIGNORE).map(|it| it.0);
    let old = own.or_else(|| base.file(GITIGNORE));
    let mut text = match old {
        Some(id) => objects.blob(id)?,
        None => Vec::new(),
    };
    let names = content.uploaded.iter().map(String::as_str);
    let added = gitignore::additions(&text, names);
    if added.is_empty() && old.is_some() {
        return Ok(None);
    }
    text.extend_from_slice(added.as_bytes());
    objects.add(ObjectType::Blob, text).map(Some)
}
