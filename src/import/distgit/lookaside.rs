//! The lookaside cache: one immutable file for each name and digest.
//!
//! `OWNER/PROJECT/PKG/FILE/sha512/HASH/FILE`, or in the layout of Copr `…/FILE/MD5/FILE`. A file
//! is renamed or linked into place when it is whole and hashed, so that whoever can see it can
//! trust it. What an import put there goes away again when the import fails.

use super::Error;
use super::content_index::ContentIndex;
use super::held::Held;
use super::package_file::{Content, PackageFile};
use crate::import::root::{Root, make_folder};
use crate::model::{Digests, Layout, PackageName, Project, Sum};
use crate::sync::StopToken;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The part of the cache that belongs to one package, held under its repository's lock.
#[derive(Debug)]
pub(super) struct Lookaside<'a> {
    root: &'a Root,
    index: ContentIndex<'a>,
    folder: PathBuf,
    /// New files of this import; removed unless kept.
    placed: Vec<PathBuf>,
    /// New entries of the index; likewise.
    indexed: Vec<PathBuf>,
}

/// A file that is hashed, and so can be placed.
pub(super) struct Upload {
    pub(super) file: PackageFile,
    pub(super) digests: Digests,
    /// What `sources` names it by.
    pub(super) sum: Sum,
}

/// The path of a file below its package's folder. `hash_type` is a digest's name in lower case.
pub(super) fn path_of(layout: Layout, file: &str, hash_type: &str, hash: &str) -> PathBuf {
    let folder = Path::new(file);
    match layout {
        Layout::DistGit => folder.join(hash_type).join(hash).join(file),
        Layout::Copr => folder.join(hash).join(file),
    }
}

impl<'a> Lookaside<'a> {
    /// The package's part. The repository stands for its lock, which the caller holds for as
    /// long as this lives.
    #[must_use]
    pub(super) fn open(
        root: &'a Root,
        project: &Project,
        package: &PackageName,
        _locked: &Held,
    ) -> Self {
        Self {
            root,
            index: ContentIndex::of(root),
            folder: root.lookaside(project, package),
            placed: Vec::new(),
            indexed: Vec::new(),
        }
    }

    /// Puts a file into the cache, unless it is there.
    ///
    /// # Errors
    /// When the file system refuses, or the stop token was raised.
    pub(super) fn place(&mut self, upload: Upload, stop: &StopToken) -> Result<(), Error> {
        Error::unless_stopped(stop, "wrote to", &self.folder)?;
        let Upload { file, digests, sum } = upload;
        let path = path_of(self.root.layout(), &file.name, sum.kind.as_str(), &sum.hex);
        let place = self.folder.join(path);
        match fs::symlink_metadata(&place) {
            Ok(there) if there.is_file() && there.len() == digests.size => return Ok(()),
            // A file of another length is what a crash of the machine left of it.
            Ok(_) => fs::remove_file(&place).map_err(Error::io("replace", &place))?,
            Err(_) => {}
        }
        let parent = place.parent().expect("a file in the cache has a folder");
        self.placed.push(place.clone());
        make_folder(parent).map_err(Error::io("create", parent))?;
        if self.index.link(&digests, &place, stop) {
            return Ok(());
        }
        let temporary = match file.content {
            Content::File(file) => file,
            Content::Bytes(bytes) => {
                let fail = |error| Error::io("write", &place)(error);
                let mut file = self.root.temporary_source().map_err(fail)?;
                file.write_all(&bytes).map_err(Error::io("write", &place))?;
                file
            }
        };
        // First the index: of two imports of the same bytes one links to the other's.
        match self.index.add(&digests, temporary.path()) {
            Some(entry) => self.indexed.push(entry),
            None if self.index.link(&digests, &place, stop) => return Ok(()),
            None => {}
        }
        temporary
            .persist(&place)
            .map_err(|error| Error::io("write", &place)(error.error))?;
        Ok(())
    }

    /// Keeps what was placed: a branch refers to it now.
    pub(super) fn keep(mut self) {
        self.placed.clear();
        self.indexed.clear();
    }
}

impl Drop for Lookaside<'_> {
    fn drop(&mut self) {
        for file in &self.placed {
            let _ = fs::remove_file(file);
            remove_empty_folders(file, &self.folder);
        }
        for entry in &self.indexed {
            self.index.remove_if_last(entry);
        }
    }
}

/// Removes the folders above `file` that are empty, up to and with `last`.
pub(super) fn remove_empty_folders(file: &Path, last: &Path) {
    for folder in file.ancestors().skip(1) {
        if !folder.starts_with(last) || fs::remove_dir(folder).is_err() {
            break;
        }
    }
}
