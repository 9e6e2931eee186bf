//! One pack and its index after the other, version 2 of both (`gitformat-pack`): every object whole,
//! one compressor and one set of buffers for all of them.

use super::hex;
use flate2::{Compress, Compression, Crc, FlushCompress};
use sha1::{Digest, Sha1};
use std::fs;
use std::io;
use std::path::Path;

/// The name of an object.
pub(super) type Id = [u8; 20];

/// What an object is, with its number in a pack.
#[derive(Clone, Copy)]
pub(super) enum Kind {
    Commit = 1,
    Tree = 2,
    Blob = 3,
}

/// A pack that is being made.
pub(super) struct Packer {
    deflate: Compress,
    pack: Vec<u8>,
    index: Vec<u8>,
    places: Vec<Place>,
}

/// Where an object stands, and the checksum of its bytes there.
struct Place {
    id: Id,
    offset: u32,
    crc: u32,
}

impl Default for Packer {
    fn default() -> Self {
        Self {
            deflate: Compress::new(Compression::fast(), true),
            pack: Vec::new(),
            index: Vec::new(),
            places: Vec::new(),
        }
    }
}

impl Packer {
    /// Appends an object, unless it is in the pack.
    pub(super) fn add(&mut self, kind: Kind, content: &[u8]) -> io::Result<Id> {
        let word = ["commit", "tree", "blob"][kind as usize - 1];
        let mut sha = Sha1::new();
        sha.update(format!("{word} {}\0", content.len()));
        sha.update(content);
        let id: Id = sha.finalize().into();
        if self.places.iter().any(|it| it.id == id) {
            return Ok(id);
        }
        if self.places.is_empty() {
            self.pack.clear();
            // The number of objects follows.
            self.pack.extend_from_slice(b"PACK\0\0\0\x02\0\0\0\0");
        }
        let start = self.pack.len();
        self.head(kind, content.len());
        // More than any content can become.
        self.pack.reserve(content.len() + content.len() / 8 + 64);
        self.deflate.reset();
        let whole = FlushCompress::Finish;
        let packed = self.deflate.compress_vec(content, &mut self.pack, whole);
        packed.map_err(io::Error::other)?;
        let mut crc = Crc::new();
        crc.update(&self.pack[start..]);
        self.places.push(Place {
            id,
            offset: u32::try_from(start).map_err(io::Error::other)?,
            crc: crc.sum(),
        });
        Ok(id)
    }

    /// The type in three bits and the length in four, then seven a byte, the lowest first.
    fn head(&mut self, kind: Kind, size: usize) {
        let mut byte = (kind as u8) << 4 | (size & 0x0f) as u8;
        let mut rest = size >> 4;
        while rest > 0 {
            self.pack.push(byte | 0x80);
            byte = (rest & 0x7f) as u8;
            rest >>= 7;
        }
        self.pack.push(byte);
    }

    /// Writes pack and index into a folder, and begins anew.
    pub(super) fn write(&mut self, folder: &Path) -> io::Result<()> {
        let count = u32::try_from(self.places.len()).map_err(io::Error::other)?;
        self.pack[8..12].copy_from_slice(&count.to_be_bytes());
        let digest = Sha1::digest(&self.pack);
        self.pack.extend_from_slice(&digest);
        self.list(&digest);
        self.places.clear();
        let name = hex(&digest);
        fs::write(folder.join(format!("pack-{name}.pack")), &self.pack)?;
        fs::write(folder.join(format!("pack-{name}.idx")), &self.index)
    }

    /// Makes the index.
    fn list(&mut self, digest: &[u8]) {
        self.places.sort_unstable_by_key(|it| it.id);
        let (out, places) = (&mut self.index, &self.places);
        out.clear();
        out.extend_from_slice(b"\xfftOc\0\0\0\x02");
        let mut count: u32 = 0;
        let mut left = places.iter().peekable();
        for first in 0..=u8::MAX {
            while left.next_if(|it| it.id[0] == first).is_some() {
                count += 1;
            }
            out.extend_from_slice(&count.to_be_bytes());
        }
        out.extend(places.iter().flat_map(|it| it.id));
        out.extend(places.iter().flat_map(|it| it.crc.to_be_bytes()));
        out.extend(places.iter().flat_map(|it| it.offset.to_be_bytes()));
        out.extend_from_slice(digest);
        let own = Sha1::digest(&*out);
        out.extend_from_slice(&own);
    }
}
