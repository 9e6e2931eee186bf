//! Walks through the payload and holds it against what the headers say of it.

use super::super::cpio::{self, CpioError, Entry};
use super::super::digest::{Hasher, hasher, hex};
use super::super::tag;
use super::decompress::Format;
use super::error::ReadError;
use super::files::{FileEntry, FileList};
use super::meter::{Meter, Plain, Raw};
use crate::config::Limits;
use std::collections::HashMap;
use std::io::{self, BufRead, BufReader, Read};

/// Bytes that are read, hashed and decompressed at a time.
const PIECE: usize = 128 << 10;
/// Bytes that a file takes in the archive beside its own, at most; the longest path included.
const MAX_OVERHEAD: u64 = 8192;

/// What the headers say of the payload's bytes.
pub(super) struct Expected {
    /// Bytes in the file.
    pub(super) size: Option<u64>,
    /// Bytes behind decompression.
    pub(super) plain_size: Option<u64>,
    /// What a digest is called in messages, its hexadecimal digits, and the hasher that will find
    /// them.
    pub(super) digests: Vec<(&'static str, String, Hasher)>,
}

/// The payload and all that is known of it.
pub(super) struct Payload<R> {
    pub(super) source: R,
    pub(super) format: Format,
    pub(super) expected: Expected,
    pub(super) list: FileList,
    pub(super) limits: Limits,
}

impl<R: Read> Payload<R> {
    /// Shows every file to the visitor.
    pub(super) fn visit<E: From<ReadError>>(
        self,
        visit: impl FnMut(&FileEntry, &mut dyn Read) -> Result<(), E>,
    ) -> Result<(), E> {
        let meter = Meter::default();
        let mut declared = Vec::new();
        let mut hashers = Vec::new();
        for (what, digest, hasher) in self.expected.digests {
            declared.push((what, digest));
            hashers.push(hasher);
        }
        let limit = self.expected.size.unwrap_or(self.limits.max_bytes);
        let raw = Raw::new(self.source, &meter, limit, hashers);
        let mut raw = BufReader::with_capacity(PIECE, raw);
        {
            let decoder = self.format.decoder(&mut raw);
            let decoder = decoder.map_err(|error| settle(&meter, ReadError::Decompress(error)))?;
            let room = self.list.room();
            let size = self.expected.plain_size;
            let limit = size.unwrap_or(room).min(room);
            let mut plain = Plain::new(decoder, &meter, limit, self.limits.max_ratio);
            walk(&mut plain, &self.list, visit)?;
            if size.is_some_and(|it| it != plain.taken()) {
                return Err(ReadError::PayloadSize.into());
            }
        }
        let rest = raw.fill_buf().map(<[u8]>::is_empty);
        if !rest.map_err(|error| settle(&meter, ReadError::Io(error)))? {
            return Err(ReadError::Trailing.into());
        }
        let (size, found) = raw.into_inner().finish();
        if self.expected.size.is_some_and(|it| it != size) {
            return Err(ReadError::PayloadSize.into());
        }
        let mut pairs = declared.iter().zip(found);
        match pairs.find(|(declared, found)| declared.1 != hex(found)) {
            Some(((what, _), _)) => Err(ReadError::Digest(what).into()),
            None => Ok(()),
        }
    }
}

impl FileList {
    /// Bytes that an archive of these files takes at most.
    fn room(&self) -> u64 {
        self.files.iter().fold(MAX_OVERHEAD, |sum, it| {
            sum.saturating_add(it.size).saturating_add(MAX_OVERHEAD)
        })
    }
}

/// The problem that was met below, or else the one that is seen here.
fn settle(meter: &Meter, seen: ReadError) -> ReadError {
    meter.problem().unwrap_or(seen)
}

fn archive(plain: &Plain<'_>, error: CpioError) -> ReadError {
    plain.problem().unwrap_or(ReadError::Archive(error))
}

fn walk<E: From<ReadError>>(
    plain: &mut Plain<'_>,
    list: &FileList,
    mut visit: impl FnMut(&FileEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let names = list.files.iter().map(|it| it.name.as_str());
    let by_name: HashMap<&str, usize> = names.zip(0..).collect();
    let mut seen = vec![false; list.files.len()];
    loop {
        let entry = cpio::read_header(plain).map_err(|error| archive(plain, error))?;
        let Some(index) = (match &entry {
            Entry::Trailer => break,
            Entry::Named { name, mode, size } => named(list, &by_name, name, *mode, *size)?,
            Entry::Numbered(number) => numbered(list, *number)?,
        }) else {
            continue;
        };
        let file = &list.files[index];
        if file.left_out {
            return Err(ReadError::Unlisted(file.name.clone()).into());
        }
        if std::mem::replace(&mut seen[index], true) {
            return Err(ReadError::Duplicate(file.name.clone()).into());
        }
        show(plain, file, list.algorithm, &mut visit)?;
    }
    let mut pairs = list.files.iter().zip(seen);
    if let Some((file, _)) = pairs.find(|(file, seen)| !seen && !file.left_out) {
        return Err(ReadError::Missing(file.name.clone()).into());
    }
    Ok(drain(plain)?)
}

/// The place of an entry that has a name; none for a directory.
fn named(
    list: &FileList,
    by_name: &HashMap<&str, usize>,
    name: &str,
    mode: u32,
    size: u64,
) -> Result<Option<usize>, ReadError> {
    // Old versions of RPM began every path so.
    let bare = name.strip_prefix("./").unwrap_or(name);
    if mode & tag::MODE_TYPE == tag::MODE_DIRECTORY && size == 0 {
        return Ok(None);
    }
    if mode & tag::MODE_TYPE != tag::MODE_REGULAR {
        return Err(ReadError::NotRegular(name.to_owned()));
    }
    match by_name.get(bare) {
        Some(index) if list.files[*index].size == size => Ok(Some(*index)),
        _ => Err(ReadError::Unlisted(name.to_owned())),
    }
}

/// The place of an entry that has the number of its line; none for a directory.
fn numbered(list: &FileList, number: u32) -> Result<Option<usize>, ReadError> {
    match list.places.get(number as usize) {
        Some(place) => Ok(*place),
        None => Err(ReadError::Unlisted(format!("file {number}"))),
    }
}

/// Shows one file and checks its digest.
fn show<E: From<ReadError>>(
    plain: &mut Plain<'_>,
    file: &FileEntry,
    algorithm: u64,
    visit: &mut impl FnMut(&FileEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let mut part = Part {
        left: file.size,
        hasher: hasher(algorithm).expect("checked with the list"),
        plain,
    };
    let shown = visit(file, &mut part);
    // A visitor that stumbled over the package itself cannot know that.
    if shown.is_err()
        && let Some(problem) = part.plain.problem()
    {
        return Err(problem.into());
    }
    shown?;
    let rest = io::copy(&mut part, &mut io::sink());
    let Part { hasher, plain, .. } = part;
    rest.map_err(|error| plain.problem().unwrap_or(ReadError::Io(error)))?;
    if hex(&hasher.finalize()) != file.digest {
        return Err(ReadError::FileDigest(file.name.clone()).into());
    }
    let padding = &mut [0; 4][..cpio::padding(file.size)];
    Ok(cpio::read(plain, padding).map_err(|error| archive(plain, error))?)
}

/// What stands behind the end of the archive; zeros are let through.
fn drain(plain: &mut Plain<'_>) -> Result<(), ReadError> {
    let mut piece = [0; 512];
    loop {
        match plain.read(&mut piece) {
            Ok(0) => return Ok(()),
            Ok(size) if piece[..size].iter().all(|it| *it == 0) => {}
            Ok(_) => return Err(ReadError::Trailing),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(plain.problem().unwrap_or(ReadError::Io(error))),
        }
    }
}

/// The bytes of one file.
struct Part<'p, 'a> {
    plain: &'p mut Plain<'a>,
    left: u64,
    hasher: Hasher,
}

impl Read for Part<'_, '_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.left).unwrap_or(usize::MAX);
        let room = room.min(buf.len());
        if room == 0 {
            return Ok(0);
        }
        let size = self.plain.read(&mut buf[..room])?;
        if size == 0 {
            let problem = ReadError::Archive(CpioError::Truncated);
            return Err(self.plain.stop(problem));
        }
        self.left -= size as u64;
        self.hasher.update(&buf[..size]);
        Ok(size)
    }
}
