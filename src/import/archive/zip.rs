//! A zip, entry by entry of its central directory.
//!
//! Our own reader and not a crate's: those hold the whole directory in memory (gigabytes of it in
//! a hostile file) and take the first header that fits, where two that differ are to be refused.
//! Memory here: one record, and eight bytes an entry to find a name that stands twice.

use super::budget::Budget;
use super::entry::{Entry, EntryKind};
use super::error::{ArchiveError, WalkError};
use super::path;
use super::section::Section;
use super::stream::{BUFFER, Content, End, Stream};
use super::tar::Visit;
use super::tree::Tree;
use super::zip_directory::Directory;
use super::zip_entry::Record;
use flate2::Crc;
use flate2::bufread::DeflateDecoder;
use std::collections::HashSet;
use std::fs::File;
use std::hash::{BuildHasher, RandomState};
use std::io::{self, BufRead, BufReader, Read};

/// Bytes of the buffer before the decoder.
const INPUT: usize = 64 << 10;
/// The longest target of a symbolic link.
const MAX_TARGET: u64 = 4096;
/// The type bits of a Unix mode and their values.
const TYPE: u32 = 0o170_000;
const DIRECTORY: u32 = 0o040_000;
const REGULAR: u32 = 0o100_000;
const SYMLINK: u32 = 0o120_000;

/// Walks a zip of `size` bytes.
pub(super) fn walk_zip<E>(
    file: &File,
    size: u64,
    budget: &Budget<'_>,
    visit: &mut Visit<'_, E>,
) -> Result<(), WalkError<E>> {
    let directory = Directory::find(file, size, budget)?;
    if directory.entries > budget.limits().max_entries {
        return Err(budget
            .too_large("entries", budget.limits().max_entries)
            .into());
    }
    let mut directory_buffer = vec![0; INPUT];
    let section = Section::new(file, directory.start, directory.end);
    let mut records = Stream::new(section, &mut directory_buffer, budget);
    let mut walk = Walk {
        file,
        directory,
        budget,
        tree: Tree::default(),
        names: HashSet::new(),
        hasher: RandomState::new(),
        contents: 0,
        path: String::new(),
        buffer: vec![0; BUFFER],
    };
    let mut record = Record::default();
    for _ in 0..directory.entries {
        record.read(&mut records)?;
        walk.entry(&record, visit)?;
    }
    if !records.fill()?.is_empty() {
        return Err(budget
            .malformed("the zip's directory has more records than it says")
            .into());
    }
    Ok(())
}

/// What is remembered from entry to entry.
struct Walk<'w, 'a> {
    file: &'w File,
    directory: Directory,
    budget: &'a Budget<'a>,
    tree: Tree,
    /// Hashes of the names, which is enough to tell them apart in all but one of 10^8 archives.
    names: HashSet<u64>,
    hasher: RandomState,
    /// Bytes of all headers and contents so far; more than there are means that some overlap.
    contents: u64,
    path: String,
    buffer: Vec<u8>,
}

