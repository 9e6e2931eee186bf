//! Where a zip's central directory is, and how many entries it has.
//!
//! Follows APPNOTE 4.3.14 to 4.3.16 (end of central directory, with zip64). The directory must
//! end where its end record begins and the record must end the file: anything else could be read
//! by two tools as two different archives.

use super::budget::Budget;
use super::error::ArchiveError;
use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt;

const END: &[u8; 4] = b"PK\x05\x06";
const END64: &[u8; 4] = b"PK\x06\x06";
const LOCATOR64: &[u8; 4] = b"PK\x06\x07";
const END_SIZE: usize = 22;
const END64_SIZE: usize = 56;
const LOCATOR64_SIZE: usize = 20;
const MAX_COMMENT: usize = 0xffff;

/// A zip's central directory.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Directory {
    /// Where it begins; the entries' contents lie before it.
    pub(super) start: u64,
    /// Where it ends.
    pub(super) end: u64,
    /// How many entries it says it has.
    pub(super) entries: u64,
}

/// A 2-byte number at an offset.
pub(super) fn u16_at(bytes: &[u8], at: usize) -> u64 {
    u64::from(u16::from_le_bytes([bytes[at], bytes[at + 1]]))
}

/// A 4-byte number at an offset.
pub(super) fn u32_at(bytes: &[u8], at: usize) -> u64 {
    u16_at(bytes, at) | u16_at(bytes, at + 2) << 16
}

/// An 8-byte number at an offset.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> u64 {
    u32_at(bytes, at) | u32_at(bytes, at + 4) << 32
}

impl Directory {
    /// Finds the directory of a file of `size` bytes.
    pub(super) fn find(file: &File, size: u64, budget: &Budget<'_>) -> Result<Self, ArchiveError> {
        let want = size.min((END_SIZE + MAX_COMMENT) as u64);
        let mut tail = vec![0; usize::try_from(want).expect("at most 64 KiB")];
        read_at(file, &mut tail, size - want, budget)?;
        // A comment may hold the signature too; only the true record ends with the file.
        let at = (0..(tail.len() + 1).saturating_sub(END_SIZE))
            .rev()
            .find(|at| {
                tail[*at..].starts_with(END)
                    && at + END_SIZE + usize::try_from(u16_at(&tail, at + 20)).unwrap_or(0)
                        == tail.len()
            })
            .ok_or_else(|| {
                budget.malformed(
                    "the zip has no directory at its end: cut off, or with more behind it",
                )
            })?;
        let record = &tail[at..at + END_SIZE];
        let record_start = size - want + at as u64;
        let found = match end64(file, record_start, budget)? {
            Some(wide) => wide,
            None => Self::of_end(record, record_start, budget)?,
        };
        if found.start > found.end {
            return Err(budget.malformed("the zip's directory begins behind its end"));
        }
        Ok(found)
    }

    fn of_end(record: &[u8], end: u64, budget: &Budget<'_>) -> Result<Self, ArchiveError> {
        let (length, start) = (u32_at(record, 12), u32_at(record, 16));
        let entries = u16_at(record, 10);
        one_disk(&[u16_at(record, 4), u16_at(record, 6)], budget)?;
        if start + length != end || u16_at(record, 8) != entries {
            return Err(budget.malformed("the zip's directory does not end where it should"));
        }
        Ok(Self {
            start,
            end,
            entries,
        })
    }
}

/// The directory after the zip64 record before the end record, where there is one.
fn end64(
    file: &File,
    record_start: u64,
    budget: &Budget<'_>,
) -> Result<Option<Directory>, ArchiveError> {
    let Some(locator_start) = record_start.checked_sub(LOCATOR64_SIZE as u64) else {
        return Ok(None);
    };
    let mut locator = [0; LOCATOR64_SIZE];
    read_at(file, &mut locator, locator_start, budget)?;
    if !locator.starts_with(LOCATOR64) {
        return Ok(None);
    }
    let mut record = [0; END64_SIZE];
    let end = u64_at(&locator, 8);
    if end
        .checked_add(END64_SIZE as u64)
        .is_none_or(|it| it > locator_start)
    {
        return Err(budget.malformed("the zip64 locator points behind itself"));
    }
    read_at(file, &mut record, end, budget)?;
    one_disk(
        &[
            u32_at(&locator, 4),
            u32_at(&record, 16),
            u32_at(&record, 20),
        ],
        budget,
    )?;
    let (length, start) = (u64_at(&record, 40), u64_at(&record, 48));
    let entries = u64_at(&record, 32);
    if !record.starts_with(END64)
        || start.checked_add(length) != Some(end)
        || u64_at(&record, 24) != entries
    {
        return Err(budget.malformed("the zip64 record does not fit the directory"));
    }
    Ok(Some(Directory {
        start,
        end,
        entries,
    }))
}

fn one_disk(numbers: &[u64], budget: &Budget<'_>) -> Result<(), ArchiveError> {
    if numbers.iter().any(|it| *it != 0) {
        return Err(budget.unsupported("the zip is spread over several files"));
    }
    Ok(())
}

/// Reads exactly as many bytes as `out` holds; fewer are a damaged archive.
pub(super) fn read_at(
    file: &File,
    out: &mut [u8],
    at: u64,
    budget: &Budget<'_>,
) -> Result<(), ArchiveError> {
    file.read_exact_at(out, at).map_err(|error| {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            budget.malformed("the zip ends early")
        } else {
            budget.of_io(error)
        }
    })
}
