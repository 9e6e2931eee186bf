//! Reads a header of hostile bytes.
//!
//! Nothing is believed: counts and sizes are bounded before anything is allocated, and every
//! entry must lie in the store before a value of it is looked at. Values are read on demand.

use super::super::tag::{self, DataType};
use super::{ENTRY_SIZE, INTRO_SIZE, MAGIC, MAX_ENTRIES, MAX_STORE};
use std::io::{self, Read};

/// Why a header was refused.
#[derive(Debug, thiserror::Error)]
pub enum HeaderError {
    /// The file ends within the header.
    #[error("the file ends within the header")]
    Truncated,
    /// The bytes where a header should begin are none.
    #[error("no header where one should begin")]
    Magic,
    /// More entries or bytes than are read.
    #[error("a header of {entries} entries and {bytes} bytes is over the limit")]
    TooLarge {
        /// Entries that it declares.
        entries: u32,
        /// Bytes of the store that it declares.
        bytes: u32,
    },
    /// The region is missing, is not the first entry, or does not cover the header.
    #[error("the header's region is broken")]
    Region,
    /// An entry of an unknown type, or that points out of the store.
    #[error("the entry of tag {0} does not fit the header")]
    Entry(u32),
    /// A tag that stands twice.
    #[error("tag {0} stands twice")]
    Duplicate(u32),
    /// A value that is not of the type which its tag must have.
    #[error("the value of tag {0} has the wrong type or is no text")]
    Value(u32),
    /// The file cannot be read.
    #[error("reading failed")]
    Io(#[source] io::Error),
}

#[derive(Clone, Copy)]
struct Entry {
    tag: u32,
    kind: DataType,
    offset: usize,
    count: usize,
}

/// A header that was read, with all its bytes.
pub(in crate::rpmfile) struct Header {
    bytes: Vec<u8>,
    entries: Vec<Entry>,
}

impl Header {
    /// Reads the header of the region `region`; its store is at most `max_store` bytes.
    pub(in crate::rpmfile) fn read(
        source: &mut impl Read,
        region: u32,
        max_store: u64,
    ) -> Result<Self, HeaderError> {
        let mut bytes = Vec::new();
        fill(source, &mut bytes, INTRO_SIZE)?;
        if bytes[..8] != MAGIC {
            return Err(HeaderError::Magic);
        }
        let (entries, store) = (word(&bytes, 8), word(&bytes, 12));
        let count = entries as usize;
        if count > MAX_ENTRIES || store as usize > MAX_STORE || u64::from(store) > max_store {
            return Err(HeaderError::TooLarge {
                entries,
                bytes: store,
            });
        }
        fill(source, &mut bytes, count * ENTRY_SIZE + store as usize)?;
        let header = Self {
            entries: read_index(&bytes, count)?,
            bytes,
        };
        // Nothing is computed over a signature header, and old signing tools left it odd.
        if region != tag::HEADER_SIGNATURES {
            header.check_region(region)?;
        }
        Ok(header)
    }

    /// All bytes of the header: what its digests are of.
    pub(in crate::rpmfile) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The region must be the first entry and hold every other; else what the digests cover and
    /// what is read would differ.
    fn check_region(&self, region: u32) -> Result<(), HeaderError> {
        let first = self.entries.first().ok_or(HeaderError::Region)?;
        if first.tag != region || first.kind != DataType::Binary || first.count != ENTRY_SIZE {
            return Err(HeaderError::Region);
        }
        let trailer = &self.store()[first.offset..first.offset + ENTRY_SIZE];
        let back = 0u32.wrapping_sub(word(trailer, 8)) as usize;
        let covers_all = back == self.entries.len() * ENTRY_SIZE
            && first.offset + ENTRY_SIZE == self.store().len();
        if word(trailer, 0) != region || word(trailer, 4) != 7 || !covers_all {
            return Err(HeaderError::Region);
        }
        Ok(())
    }

    fn store(&self) -> &[u8] {
        &self.bytes[INTRO_SIZE + self.entries.len() * ENTRY_SIZE..]
    }

    fn entry(&self, tag: u32) -> Option<Entry> {
        self.entries.iter().find(|it| it.tag == tag).copied()
    }

    /// Whether the tag stands in the header.
    pub(in crate::rpmfile) fn has(&self, tag: u32) -> bool {
        self.entry(tag).is_some()
    }

    /// How many values a tag has. Callers bound it before they ask for all of them, as a store
    /// of empty strings takes many times its size in memory.
    pub(in crate::rpmfile) fn count(&self, tag: u32) -> usize {
        self.entry(tag).map_or(0, |it| it.count)
    }

