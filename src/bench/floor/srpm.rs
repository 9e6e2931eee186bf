//! What is in a source package, read without a doubt: a number that is wrong ends it.
//!
//! The payload is a cpio archive of the new ASCII form, or of RPM's own stripped form, whose names
//! and sizes stand in the package's header.

use std::ops::Range;

/// Bytes before the signature header.
pub(super) const LEAD: usize = 96;

/// Tags of the main header.
const NAME: usize = 1000;
const FILE_SIZES: usize = 1028;
const FILE_MODES: usize = 1030;
const BASE_NAMES: usize = 1117;
const LONG_FILE_SIZES: usize = 5008;

/// A file in a payload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Entry<'a> {
    pub(super) name: &'a str,
    /// Where its bytes are.
    pub(super) bytes: Range<usize>,
    pub(super) is_executable: bool,
}

/// The main header, and what follows it.
pub(super) fn parts(package: &[u8]) -> Option<(&[u8], &[u8])> {
    let length =
        |at: usize| Some(16 + 16 * number(package, at + 8, 4)? + number(package, at + 12, 4)?);
    let main = LEAD + length(LEAD)?.next_multiple_of(8);
    let payload = main + length(main)?;
    Some((package.get(main..payload)?, package.get(payload..)?))
}

/// A number of so many bytes, the highest first.
fn number(bytes: &[u8], at: usize, width: usize) -> Option<usize> {
    let bytes = bytes.get(at..at + width)?;
    bytes.iter().try_fold(0_usize, |sum, it| {
        sum.checked_mul(256)?.checked_add((*it).into())
    })
}

/// Where the value of a tag begins in a header.
pub(super) fn find(header: &[u8], tag: usize) -> Option<usize> {
    let count = number(header, 8, 4)?;
    let mut entries = (0..count).map(|it| 16 + 16 * it);
    let at = entries.find(|at| number(header, *at, 4) == Some(tag))?;
    Some(16 + 16 * count + number(header, at + 8, 4)?)
}

/// The string of a tag, or that of this place in its list.
fn string(header: &[u8], tag: usize, place: usize) -> Option<&str> {
    let strings = header.get(find(header, tag)?..)?;
    let text = strings.split(|it| *it == 0).nth(place)?;
    std::str::from_utf8(text).ok()
}

/// The name that a main header gives its package.
pub(super) fn name(header: &[u8]) -> Option<&str> {
    string(header, NAME, 0)
}

/// The files of a payload.
pub(super) fn entries<'a>(header: &'a [u8], archive: &'a [u8]) -> Option<Vec<Entry<'a>>> {
    let mut out = Vec::new();
    let mut at = 0;
    loop {
        if archive.get(at..at + 6)? == b"07070X" {
            let place = hex(archive.get(at + 6..at + 14)?)?;
            let entry = listed(header, place, at + 16)?;
            at = entry.bytes.end.next_multiple_of(4);
            archive.get(entry.bytes.clone())?;
            out.push(entry);
            continue;
        }
        let head = archive.get(at..at + 110)?;
        if !head.starts_with(b"070701") && !head.starts_with(b"070702") {
            return None;
        }
        let field = |number: usize| hex(&head[6 + 8 * number..14 + 8 * number]);
        let (mode, size, length) = (field(1)?, field(6)?, field(11)?);
        let name = archive.get(at + 110..at + 109 + length)?;
        let name = std::str::from_utf8(name).ok()?;
        let content = at + (110 + length).next_multiple_of(4);
        if name == "TRAILER!!!" {
            return Some(out);
        }
        archive.get(content..content + size)?;
        out.push(Entry {
            name: name.strip_prefix("./").unwrap_or(name),
            bytes: content..content + size,
            is_executable: is_executable(mode),
        });
        at = content + size.next_multiple_of(4);
    }
}

/// git looks at the owner's bit alone.
const fn is_executable(mode: usize) -> bool {
    mode & 0o100 != 0
}

fn hex(digits: &[u8]) -> Option<usize> {
    usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// A file by its place in the header's lists, whose bytes begin there.
fn listed(header: &[u8], place: usize, content: usize) -> Option<Entry<'_>> {
    let size = match find(header, FILE_SIZES) {
        Some(sizes) => number(header, sizes + 4 * place, 4)?,
        None => number(header, find(header, LONG_FILE_SIZES)? + 8 * place, 8)?,
    };
    let modes = find(header, FILE_MODES)?;
    Some(Entry {
        name: string(header, BASE_NAMES, place)?,
        bytes: content..content.checked_add(size)?,
        is_executable: is_executable(number(header, modes + 2 * place, 2)?),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header with three tags: names, modes of two bytes, sizes of four bytes each.
    fn header(names: &[u8], modes: &[u16], sizes: &[u32]) -> Vec<u8> {
        let sizes: Vec<u8> = sizes.iter().flat_map(|it| it.to_be_bytes()).collect();
        let modes: Vec<u8> = modes.iter().flat_map(|it| it.to_be_bytes()).collect();
        let mut out = vec![0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0];
        let number = |it: usize| u32::try_from(it).unwrap().to_be_bytes();
        let (of_modes, of_names) = (sizes.len(), sizes.len() + modes.len());
        out.extend(number(3));
        out.extend(number(of_names + names.len()));
        for (tag, offset) in [
            (FILE_SIZES, 0),
            (FILE_MODES, of_modes),
            (BASE_NAMES, of_names),
        ] {
            out.extend([number(tag), number(0), number(offset), number(0)].concat());
        }
        [&out[..], &sizes, &modes, names].concat()
    }

    #[test]
    fn the_stripped_form_takes_names_and_sizes_from_the_header() {
        let header = header(b"a.spec\0run\0", &[0o100_644, 0o100_755], &[3, 5]);
        let mut payload = b"07070X00000001\0\0hello\0\0\0".to_vec();
        payload.extend(b"07070X00000000\0\0abc\0");
        let trailer = format!("070701{}{:08x}{:08x}", "00000000".repeat(11), 11, 0);
        payload.extend(trailer.bytes().chain(*b"TRAILER!!!\0\0\0\0"));
        let mut package = vec![0; LEAD];
        package.extend(&[0; 16]);
        package.extend(&header);
        package.extend(&payload);
        let (main, rest) = parts(&package).unwrap();
        assert_eq!((main, rest), (&header[..], &payload[..]));
        let files = entries(main, rest).unwrap();
        let files: Vec<_> = files
            .into_iter()
            .map(|it| (it.name, &rest[it.bytes], it.is_executable))
            .collect();
        assert_eq!(
            files,
            [("run", &b"hello"[..], true), ("a.spec", &b"abc"[..], false)]
        );
        assert_eq!(entries(main, &payload[..30]), None);
        assert_eq!(parts(&package[..100]), None);
    }
}
