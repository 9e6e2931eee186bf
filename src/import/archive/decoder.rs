//! Decompression of a stream that may consist of several members.
//!
//! gzip and bzip2 files may be joined end to end; what follows the last member and is none
//! itself is ignored, as gzip and tar do. Memory is bounded: 32 KiB of window for gzip, about
//! 4 MB for bzip2, [`XZ_MEMORY`] at most for xz.

use bzip2::bufread::BzDecoder;
use flate2::bufread::GzDecoder;
use lzma_rust2::XzReader;
use std::io::{self, BufRead, Read};

/// Bytes that an xz dictionary may take: the largest preset (`xz -9`) and the decoder's own needs.
pub(super) const XZ_MEMORY: u64 = 66 << 20;

/// More members than this are no archive but a trap: an empty one costs 20 bytes and much work.
const MAX_MEMBERS: u32 = 1_000_000;

const GZIP: &[u8] = &[0x1f, 0x8b];
const BZIP2: &[u8] = b"BZh";
const XZ: &[u8] = &[0xfd, b'7', b'z', b'X', b'Z', 0];

/// A compressed stream, read as what it holds.
pub(super) struct Decoder<R: BufRead> {
    member: Member<R>,
    members: u32,
}

enum Member<R: BufRead> {
    Plain(R),
    Gzip(Box<GzDecoder<R>>),
    Bzip2(Box<BzDecoder<R>>),
    Xz(Box<XzReader<R>>),
    End,
}

impl<R: BufRead> Member<R> {
    /// The member whose first bytes lie next in `input`.
    fn sniff(mut input: R) -> io::Result<Self> {
        let magic = input.fill_buf()?;
        Ok(if magic.starts_with(GZIP) {
            Self::Gzip(Box::new(GzDecoder::new(input)))
        } else if magic.starts_with(BZIP2) {
            Self::Bzip2(Box::new(BzDecoder::new(input)))
        } else if magic.starts_with(XZ) {
            let memory_kib = u32::try_from(XZ_MEMORY >> 10).unwrap_or(u32::MAX);
            Self::Xz(Box::new(XzReader::new_mem_limit(input, true, memory_kib)))
        } else {
            Self::Plain(input)
        })
    }
}

impl<R: BufRead> Decoder<R> {
    /// A decoder of whatever the first bytes say.
    pub(super) fn sniff(input: R) -> io::Result<Self> {
        Ok(Self {
            member: Member::sniff(input)?,
            members: 1,
        })
    }

    /// A decoder of gzip.
    pub(super) fn gzip(input: R) -> Self {
        Self {
            member: Member::Gzip(Box::new(GzDecoder::new(input))),
            members: 1,
        }
    }

    /// Goes on to the next member of the same kind, or to the end.
    fn next_member(&mut self) -> io::Result<()> {
        self.members += 1;
        if self.members > MAX_MEMBERS {
            return Err(io::Error::new(
                io::ErrorKind::InvalidData,
                "more than a million compressed members",
            ));
        }
        self.member = match std::mem::replace(&mut self.member, Member::End) {
            Member::Gzip(done) => {
                let mut input = done.into_inner();
                if input.fill_buf()?.starts_with(GZIP) {
                    Member::Gzip(Box::new(GzDecoder::new(input)))
                } else {
                    Member::End
                }
            }
            Member::Bzip2(done) => {
                let mut input = done.into_inner();
                if input.fill_buf()?.starts_with(BZIP2) {
                    Member::Bzip2(Box::new(BzDecoder::new(input)))
                } else {
                    Member::End
                }
            }
            _ => Member::End,
        };
        Ok(())
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        loop {
            let n = match &mut self.member {
                Member::Plain(input) => return input.read(buf),
                Member::Xz(decoder) => return decoder.read(buf),
                Member::Gzip(decoder) => decoder.read(buf)?,
                Member::Bzip2(decoder) => decoder.read(buf)?,
                Member::End => return Ok(0),
            };
            if n > 0 || buf.is_empty() {
                return Ok(n);
            }
            self.next_member()?;
        }
    }
}
