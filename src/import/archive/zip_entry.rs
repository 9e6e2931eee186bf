//! One record of a zip's central directory, and the local header that must agree with it.
//!
//! Follows APPNOTE 4.3.7, 4.3.12 and 4.5.3 (zip64). The central record is what counts; a local
//! header that says something else is refused, for a tool that reads front to back would see
//! another archive. Sizes behind a content (data descriptors) are not looked at.

use super::budget::Budget;
use super::error::ArchiveError;
use super::stream::Stream;
use super::zip_directory::{Directory, read_at, u16_at, u32_at, u64_at};
use std::fs::File;
use std::io::Read;

const CENTRAL: &[u8; 4] = b"PK\x01\x02";
const LOCAL: &[u8; 4] = b"PK\x03\x04";
const CENTRAL_SIZE: usize = 46;
const LOCAL_SIZE: usize = 30;
/// Stands in a 4-byte field whose value is in the zip64 extra field.
const WIDE: u64 = 0xffff_ffff;
const ZIP64: u64 = 0x0001;
const EXTENDED_TIME: u64 = 0x5455;
const UNICODE_NAME: u64 = 0x7075;
/// The flags that say that a content is encrypted: weakly, strongly, or with masked headers.
const ENCRYPTED: u64 = 1 | 1 << 6 | 1 << 13;
/// The flag that says that the sizes follow the content.
const SIZES_FOLLOW: u64 = 1 << 3;

/// A record of the central directory.
#[derive(Debug, Default)]
pub(super) struct Record {
    /// The name as it stands in the record.
    pub(super) name: Vec<u8>,
    /// 0 stored, 8 deflated.
    pub(super) method: u64,
    /// The CRC-32 of the content.
    pub(super) crc: u32,
    /// Bytes in the archive.
    pub(super) stored: u64,
    /// Bytes of the content.
    pub(super) size: u64,
    /// Seconds since 1970.
    pub(super) mtime: i64,
    /// The mode of a Unix file, type and permissions; 0 where it was made elsewhere.
    pub(super) mode: u32,
    flags: u64,
    local: u64,
    extra: Vec<u8>,
}

impl Record {
    /// Reads the next record of the directory into this one, whose memory is used again.
    pub(super) fn read<R: Read>(
        &mut self,
        directory: &mut Stream<'_, R>,
    ) -> Result<(), ArchiveError> {
        let budget = directory.budget();
        let short = || budget.malformed("the zip's directory ends within a record");
        let mut fixed = [0; CENTRAL_SIZE];
        if directory.read_up_to(&mut fixed)? < CENTRAL_SIZE || !fixed.starts_with(CENTRAL) {
            return Err(short());
        }
        for (field, at) in [(&mut self.name, 28), (&mut self.extra, 30)] {
            field.resize(usize::try_from(u16_at(&fixed, at)).unwrap_or(0), 0);
            if directory.read_up_to(field)? < field.len() {
                return Err(short());
            }
        }
        if directory.skip(u16_at(&fixed, 32))? > 0 {
            return Err(short());
        }
        self.flags = u16_at(&fixed, 8);
        self.method = u16_at(&fixed, 10);
        self.crc = u32::try_from(u32_at(&fixed, 16)).unwrap_or(0);
        self.stored = u32_at(&fixed, 20);
        self.size = u32_at(&fixed, 24);
        self.local = u32_at(&fixed, 42);
        let made_on_unix = matches!(fixed[5], 3 | 19);
        self.mode = match u32::try_from(u32_at(&fixed, 38) >> 16) {
            Ok(mode) if made_on_unix => mode,
            _ => 0,
        };
        self.mtime = self
            .extended_time()
            .unwrap_or_else(|| dos_time(u16_at(&fixed, 14), u16_at(&fixed, 12)));
        self.take_zip64(budget)?;
        if self.flags & ENCRYPTED != 0 {
            return Err(budget.unsupported(format!("entry {:?} is encrypted", self.shown())));
        }
        if !matches!(self.method, 0 | 8) {
            let problem = format!("entry {:?} has compression {}", self.shown(), self.method);
            return Err(budget.unsupported(problem));
        }
        Ok(())
    }

    /// The name for an error.
    fn shown(&self) -> String {
        let end = self.name.len().min(200);
        String::from_utf8_lossy(&self.name[..end]).into_owned()
    }

    /// Replaces the values that the zip64 extra field holds, in their fixed order.
    fn take_zip64(&mut self, budget: &Budget<'_>) -> Result<(), ArchiveError> {
        let mut wide = extra_field(&self.extra, ZIP64).unwrap_or_default();
        for value in [&mut self.size, &mut self.stored, &mut self.local] {
            if *value == WIDE {
                let (first, rest) = wide
                    .split_at_checked(8)
                    .ok_or_else(|| budget.malformed("a zip64 field lacks a size"))?;
                *value = u64_at(first, 0);
                wide = rest;
            }
        }
        Ok(())
    }

