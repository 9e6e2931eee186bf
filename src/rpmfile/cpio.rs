//! The cpio archive that is an RPM's payload.
//!
//! Three forms of an entry: `070701` and `070702` ("new ASCII", without and with a sum of the
//! bytes) and RPM's own `07070X`, which holds only the number of the file in the header's list,
//! because sizes of 4 GiB and more do not fit into the others. Headers and data are padded to
//! four bytes. The end is an entry called `TRAILER!!!`.

use std::io::{self, Read, Write as _};

const NEWC: &[u8; 6] = b"070701";
const NEWC_SUM: &[u8; 6] = b"070702";
const STRIPPED: &[u8; 6] = b"07070X";
const TRAILER: &str = "TRAILER!!!";
/// Bytes of a `070701` header before its name.
const NEWC_SIZE: usize = 110;
/// Bytes of a `07070X` header, with its padding.
const STRIPPED_SIZE: usize = 16;
/// The longest path that is read, with its zero byte.
const MAX_PATH: u32 = 4096;

/// Zero bytes behind `size` bytes, up to the next multiple of four.
pub(super) const fn padding(size: u64) -> usize {
    match size % 4 {
        0 => 0,
        1 => 3,
        2 => 2,
        _ => 1,
    }
}

/// Bytes of a whole entry in the new ASCII form.
pub(super) const fn newc_size(name: &str, size: u64) -> u64 {
    let head = NEWC_SIZE as u64 + name.len() as u64 + 1;
    head + padding(head) as u64 + size + padding(size) as u64
}

/// Bytes of a whole entry in the stripped form.
pub(super) const fn stripped_size(size: u64) -> u64 {
    STRIPPED_SIZE as u64 + size + padding(size) as u64
}

/// Bytes of the entry that ends an archive.
pub(super) const fn trailer_size() -> u64 {
    newc_size(TRAILER, 0)
}

/// The header of a file in the new ASCII form, with its padding.
pub(super) fn newc_header(name: &str, inode: u32, mode: u32, mtime: u32, size: u32) -> Vec<u8> {
    let mut out = Vec::with_capacity(NEWC_SIZE + name.len() + 4);
    let name_size = u32::try_from(name.len() + 1).expect("file names are at most 255 bytes");
    out.extend_from_slice(NEWC);
    // Inode, mode, owner, group, links, time, size, four device numbers, name, sum.
    let fields = [inode, mode, 0, 0, 1, mtime, size, 0, 0, 0, 0, name_size, 0];
    for field in fields {
        write!(out, "{field:08x}").expect("writing into a Vec never fails");
    }
    out.extend_from_slice(name.as_bytes());
    out.push(0);
    out.resize(out.len() + padding(out.len() as u64), 0);
    out
}

/// The header of the file with this number in the stripped form, with its padding.
pub(super) fn stripped_header(index: u32) -> Vec<u8> {
    let mut out = STRIPPED.to_vec();
    write!(out, "{index:08x}").expect("writing into a Vec never fails");
    out.resize(STRIPPED_SIZE, 0);
    out
}

/// The entry that ends an archive.
pub(super) fn trailer() -> Vec<u8> {
    newc_header(TRAILER, 0, 0, 0, 0)
}

/// What a header says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Entry {
    /// A name, a mode and a size.
    Named { name: String, mode: u32, size: u64 },
    /// Only the number of the file in the header's list.
    Numbered(u32),
    /// The end of the archive.
    Trailer,
}

