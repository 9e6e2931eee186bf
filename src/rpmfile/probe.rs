//! The inner readers by themselves, for the fuzz targets under `fuzz/`; nothing else calls them.
//!
//! Each takes any bytes, reads all that there is to read, and drops the result: it may fail, but
//! must not panic, hang or take more memory than its bounds say.

use super::cpio::{self, Entry};
use super::digest::{hasher, hex_of};
use super::header::{Header, HeaderBuilder};
use super::lead::source_lead;
use super::reader::{ReadError, SourcePackage, plain};
use super::tag;
use crate::config::Limits;
use sha2::Sha256;
use std::io::{self, Read as _};

/// Values of one tag that are asked for; the callers of [`Header::strings`] bound them as well.
const MAX_VALUES: usize = 10_000;
/// Names of compressions, by the first byte of an input.
const COMPRESSIONS: [&str; 6] = ["none", "gzip", "bzip2", "xz", "lzma", "zstd"];

/// Reads bytes as a header of either kind, and every value of every tag in it as every type.
pub fn header(bytes: &[u8]) {
    let limits = Limits::default();
    for region in [tag::HEADER_IMMUTABLE, tag::HEADER_SIGNATURES] {
        let Ok(header) = Header::read(&mut &bytes[..], region, limits.max_metadata) else {
            continue;
        };
        for entry in header.bytes()[16..].chunks_exact(16).take(256) {
            let tag = u32::from_be_bytes([entry[0], entry[1], entry[2], entry[3]]);
            let _ = (header.string(tag), header.number(tag), header.binary(tag));
            if header.count(tag) <= MAX_VALUES {
                let _ = (header.strings(tag), header.numbers(tag));
            }
        }
    }
}

/// Reads bytes as a payload: the first one chooses the compression, the rest is a cpio archive.
pub fn payload(bytes: &[u8]) {
    let Some((first, mut rest)) = bytes.split_first() else {
        return;
    };
    let name = COMPRESSIONS[usize::from(*first) % COMPRESSIONS.len()];
    let _ = plain(name, &mut rest, &Limits::default(), |archive| {
        loop {
            let size = match cpio::read_header(archive) {
                Ok(Entry::Named { size, .. }) => size,
                Ok(Entry::Numbered(number)) => u64::from(number),
                Ok(Entry::Trailer) | Err(_) => break,
            };
            let size = size + cpio::padding(size) as u64;
            if io::copy(&mut archive.take(size), &mut io::sink()).ok() != Some(size) {
                break;
            }
        }
    });
}

/// Reads bytes as a whole package. An odd first byte says that the rest is only main header and
/// payload: then a lead and a signature header that fit are put before it, so that more than the
/// check of the digests is reached.
pub fn package(bytes: &[u8]) {
    let Some((first, rest)) = bytes.split_first() else {
        return;
    };
    let sealed = (first % 2 == 1).then(|| seal(rest)).flatten();
    let bytes = sealed.as_deref().unwrap_or(rest);
    let Ok(package) = SourcePackage::read(bytes, &Limits::default()) else {
        return;
    };
    let _ = package.for_each_file(|file, content| -> Result<(), ReadError> {
        let size = io::copy(content, &mut io::sink()).map_err(ReadError::Io)?;
        assert_eq!(size, file.size, "{} as long as listed", file.name);
        Ok(())
    });
}

fn seal(bytes: &[u8]) -> Option<Vec<u8>> {
    let max = Limits::default().max_metadata;
    let main = Header::read(&mut &bytes[..], tag::HEADER_IMMUTABLE, max).ok()?;
    let mut md5 = hasher(1)?;
    md5.update(bytes);
    let mut signature = HeaderBuilder::default();
    signature.string(tag::SIG_SHA256, &hex_of::<Sha256>(main.bytes()));
    signature.binary(tag::SIG_MD5, &md5.finalize());
    let mut out = source_lead("a-1-1", "x86_64").to_vec();
    out.extend(signature.finish(tag::HEADER_SIGNATURES).ok()?);
    out.resize(out.len().next_multiple_of(8), 0);
    out.extend_from_slice(bytes);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_inputs_are_survived() {
        for first in 0..8 {
            for rest in [&b""[..], &[0; 200], b"070701", &[0xff; 64]] {
                let bytes = [&[first], rest].concat();
                header(&bytes);
                payload(&bytes);
                package(&bytes);
            }
        }
    }
}
