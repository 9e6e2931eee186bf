//! zlib streams of many small contents, all by one compressor: its tables are larger than they are.

use flate2::{Compress, Compression, FlushCompress, Status};
use std::io;

/// Bytes by which the output grows at a time, at least.
const ROOM: usize = 1024;

/// A compressor that is used again and again.
pub(super) struct Deflate(Compress);

impl Default for Deflate {
    fn default() -> Self {
        Self(Compress::new(Compression::fast(), true))
    }
}

impl Deflate {
    /// Appends one stream that holds the parts, one after the other.
    ///
    /// # Errors
    /// When zlib refuses, which it never does.
    pub(super) fn append(&mut self, parts: &[&[u8]], out: &mut Vec<u8>) -> io::Result<()> {
        self.0.reset();
        for part in parts {
            self.push(part, FlushCompress::None, out)?;
        }
        self.push(&[], FlushCompress::Finish, out)
    }

    fn push(&mut self, mut part: &[u8], flush: FlushCompress, out: &mut Vec<u8>) -> io::Result<()> {
        loop {
            out.reserve(ROOM.max(part.len() / 2));
            let before = self.0.total_in();
            let status = self
                .0
                .compress_vec(part, out, flush)
                .map_err(io::Error::other)?;
            let taken = usize::try_from(self.0.total_in() - before).map_err(io::Error::other)?;
            part = &part[taken..];
            let done = match flush {
                FlushCompress::Finish => status == Status::StreamEnd,
                _ => part.is_empty(),
            };
            if done {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use flate2::read::ZlibDecoder;
    use std::io::Read as _;

    #[test]
    fn every_stream_stands_for_itself() {
        let noise: Vec<u8> = (0..200_000_u32)
            .map(|it| (it.wrapping_mul(2_654_435_761) >> 13) as u8)
            .collect();
        let mut deflate = Deflate::default();
        for parts in [
            vec![&b""[..]],
            vec![&b"blob 3\0"[..], b"abc"],
            vec![&noise, &noise[..1], &[7; 100_000]],
            vec![],
            vec![&b"x"[..]],
        ] {
            let mut out = b"before".to_vec();
            deflate.append(&parts, &mut out).unwrap();
            let mut back = Vec::new();
            let mut decoder = ZlibDecoder::new(&out[6..]);
            decoder.read_to_end(&mut back).unwrap();
            assert_eq!(back, parts.concat());
            assert_eq!(decoder.total_in(), out.len() as u64 - 6);
        }
    }
}