/// Why an archive was refused.
#[derive(Debug, thiserror::Error)]
pub enum CpioError {
    /// It ends before its trailer.
    #[error("the payload ends too early")]
    Truncated,
    /// The bytes where a header should begin are none, or a field of it is no number.
    #[error("the payload's cpio archive is broken")]
    Header,
    /// A name that is too long or no text.
    #[error("a file name in the payload is broken")]
    Name,
    /// The payload cannot be read or decompressed.
    #[error("reading the payload failed")]
    Io(#[source] io::Error),
}

/// Reads the next header and the padding behind it.
pub(super) fn read_header(source: &mut (impl Read + ?Sized)) -> Result<Entry, CpioError> {
    let mut head = [0; NEWC_SIZE];
    read(source, &mut head[..STRIPPED_SIZE])?;
    if head.starts_with(STRIPPED) {
        return Ok(Entry::Numbered(hex(&head[6..14])?));
    }
    if !head.starts_with(NEWC) && !head.starts_with(NEWC_SUM) {
        return Err(CpioError::Header);
    }
    read(source, &mut head[STRIPPED_SIZE..])?;
    let field = |number: usize| hex(&head[6 + number * 8..14 + number * 8]);
    let (mode, size, name_size) = (field(1)?, field(6)?, field(11)?);
    if name_size == 0 || name_size > MAX_PATH {
        return Err(CpioError::Name);
    }
    let padded = name_size as usize + padding(NEWC_SIZE as u64 + u64::from(name_size));
    let mut name = vec![0; padded];
    read(source, &mut name)?;
    name.truncate(name_size as usize);
    if name.pop() != Some(0) || name.contains(&0) {
        return Err(CpioError::Name);
    }
    let name = String::from_utf8(name).map_err(|_| CpioError::Name)?;
    let size = u64::from(size);
    if name == TRAILER {
        return Ok(Entry::Trailer);
    }
    Ok(Entry::Named { name, mode, size })
}

/// Fills the buffer; an early end is [`CpioError::Truncated`].
pub(super) fn read(source: &mut (impl Read + ?Sized), out: &mut [u8]) -> Result<(), CpioError> {
    source.read_exact(out).map_err(|error| {
        if error.kind() == io::ErrorKind::UnexpectedEof {
            CpioError::Truncated
        } else {
            CpioError::Io(error)
        }
    })
}

/// Eight hexadecimal digits; a sign or a blank is none.
fn hex(digits: &[u8]) -> Result<u32, CpioError> {
    digits.iter().try_fold(0, |sum: u32, byte| {
        let digit = char::from(*byte).to_digit(16).ok_or(CpioError::Header)?;
        Ok(sum << 4 | digit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_back() {
        for name in ["a", "ab", "abc", "abcd", "ü.tar.gz"] {
            let head = newc_header(name, 7, 0o100_644, 9, 5);
            assert_eq!(head.len() % 4, 0);
            assert_eq!(newc_size(name, 5), head.len() as u64 + 8);
            let mut rest = head.as_slice();
            let entry = Entry::Named {
                name: name.to_owned(),
                mode: 0o100_644,
                size: 5,
            };
            assert_eq!(read_header(&mut rest).unwrap(), entry);
            assert!(rest.is_empty());
        }
        let head = stripped_header(0x1f);
        assert_eq!(stripped_size(1), head.len() as u64 + 4);
        assert_eq!(
            read_header(&mut head.as_slice()).unwrap(),
            Entry::Numbered(31)
        );
        let end = trailer();
        assert_eq!(end.len() as u64, trailer_size());
        assert_eq!(read_header(&mut end.as_slice()).unwrap(), Entry::Trailer);
    }

    #[test]
    fn broken_headers_are_refused() {
        let good = newc_header("name", 1, 0o100_644, 0, 0);
        for end in 0..good.len() {
            let error = read_header(&mut &good[..end]).unwrap_err();
            assert!(matches!(error, CpioError::Truncated), "{end}: {error}");
        }
        for (at, bytes) in [
            (0, "070700"),
            (14, "+0000001"),
            (54, "        "),
            (94, "00000000"),
            (94, "ffffffff"),
            (94, "00000003"),
            (112, "\0"),
            (112, "\u{ff}"),
        ] {
            let mut bad = good.clone();
            let bytes: Vec<u8> = bytes.chars().map(|it| it as u8).collect();
            bad[at..at + bytes.len()].copy_from_slice(&bytes);
            assert!(read_header(&mut bad.as_slice()).is_err(), "{at} {bytes:?}");
        }
    }
}
