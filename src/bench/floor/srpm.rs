//! What is in a source package, read without a doubt: a number that is wrong ends it.
//!
//! The payload is a cpio archive of the new ASCII form, or of RPM's own stripped form, whose names
//! and sizes stand in the package's header.

/// Tags of the header.
const BASE_NAMES: usize = 1117;
const FILE_SIZES: usize = 1028;
const LONG_FILE_SIZES: usize = 5008;

/// A name and the bytes of the file.
pub(super) type Named<'a> = (&'a str, &'a [u8]);

/// The main header, and what follows it.
pub(super) fn parts(package: &[u8]) -> Option<(&[u8], &[u8])> {
    let length =
        |at: usize| Some(16 + 16 * number(package, at + 8, 4)? + number(package, at + 12, 4)?);
    let main = 96 + length(96)?.next_multiple_of(8);
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

/// The entries of a payload.
pub(super) fn files_of<'a>(header: &'a [u8], archive: &'a [u8]) -> Option<Vec<Named<'a>>> {
    let mut out = Vec::new();
    let mut at = 0;
    loop {
        if archive.get(at..at + 6)? == b"07070X" {
            let place = hex(archive.get(at + 6..at + 14)?)?;
            let (name, size) = listed(header, place)?;
            let content = at + 16;
            out.push((name, archive.get(content..content + size)?));
            at = (content + size).next_multiple_of(4);
            continue;
        }
        let head = archive.get(at..at + 110)?;
        if !head.starts_with(b"070701") && !head.starts_with(b"070702") {
            return None;
        }
        let field = |number: usize| hex(&head[6 + 8 * number..14 + 8 * number]);
        let (size, length) = (field(6)?, field(11)?);
        let name = archive.get(at + 110..at + 109 + length)?;
        let name = std::str::from_utf8(name).ok()?;
        let content = at + (110 + length).next_multiple_of(4);
        if name == "TRAILER!!!" {
            return Some(out);
        }
        let name = name.strip_prefix("./").unwrap_or(name);
        out.push((name, archive.get(content..content + size)?));
        at = content + size.next_multiple_of(4);
    }
}

fn hex(digits: &[u8]) -> Option<usize> {
    usize::from_str_radix(std::str::from_utf8(digits).ok()?, 16).ok()
}

/// Name and size of a file, by its place in the header's lists.
fn listed(header: &[u8], place: usize) -> Option<(&str, usize)> {
    let count = number(header, 8, 4)?;
    let store = 16 + 16 * count;
    let find = |tag: usize| {
        let entries = (0..count).map(|it| 16 + 16 * it);
        let mut entries = entries.filter(|at| number(header, *at, 4) == Some(tag));
        Some(store + number(header, entries.next()? + 8, 4)?)
    };
    let names = header.get(find(BASE_NAMES)?..)?;
    let name = names.split(|it| *it == 0).nth(place)?;
    let size = match find(FILE_SIZES) {
        Some(sizes) => number(header, sizes + 4 * place, 4)?,
        None => number(header, find(LONG_FILE_SIZES)? + 8 * place, 8)?,
    };
    Some((std::str::from_utf8(name).ok()?, size))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A header with two tags: names, and sizes of four bytes each.
    fn header(names: &[u8], sizes: &[u32]) -> Vec<u8> {
        let sizes: Vec<u8> = sizes.iter().flat_map(|it| it.to_be_bytes()).collect();
        let mut out = vec![0x8e, 0xad, 0xe8, 1, 0, 0, 0, 0];
        let number = |it: usize| u32::try_from(it).unwrap().to_be_bytes();
        out.extend(number(2));
        out.extend(number(sizes.len() + names.len()));
        for (tag, offset) in [(FILE_SIZES, 0), (BASE_NAMES, sizes.len())] {
            out.extend([number(tag), number(0), number(offset), number(0)].concat());
        }
        [&out[..], &sizes, names].concat()
    }

    #[test]
    fn the_stripped_form_takes_names_and_sizes_from_the_header() {
        let header = header(b"a.spec\0b.patch\0", &[3, 5]);
        let mut payload = b"07070X00000001\0\0hello\0\0\0".to_vec();
        payload.extend(b"07070X00000000\0\0abc\0");
        let trailer = format!("070701{}{:08x}{:08x}", "00000000".repeat(11), 11, 0);
        payload.extend(trailer.bytes().chain(*b"TRAILER!!!\0\0\0\0"));
        let mut package = vec![0; 96];
        package.extend(&[0; 16]);
        package.extend(&header);
        package.extend(&payload);
        let (main, rest) = parts(&package).unwrap();
        assert_eq!((main, rest), (&header[..], &payload[..]));
        let files = files_of(main, rest).unwrap();
        assert_eq!(files, [("b.patch", &b"hello"[..]), ("a.spec", &b"abc"[..])]);
        assert_eq!(files_of(main, &payload[..30]), None);
        assert_eq!(parts(&package[..100]), None);
    }
}