impl Walk<'_, '_> {
    fn entry<E>(&mut self, record: &Record, visit: &mut Visit<'_, E>) -> Result<(), WalkError<E>> {
        let budget = self.budget;
        let kind = self.check(record)?;
        let (start, end) = record.content_range(self.file, &self.directory, budget)?;
        self.contents = self.contents.saturating_add(end - record.local());
        if self.contents > self.directory.start {
            return Err(budget.malformed("contents of the zip overlap").into());
        }
        budget.announce(record.size)?;
        budget.add_entry(record.mtime)?;
        let input = BufReader::with_capacity(INPUT, Section::new(self.file, start, end));
        let checked = Checked {
            left: record.size,
            told: record.crc,
            crc: Crc::new(),
            inner: match record.method {
                0 => Coding::Stored(input),
                _ => Coding::Deflated(Box::new(DeflateDecoder::new(input))),
            },
        };
        let mut stream = Stream::new(checked, &mut self.buffer, budget);
        let mut target = Vec::new();
        if kind == EntryKind::Link {
            target.resize(usize::try_from(record.size).unwrap_or(0), 0);
            let n = stream.read_up_to(&mut target)?;
            target.truncate(n);
            self.tree
                .add_symlink(&self.path, &target)
                .map_err(|problem| budget.unsafe_entry(&record.name, problem))?;
        }
        if self.path.is_empty() {
            return Ok(());
        }
        let entry = Entry {
            path: &self.path,
            size: record.size,
            mtime: record.mtime,
            mode: record.mode & 0o7777,
            kind,
            target: &target,
        };
        let left = if kind == EntryKind::Link {
            0
        } else {
            record.size
        };
        let mut content = Content::new(&mut stream, left, End::Announced);
        let visited = visit(&entry, &mut content);
        content.finish(visited)?;
        // Past the announced end there is nothing, or the sizes lie.
        Ok(stream.drain()?)
    }

    /// Checks name and type of an entry; leaves the path in `self.path`.
    fn check(&mut self, record: &Record) -> Result<EntryKind, ArchiveError> {
        let budget = self.budget;
        let refuse = |problem| budget.unsafe_entry(&record.name, problem);
        self.path.clear();
        path::normalise(&record.name, &mut self.path).map_err(refuse)?;
        if let Some(name) = record.unicode_name() {
            self.path.clear();
            path::normalise(name, &mut self.path).map_err(refuse)?;
        }
        self.tree.check_parents(&self.path).map_err(refuse)?;
        let slash = record.name.ends_with(b"/");
        let kind = match record.mode & TYPE {
            SYMLINK => EntryKind::Link,
            0 | REGULAR if slash => EntryKind::Directory,
            0 | REGULAR => EntryKind::File,
            DIRECTORY => EntryKind::Directory,
            _ => return Err(refuse("is a device or a pipe")),
        };
        if kind == EntryKind::Link && record.size > MAX_TARGET {
            return Err(refuse("is a link with a target of more than 4096 bytes"));
        }
        if kind == EntryKind::Directory && record.size > 0 {
            return Err(budget.malformed("a folder of the zip has a content"));
        }
        if self.path.is_empty() && kind != EntryKind::Directory {
            return Err(refuse("has an empty name"));
        }
        if !self.names.insert(self.hasher.hash_one(&self.path)) {
            return Err(refuse("stands twice in the archive"));
        }
        Ok(kind)
    }
}

/// How a content is stored.
enum Coding<R> {
    Stored(R),
    Deflated(Box<DeflateDecoder<R>>),
}

/// A content that must have exactly the announced size and checksum, and use up all its bytes.
struct Checked<R> {
    inner: Coding<R>,
    left: u64,
    told: u32,
    crc: Crc,
}

impl<R: BufRead> Checked<R> {
    /// Compares at the end of the content.
    fn end(&mut self) -> io::Result<usize> {
        let unused = match &mut self.inner {
            Coding::Stored(_) => false,
            Coding::Deflated(decoder) => !decoder.get_mut().fill_buf()?.is_empty(),
        };
        if self.left > 0 || unused || self.crc.sum() != self.told {
            return Err(invalid(
                "an entry's size or checksum is not what the zip says",
            ));
        }
        Ok(0)
    }
}

impl<R: BufRead> Read for Checked<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let n = match &mut self.inner {
            Coding::Stored(input) => input.read(buf)?,
            Coding::Deflated(decoder) => decoder.read(buf)?,
        };
        if n == 0 && !buf.is_empty() {
            return self.end();
        }
        self.crc.update(&buf[..n]);
        self.left = self
            .left
            .checked_sub(n as u64)
            .ok_or_else(|| invalid("an entry is longer than the zip says"))?;
        Ok(n)
    }
}

fn invalid(problem: &'static str) -> io::Error {
    io::Error::new(io::ErrorKind::InvalidData, problem)
}
