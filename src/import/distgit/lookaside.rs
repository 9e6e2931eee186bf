//! The lookaside cache: one immutable file for each name and digest.
//!
//! `OWNER/PROJECT/PKG/FILE/sha512/HASH/FILE`. A file is renamed into place when it is whole and
//! hashed, so that whoever can see it can trust it. What an import put there goes away again
//! when the import fails.

use super::package_file::{Content, PackageFile};
use super::{Error, Repository};
use crate::import::root::Root;
use crate::model::{PackageName, Project};
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

/// The part of the cache that belongs to one package, held under its repository's lock.
#[derive(Debug)]
pub(super) struct Lookaside<'a> {
    root: &'a Root,
    folder: PathBuf,
    /// New files of this import; removed unless kept.
    placed: Vec<PathBuf>,
}

impl<'a> Lookaside<'a> {
    /// The package's part. The repository stands for its lock, which the caller holds for as
    /// long as this lives.
    #[must_use]
    pub(super) fn open(
        root: &'a Root,
        project: &Project,
        package: &PackageName,
        _locked: &Repository,
    ) -> Self {
        Self {
            root,
            folder: root.lookaside(project, package),
            placed: Vec::new(),
        }
    }

    /// Puts a file into the cache, unless it is there.
    ///
    /// # Errors
    /// When the file system refuses.
    pub(super) fn place(&mut self, file: PackageFile) -> Result<(), Error> {
        let PackageFile {
            name,
            content,
            digests,
            ..
        } = file;
        let place = self.folder.join(&name).join("sha512");
        let place = place.join(&digests.sha512).join(&name);
        // A file of another length is what a crash of the machine left of it.
        let there = fs::symlink_metadata(&place);
        if there.is_ok_and(|it| it.is_file() && it.len() == digests.size) {
            return Ok(());
        }
        let parent = place.parent().expect("a file in the cache has a folder");
        self.placed.push(place.clone());
        fs::create_dir_all(parent).map_err(Error::io("create", parent))?;
        let temporary = match content {
            Content::File(file) => file,
            Content::Bytes(bytes) => {
                let fail = |error| Error::io("write", &place)(error);
                let mut file = self.root.temporary_source().map_err(fail)?;
                file.write_all(&bytes).map_err(Error::io("write", &place))?;
                file
            }
        };
        temporary
            .persist(&place)
            .map_err(|error| Error::io("write", &place)(error.error))?;
        Ok(())
    }

    /// Keeps what was placed: a branch refers to it now.
    pub(super) fn keep(mut self) {
        self.placed.clear();
    }
}

impl Drop for Lookaside<'_> {
    fn drop(&mut self) {
        for file in &self.placed {
            let _ = fs::remove_file(file);
            remove_empty_folders(file, &self.folder);
        }
    }
}

/// Removes the folders above `file` that are empty, up to and with `last`.
fn remove_empty_folders(file: &Path, last: &Path) {
    for folder in file.ancestors().skip(1) {
        if !folder.starts_with(last) || fs::remove_dir(folder).is_err() {
            break;
        }
    }
}
