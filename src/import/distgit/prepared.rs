//! The files of a package, sorted and hashed: all that can be done before anything is locked.

use super::beginning::Beginning;
use super::branches;
use super::lookaside::{Lookaside, Upload};
use super::objects::NewObjects;
use super::package_file::{Content, PackageFile};
use super::tree::{self, Base};
use super::{Error, sources_file};
use crate::config::Identity;
use crate::model::Layout;
use crate::sync::StopToken;
use git2::{FileMode, ObjectType};
use std::fs::File;
use std::io::{self, Read as _};
use std::path::Path;
use std::rc::Rc;
use tempfile::NamedTempFile;

/// A text longer than this stays in its file.
const LONGEST: u64 = 1024 * 1024;

/// What all texts of one package may take in memory together; the rest stay in their files.
const IN_MEMORY: usize = 8 << 20;

/// A package's files on their way into its repository and the lookaside cache.
pub(super) struct Prepared {
    texts: Vec<Text>,
    uploads: Vec<Upload>,
    /// Without the blobs of texts, which have no names yet.
    content: tree::Content,
}

struct Text {
    name: String,
    mode: FileMode,
    bytes: Bytes,
}

enum Bytes {
    Memory(Rc<Vec<u8>>),
    File(NamedTempFile),
}

impl Prepared {
    /// Takes the files of a package.
    ///
    /// # Errors
    /// When one cannot be read.
    pub(super) fn of(mut files: Vec<PackageFile>, layout: Layout) -> Result<Self, Error> {
        files.sort_by(|a, b| a.name.cmp(&b.name));
        let (mut texts, mut uploads) = (Vec::new(), Vec::new());
        let mut room = IN_MEMORY;
        for file in files {
            let failed = |source| Error::io("read", Path::new(&file.name))(source);
            if file.is_text {
                texts.push(Text {
                    bytes: Bytes::of(file.content, &mut room).map_err(failed)?,
                    mode: match file.is_executable {
                        true => FileMode::BlobExecutable,
                        false => FileMode::Blob,
                    },
                    name: file.name,
                });
            } else {
                let (digests, sum) = file.digest(layout.sum()).map_err(failed)?;
                uploads.push(Upload { file, digests, sum });
            }
        }
        let names = || uploads.iter().map(|it| it.file.name.as_str());
        let lines = names().zip(uploads.iter().map(|it| it.sum.hex.as_str()));
        let content = tree::Content {
            sources: sources_file::render(layout, lines),
            uploaded: names().map(str::to_owned).collect(),
            ..tree::Content::default()
        };
        Ok(Self {
            texts,
            uploads,
            content,
        })
    }

    /// How a new repository of this package begins: with the commit of the import, where all of
    /// it is in memory.
    ///
    /// # Errors
    /// When the identity is none that git takes.
    pub(super) fn begin<'a>(
        &mut self,
        path: &'a Path,
        identity: &Identity,
        message: &str,
        stop: &StopToken,
    ) -> Result<Beginning<'a>, Error> {
        let mut beginning = Beginning::of(identity, path)?;
        if self.texts.iter().all(|it| it.bytes.is_in_memory()) {
            let (objects, first) = (&mut beginning.objects, beginning.first);
            let content = self.content_in(objects, stop)?;
            let tree = tree::write(objects, Base::First(first.gitignore), content)?;
            let parent = Some((first.commit, first.tree));
            let tip = branches::commit(objects, parent, tree, identity, None, message)?;
            beginning.tip = Some(tip);
        }
        Ok(beginning)
    }

    /// Puts what is no text into the lookaside cache.
    ///
    /// # Errors
    /// When the file system refuses, or the stop token was raised.
    pub(super) fn place(
        &mut self,
        lookaside: &mut Lookaside<'_>,
        stop: &StopToken,
    ) -> Result<(), Error> {
        let mut uploads = std::mem::take(&mut self.uploads).into_iter();
        uploads.try_for_each(|it| lookaside.place(it, stop))
    }

    /// Adds the texts to the new objects of a repository; what its trees are made of.
    ///
    /// # Errors
    /// When the file system refuses, or git does.
    pub(super) fn content_in(
        &mut self,
        objects: &mut NewObjects<'_>,
        stop: &StopToken,
    ) -> Result<&tree::Content, Error> {
        for Text { name, mode, bytes } in &self.texts {
            let blob = match bytes {
                Bytes::Memory(bytes) => objects.add(ObjectType::Blob, Rc::clone(bytes))?,
                Bytes::File(file) => {
                    let file = File::open(file.path());
                    let failed = Error::io("read", Path::new(name));
                    objects.add_file(&mut file.map_err(failed)?, stop)?
                }
            };
            self.content.blobs.insert(name.clone(), (blob, *mode));
        }
        Ok(&self.content)
    }
}

impl Bytes {
    /// Reads a file into memory, where there is room for it.
    fn of(content: Content, room: &mut usize) -> io::Result<Self> {
        let bytes = match content {
            Content::Bytes(bytes) => bytes,
            Content::File(file) => {
                let size = file.as_file().metadata()?.len();
                if size > LONGEST.min(*room as u64) {
                    return Ok(Self::File(file));
                }
                let mut bytes = Vec::new();
                File::open(file.path())?.read_to_end(&mut bytes)?;
                bytes
            }
        };
        *room = room.saturating_sub(bytes.len());
        Ok(Self::Memory(Rc::new(bytes)))
    }

    const fn is_in_memory(&self) -> bool {
        matches!(self, Self::Memory(_))
    }
}
