//! A tar stream, entry by entry.
//!
//! Every header is checked, and what stands behind the end mark is read but not looked at, so
//! that the compression's checksums are checked too. Memory: one block, and the long names of one
//! entry.

use super::entry::{Entry, EntryKind};
use super::error::{ArchiveError, WalkError};
use super::path;
use super::stream::{Content, End, Stream};
use super::tar_extensions::Extensions;
use super::tar_header::{BLOCK, Block, Type, extension_goes_on, padding};
use super::tree::Tree;
use std::io::Read;

/// What a walk calls for each entry.
pub(super) type Visit<'v, E> =
    dyn FnMut(&Entry<'_>, &mut dyn Read) -> Result<(), WalkError<E>> + 'v;

/// Walks the tar in `stream` to its end. Every path that is shown begins with `prefix`.
pub(super) fn walk_tar<R: Read, E>(
    stream: &mut Stream<'_, R>,
    prefix: &str,
    visit: &mut Visit<'_, E>,
) -> Result<(), WalkError<E>> {
    let mut tree = Tree::default();
    let mut path = String::from(prefix);
    let mut bytes = [0; BLOCK];
    let mut extensions = Extensions::default();
    while read_block(stream, &mut bytes)? {
        let block = Block::new(&bytes, stream.budget())?;
        let size = block.size(stream.budget())?;
        let budget = stream.budget();
        match block.entry_type() {
            Type::LongName => extensions.read_gnu(stream, size, false)?,
            Type::LongLink => extensions.read_gnu(stream, size, true)?,
            Type::Pax => extensions.read_pax(stream, size, false)?,
            Type::PaxGlobal => extensions.read_pax(stream, size, true)?,
            Type::Foreign => {
                return Err(budget
                    .unsupported("the tar is a part of a larger or incremental one")
                    .into());
            }
            Type::Label => skip_content(stream, size)?,
            kind => {
                path.truncate(prefix.len());
                let head = Head::new(&block, kind, size, &extensions);
                walk_entry(stream, &head, &mut tree, &mut path, prefix.len(), visit)?;
                extensions = Extensions::default();
            }
        }
    }
    Ok(stream.drain()?)
}

/// Reads the next header block; no further one behind the end mark or at the stream's end.
fn read_block<R: Read>(
    stream: &mut Stream<'_, R>,
    bytes: &mut [u8; BLOCK],
) -> Result<bool, ArchiveError> {
    match stream.read_up_to(bytes)? {
        0 => Ok(false),
        // One block of zeros ends the archive for GNU tar and for Python, not only two.
        BLOCK => Ok(bytes.iter().any(|b| *b != 0)),
        _ => Err(stream
            .budget()
            .malformed("the archive ends within a header")),
    }
}

fn skip_content<R: Read>(stream: &mut Stream<'_, R>, size: u64) -> Result<(), ArchiveError> {
    if stream.skip(size)? > 0 {
        return Err(stream
            .budget()
            .malformed("the archive ends within an entry"));
    }
    // Some writers leave the last padding out.
    stream.skip(padding(size)).map(drop)
}

/// A header and what the records before it changed.
struct Head<'h> {
    kind: Type,
    name: std::borrow::Cow<'h, [u8]>,
    link: std::borrow::Cow<'h, [u8]>,
    /// Bytes in the archive.
    stored: u64,
    /// Bytes of the file.
    size: u64,
    mtime: i64,
    mode: u32,
    end: End,
    map_goes_on: bool,
}

impl<'h> Head<'h> {
    fn new(block: &Block<'h>, kind: Type, size: u64, extensions: &'h Extensions) -> Self {
        let sparse = kind == Type::Sparse || extensions.sparse;
        // GNU tar and Python take a hard link for empty, whatever size its own header names.
        let size = if kind == Type::HardLink { 0 } else { size };
        let stored = extensions.size.unwrap_or(size);
        let real = match kind {
            Type::Sparse => block.sparse_size(),
            _ => extensions.real_size,
        };
        Self {
            kind,
            name: match &extensions.name {
                Some(name) => name.as_slice().into(),
                None => block.name(),
            },
            link: match &extensions.link {
                Some(link) => link.as_slice().into(),
                None => block.link(),
            },
            stored,
            size: real.filter(|_| sparse).unwrap_or(stored),
            mtime: extensions.mtime.unwrap_or_else(|| block.mtime()),
            mode: block.mode(),
            end: if sparse { End::Sparse } else { End::Announced },
            map_goes_on: kind == Type::Sparse && block.map_goes_on(),
        }
    }

    /// What the entry is shown as. A file whose name ends with a slash is a folder.
    fn entry_kind(&self) -> Option<EntryKind> {
        match self.kind {
            Type::File | Type::Sparse if self.name.ends_with(b"/") => Some(EntryKind::Directory),
            Type::File | Type::Sparse => Some(EntryKind::File),
            Type::Directory => Some(EntryKind::Directory),
            Type::Symlink | Type::HardLink => Some(EntryKind::Link),
            _ => None,
        }
    }
}

/// Checks one entry, shows it, and goes behind its content.
fn walk_entry<R: Read, E>(
    stream: &mut Stream<'_, R>,
    head: &Head<'_>,
    tree: &mut Tree,
    path: &mut String,
    prefix: usize,
    visit: &mut Visit<'_, E>,
) -> Result<(), WalkError<E>> {
    let budget = stream.budget();
    let refuse = |problem| budget.unsafe_entry(&head.name, problem);
    let Some(kind) = head.entry_kind() else {
        return Err(refuse("is a device or a pipe").into());
    };
    path::normalise(&head.name, path).map_err(refuse)?;
    let own = &path[prefix..];
    if kind != EntryKind::File && head.stored > 0 {
        return Err(budget
            .malformed("a tar header gives a folder or link a content")
            .into());
    }
    if own.is_empty() {
        // The root itself, which many tars hold as `./`.
        return match kind {
            EntryKind::Directory => Ok(()),
            _ => Err(refuse("has an empty name").into()),
        };
    }
    tree.check_parents(own).map_err(refuse)?;
    match head.kind {
        Type::Symlink => tree.add_symlink(own, &head.link).map_err(refuse)?,
        Type::HardLink => tree.check_hard_link(&head.link).map_err(refuse)?,
        _ => {}
    }
    budget.announce(head.size.max(head.stored))?;
    budget.add_entry(head.mtime)?;
    if head.map_goes_on {
        skip_sparse_map(stream)?;
    }
    let entry = Entry {
        path,
        size: head.size,
        mtime: head.mtime,
        mode: head.mode,
        kind,
        target: match head.kind {
            Type::Symlink => &head.link,
            _ => &[],
        },
    };
    let mut content = Content::new(stream, head.stored, head.end);
    let visited = visit(&entry, &mut content);
    content.finish(visited)?;
    // Some writers leave the last padding out.
    stream.skip(padding(head.stored))?;
    Ok(())
}

/// Goes behind the blocks that a GNU sparse header's map takes up beside the header.
fn skip_sparse_map<R: Read>(stream: &mut Stream<'_, R>) -> Result<(), ArchiveError> {
    let mut bytes = [0; BLOCK];
    loop {
        if stream.read_up_to(&mut bytes)? < BLOCK {
            return Err(stream
                .budget()
                .malformed("the archive ends within a sparse map"));
        }
        if !extension_goes_on(&bytes) {
            return Ok(());
        }
    }
}