    /// Strings of any string type; none where the tag is missing.
    pub(in crate::rpmfile) fn strings(&self, tag: u32) -> Result<Option<Vec<&str>>, HeaderError> {
        self.first_strings(tag, usize::MAX)
    }

    /// The first string of a tag.
    pub(in crate::rpmfile) fn string(&self, tag: u32) -> Result<Option<&str>, HeaderError> {
        Ok(self
            .first_strings(tag, 1)?
            .and_then(|it| it.first().copied()))
    }

    fn first_strings(&self, tag: u32, most: usize) -> Result<Option<Vec<&str>>, HeaderError> {
        let Some(entry) = self.entry(tag) else {
            return Ok(None);
        };
        let wrong = || HeaderError::Value(tag);
        if entry.kind.size().is_some() {
            return Err(wrong());
        }
        let mut rest = &self.store()[entry.offset..];
        let count = entry.count.min(most);
        let mut out = Vec::with_capacity(count);
        for _ in 0..count {
            let end = rest.iter().position(|it| *it == 0).ok_or_else(wrong)?;
            out.push(str::from_utf8(&rest[..end]).map_err(|_| wrong())?);
            rest = &rest[end + 1..];
        }
        Ok(Some(out))
    }

    /// Bytes; none where the tag is missing.
    pub(in crate::rpmfile) fn binary(&self, tag: u32) -> Result<Option<&[u8]>, HeaderError> {
        match self.entry(tag) {
            None => Ok(None),
            Some(it) if it.kind == DataType::Binary => {
                Ok(Some(&self.store()[it.offset..it.offset + it.count]))
            }
            Some(_) => Err(HeaderError::Value(tag)),
        }
    }

    /// Numbers of 16, 32 or 64 bits; none where the tag is missing.
    pub(in crate::rpmfile) fn numbers(&self, tag: u32) -> Result<Option<Vec<u64>>, HeaderError> {
        self.first_numbers(tag, usize::MAX)
    }

    /// The first number of a tag.
    pub(in crate::rpmfile) fn number(&self, tag: u32) -> Result<Option<u64>, HeaderError> {
        Ok(self
            .first_numbers(tag, 1)?
            .and_then(|it| it.first().copied()))
    }

    fn first_numbers(&self, tag: u32, most: usize) -> Result<Option<Vec<u64>>, HeaderError> {
        let Some(entry) = self.entry(tag) else {
            return Ok(None);
        };
        let size = match entry.kind {
            DataType::Int16 => 2,
            DataType::Int32 => 4,
            DataType::Int64 => 8,
            _ => return Err(HeaderError::Value(tag)),
        };
        let count = entry.count.min(most);
        let bytes = &self.store()[entry.offset..entry.offset + count * size];
        let value = |it: &[u8]| it.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        Ok(Some(bytes.chunks_exact(size).map(value).collect()))
    }
}

/// Appends `size` bytes. What is allocated grows with what arrives, not with what was declared.
fn fill(source: &mut impl Read, bytes: &mut Vec<u8>, size: usize) -> Result<(), HeaderError> {
    let got = source
        .take(size as u64)
        .read_to_end(bytes)
        .map_err(HeaderError::Io)?;
    if got < size {
        return Err(HeaderError::Truncated);
    }
    Ok(())
}

fn word(bytes: &[u8], at: usize) -> u32 {
    let four = bytes[at..at + 4].try_into().expect("a slice of 4 bytes");
    u32::from_be_bytes(four)
}

/// The entries of the index, each within the store and each tag once.
fn read_index(bytes: &[u8], count: usize) -> Result<Vec<Entry>, HeaderError> {
    let (index, store) = bytes[INTRO_SIZE..].split_at(count * ENTRY_SIZE);
    let mut out = Vec::with_capacity(count);
    for line in index.chunks_exact(ENTRY_SIZE) {
        let tag = word(line, 0);
        let wrong = || HeaderError::Entry(tag);
        let kind = DataType::from_number(word(line, 4)).ok_or_else(wrong)?;
        let (offset, count) = (word(line, 8) as usize, word(line, 12) as usize);
        // Strings take a byte each at least; where they end is seen when they are read.
        let size = count
            .checked_mul(kind.size().unwrap_or(1))
            .ok_or_else(wrong)?;
        let end = offset.checked_add(size).ok_or_else(wrong)?;
        if count == 0 || end > store.len() || (kind == DataType::String && count != 1) {
            return Err(wrong());
        }
        out.push(Entry {
            tag,
            kind,
            offset,
            count,
        });
    }
    let mut tags: Vec<u32> = out.iter().map(|it| it.tag).collect();
    tags.sort_unstable();
    match tags.windows(2).find(|it| it[0] == it[1]) {
        Some(pair) => Err(HeaderError::Duplicate(pair[0])),
        None => Ok(out),
    }
}
