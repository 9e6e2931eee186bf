//! A small pack and its index, made in memory.
//!
//! Pack format version 2 and index version 2, as git's `gitformat-pack` describes them. Objects
//! stand whole, none as a delta: they are few, and what is kept for long is packed anew.

use super::deflate::Deflate;
use super::objects::NewObject;
use flate2::Crc;
use git2::{ObjectType, Oid};
use sha1::{Digest as _, Sha1};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io;

/// A pack and its index.
pub(super) struct PackFile {
    /// The digest of the pack in hexadecimal digits, which its files are named by.
    pub(super) name: String,
    pub(super) bytes: Vec<u8>,
    pub(super) index: Vec<u8>,
}

/// Where an object stands in the pack, and the checksum of its bytes there.
struct Place {
    id: Oid,
    offset: u32,
    crc: u32,
}

/// Packs objects.
///
/// # Errors
/// Where they are too many or too large for offsets of 31 bits.
pub(super) fn make(
    objects: &BTreeMap<Oid, NewObject>,
    deflate: &mut Deflate,
) -> io::Result<PackFile> {
    let count = u32::try_from(objects.len()).map_err(io::Error::other)?;
    let mut bytes = b"PACK\0\0\0\x02".to_vec();
    bytes.extend(count.to_be_bytes());
    let mut places = Vec::with_capacity(objects.len());
    for (id, object) in objects {
        let start = bytes.len();
        entry_head(&mut bytes, type_number(object.kind), object.bytes.len());
        deflate.append(&[&object.bytes], &mut bytes)?;
        let mut crc = Crc::new();
        crc.update(&bytes[start..]);
        let offset = i32::try_from(start).map_err(io::Error::other)?;
        places.push(Place {
            id: *id,
            offset: offset.unsigned_abs(),
            crc: crc.sum(),
        });
    }
    let digest = Sha1::digest(&bytes);
    bytes.extend(digest);
    let name = digest.iter().fold(String::new(), |mut name, byte| {
        write!(name, "{byte:02x}").expect("writing into a String never fails");
        name
    });
    Ok(PackFile {
        name,
        index: index(&places, &digest),
        bytes,
    })
}

fn type_number(kind: ObjectType) -> u8 {
    match kind {
        ObjectType::Commit => 1,
        ObjectType::Tree => 2,
        ObjectType::Tag => 4,
        ObjectType::Blob | ObjectType::Any => 3,
    }
}

/// The type in three bits and the length in four, then seven a byte, the lowest first.
fn entry_head(out: &mut Vec<u8>, kind: u8, size: usize) {
    let low = |bits: usize, mask: usize| (bits & mask) as u8;
    let mut byte = kind << 4 | low(size, 0x0f);
    let mut rest = size >> 4;
    while rest > 0 {
        out.push(byte | 0x80);
        byte = low(rest, 0x7f);
        rest >>= 7;
    }
    out.push(byte);
}

fn index(places: &[Place], pack: &[u8]) -> Vec<u8> {
    let mut out = b"\xfftOc\0\0\0\x02".to_vec();
    let mut count: u32 = 0;
    // Names are in order, as the map has them.
    let mut left = places.iter().peekable();
    for first in 0..=u8::MAX {
        while left.next_if(|it| it.id.as_bytes()[0] == first).is_some() {
            count += 1;
        }
        out.extend(count.to_be_bytes());
    }
    out.extend(places.iter().flat_map(|it| it.id.as_bytes()));
    out.extend(places.iter().flat_map(|it| it.crc.to_be_bytes()));
    out.extend(places.iter().flat_map(|it| it.offset.to_be_bytes()));
    out.extend(pack);
    let digest = Sha1::digest(&out);
    out.extend(digest);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_take_seven_bits_a_byte() {
        let head = |size| {
            let mut out = Vec::new();
            entry_head(&mut out, 3, size);
            out
        };
        assert_eq!(head(0), [0x30]);
        assert_eq!(head(15), [0x3f]);
        assert_eq!(head(16), [0xb0, 0x01]);
        assert_eq!(head(0x0fff), [0xbf, 0xff, 0x01]);
    }

    #[test]
    fn git_reads_what_was_packed() {
        let dir = tempfile::TempDir::new().unwrap();
        let git = git2::Repository::init_bare(dir.path()).unwrap();
        let contents: Vec<Vec<u8>> = (0..300_usize).map(|it| vec![b'x'; it * it]).collect();
        let object = |bytes: Vec<u8>| NewObject {
            kind: ObjectType::Blob,
            bytes: bytes.into(),
        };
        let id = |bytes: &[u8]| Oid::hash_object(ObjectType::Blob, bytes).unwrap();
        let objects: BTreeMap<Oid, NewObject> = contents
            .into_iter()
            .map(|bytes| (id(&bytes), object(bytes)))
            .collect();
        let pack = make(&objects, &mut Deflate::default()).unwrap();
        let place = dir.path().join("objects/pack/pack-").into_os_string();
        let place = place.into_string().unwrap() + &pack.name;
        std::fs::write(format!("{place}.pack"), &pack.bytes).unwrap();
        std::fs::write(format!("{place}.idx"), &pack.index).unwrap();
        for (id, object) in &objects {
            assert_eq!(git.find_blob(*id).unwrap().content(), &object.bytes[..]);
        }
        let verified = std::process::Command::new("git")
            .args(["verify-pack", &format!("{place}.idx")])
            .status();
        assert!(verified.unwrap().success());
    }
}
