//! From the files of a source package and a branch's present tree to the next tree.
//!
//! The tree becomes the package's text files, with `sources` and `.gitignore` for the others.
//! What only dist-git knows stays: `.gitignore`, and the reserved names that packagers keep
//! beside the package.

use super::gitignore;
use git2::{FileMode, Oid, Repository, Tree, TreeBuilder};
use std::collections::BTreeMap;

/// Files that stay although the source package lacks them, by their whole path.
const RESERVED: [&str; 4] = ["README.md", "gating.yaml", "changelog", ".gitignore"];

/// Folders whose files stay.
const RESERVED_FOLDERS: [&str; 2] = ["tests", ".fmf"];

/// Endings of further files that stay, at whatever depth.
const RESERVED_ENDINGS: [&str; 2] = [".rpmlintrc", ".fmf"];

const SOURCES: &str = "sources";
const GITIGNORE: &str = ".gitignore";

/// What every branch's tree is made of, with all blobs written.
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

/// Writes the tree that follows `base` with `content`.
pub(super) fn write(
    git: &Repository,
    base: Option<&Tree<'_>>,
    content: &Content,
) -> Result<Oid, git2::Error> {
    let mut builder = git.treebuilder(None)?;
    if let Some(base) = base {
        keep_reserved(git, base, true, &mut builder)?;
    }
    for (name, (blob, mode)) in &content.blobs {
        builder.insert(name, *blob, (*mode).into())?;
    }
    if let Some(blob) = sources(git, base, content)? {
        builder.insert(SOURCES, blob, FileMode::Blob.into())?;
    }
    if let Some(blob) = ignored(git, base, content)? {
        builder.insert(GITIGNORE, blob, FileMode::Blob.into())?;
    }
    builder.write()
}

/// Takes what stays of a tree into the next one.
fn keep_reserved(
    git: &Repository,
    tree: &Tree<'_>,
    at_top: bool,
    into: &mut TreeBuilder<'_>,
) -> Result<(), git2::Error> {
    for entry in tree {
        let mode = entry.filemode();
        // A name that is no text is none of the reserved ones, but may lead to them.
        let name = entry.name().unwrap_or_default();
        let is_folder = mode == i32::from(FileMode::Tree);
        if !is_folder && is_reserved(name, at_top)
            || is_folder && at_top && RESERVED_FOLDERS.contains(&name)
        {
            into.insert(entry.name_bytes(), entry.id(), mode)?;
        } else if is_folder {
            let mut below = git.treebuilder(None)?;
            keep_reserved(git, &git.find_tree(entry.id())?, false, &mut below)?;
            if !below.is_empty() {
                into.insert(entry.name_bytes(), below.write()?, mode)?;
            }
        }
    }
    Ok(())
}

/// `sources`: the uploaded files; where there are none, as it was, and empty where it was not.
fn sources(
    git: &Repository,
    base: Option<&Tree<'_>>,
    content: &Content,
) -> Result<Option<Oid>, git2::Error> {
    if !content.uploaded.is_empty() {
        return git.blob(content.sources.as_bytes()).map(Some);
    }
    if content.blobs.contains_key(SOURCES) {
        return Ok(None);
    }
    match base.and_then(|it| it.get_name(SOURCES)) {
        Some(entry) => Ok(Some(entry.id())),
        None => git.blob(b"").map(Some),
    }
}

/// `.gitignore`: the package's own or the branch's, with a line for each uploaded file.
fn ignored(
    git: &Repository,
    base: Option<&Tree<'_>>,
    content: &Content,
) -> Result<Option<Oid>, git2::Error> {
    let own = content.blobs.get(GITIGNORE).map(|it| it.0);
    let old = own.or_else(|| base?.get_name(GITIGNORE).map(|it| it.id()));
    let mut text = match old {
        Some(id) => git.find_blob(id)?.content().to_vec(),
        None => Vec::new(),
    };
    let names = content.uploaded.iter().map(String::as_str);
    let added = gitignore::additions(&text, names);
    if added.is_empty() && old.is_some() {
        return Ok(None);
    }
    text.extend_from_slice(added.as_bytes());
    git.blob(&text).map(Some)
}