    /// The name of the "Unicode path" field, which some tools take instead of the other.
    pub(super) fn unicode_name(&self) -> Option<&[u8]> {
        // A version byte and a checksum of the other name come first.
        extra_field(&self.extra, UNICODE_NAME).map(|it| it.get(5..).unwrap_or_default())
    }

    /// The modification time of the "extended timestamp" field.
    fn extended_time(&self) -> Option<i64> {
        let field = extra_field(&self.extra, EXTENDED_TIME)?;
        (field.len() >= 5 && field[0] & 1 == 1)
            .then(|| i64::from(i32::from_le_bytes([field[1], field[2], field[3], field[4]])))
    }

    /// Where the entry's local header begins.
    pub(super) const fn local(&self) -> u64 {
        self.local
    }

    /// Where the content begins and ends, after the local header was found to agree.
    pub(super) fn content_range(
        &self,
        file: &File,
        directory: &Directory,
        budget: &Budget<'_>,
    ) -> Result<(u64, u64), ArchiveError> {
        let mut fixed = [0; LOCAL_SIZE];
        let broken = |what: &str| budget.malformed(format!("entry {:?}: {what}", self.shown()));
        if self.local >= directory.start {
            return Err(broken("its header lies behind the contents"));
        }
        read_at(file, &mut fixed, self.local, budget)?;
        let mut name = vec![0; usize::try_from(u16_at(&fixed, 26)).unwrap_or(0)];
        read_at(file, &mut name, self.local + LOCAL_SIZE as u64, budget)?;
        let same = |at: usize, value: u64| {
            let told = u32_at(&fixed, at);
            told == value.min(WIDE) || told == WIDE || self.flags & SIZES_FOLLOW != 0
        };
        if !fixed.starts_with(LOCAL)
            || name != self.name
            || u16_at(&fixed, 8) != self.method
            || u16_at(&fixed, 6) & ENCRYPTED != 0
            || !same(14, u64::from(self.crc))
            || !same(18, self.stored)
            || !same(22, self.size)
        {
            return Err(broken("its two headers differ"));
        }
        let start = self.local + LOCAL_SIZE as u64 + name.len() as u64 + u16_at(&fixed, 28);
        let end = start.checked_add(self.stored);
        match end {
            Some(end) if end <= directory.start => Ok((start, end)),
            _ => Err(broken("its content goes on behind the contents")),
        }
    }
}

/// The data of one extra field.
fn extra_field(mut extra: &[u8], id: u64) -> Option<&[u8]> {
    while extra.len() >= 4 {
        let length = usize::try_from(u16_at(extra, 2)).ok()?;
        let data = extra.get(4..4 + length)?;
        if u16_at(extra, 0) == id {
            return Some(data);
        }
        extra = &extra[4 + length..];
    }
    None
}

/// A DOS date and time, which has no zone, taken as UTC; 0 where it is no date.
fn dos_time(date: u64, time: u64) -> i64 {
    let part = |value: u64, shift: u32, mask: u64| i8::try_from(value >> shift & mask).unwrap_or(0);
    let year = i16::try_from(1980 + (date >> 9)).unwrap_or(1980);
    let civil = jiff::civil::DateTime::new(
        year,
        part(date, 5, 15),
        part(date, 0, 31),
        part(time, 11, 31),
        part(time, 5, 63),
        part(time, 0, 31).saturating_mul(2),
        0,
    );
    civil
        .and_then(|it| it.to_zoned(jiff::tz::TimeZone::UTC))
        .map_or(0, |it| it.timestamp().as_second())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dos_times_are_dates() {
        // 2020-02-03 04:05:06
        let date = 40 << 9 | 2 << 5 | 3;
        assert_eq!(dos_time(date, 4 << 11 | 5 << 5 | 3), 1_580_702_706);
        assert_eq!(dos_time(0, 0), 0);
        assert_eq!(dos_time(0xffff, 0xffff), 0);
    }

    #[test]
    fn extra_fields_are_found_within_their_bounds() {
        let extra = b"\x0a\x00\x01\x00x\x55\x54\x05\x00\x01abcd";
        assert_eq!(extra_field(extra, EXTENDED_TIME), Some(&b"\x01abcd"[..]));
        assert_eq!(extra_field(extra, ZIP64), None);
        assert_eq!(extra_field(b"\x01\x00\xff\xffxx", ZIP64), None);
    }
}
