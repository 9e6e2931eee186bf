//! Opens a payload's compression, with bounded memory.

use super::error::ReadError;
use bzip2::bufread::MultiBzDecoder;
use flate2::bufread::MultiGzDecoder;
use lzma_rust2::{LzmaReader, XzReader};
use std::io::{self, BufRead, Read};

/// Memory of an xz or lzma decoder: dictionaries of up to 128 MiB, twice what level 9 takes.
const MEMORY_KIB: u32 = (128 << 10) + 4096;
/// The logarithm of the largest window of a zstd decoder: 128 MiB, as the tool itself takes.
const WINDOW_LOG: u32 = 27;

/// How a payload is compressed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    Gzip,
    Bzip2,
    Xz,
    Lzma,
    Zstd,
    Plain,
    /// Not said; either gzip or nothing, as the first bytes tell.
    Unknown,
}

impl Format {
    /// What PAYLOADCOMPRESSOR says.
    pub(super) fn of_tag(name: Option<&str>) -> Result<Self, ReadError> {
        Ok(match name {
            Some("gzip") => Self::Gzip,
            Some("bzip2") => Self::Bzip2,
            Some("xz") => Self::Xz,
            Some("lzma") => Self::Lzma,
            Some("zstd") => Self::Zstd,
            Some("none" | "identity") => Self::Plain,
            None => Self::Unknown,
            Some(other) => {
                return Err(ReadError::Unsupported {
                    what: "compression",
                    value: other.to_owned(),
                });
            }
        })
    }

    /// A decoder of this format. It stops at the end of the compressed data, which need not be
    /// the end of the source.
    pub(super) fn decoder<'a>(
        self,
        source: &'a mut impl BufRead,
    ) -> io::Result<Box<dyn Read + 'a>> {
        Ok(match self {
            Self::Unknown => {
                let is_gzip = source.fill_buf()?.starts_with(&[0x1f, 0x8b]);
                return if is_gzip { Self::Gzip } else { Self::Plain }.decoder(source);
            }
            Self::Gzip => Box::new(MultiGzDecoder::new(source)),
            Self::Bzip2 => Box::new(MultiBzDecoder::new(source)),
            Self::Xz => Box::new(XzReader::new_mem_limit(source, true, MEMORY_KIB)),
            Self::Lzma => {
                let decoder = LzmaReader::new_mem_limit(source, MEMORY_KIB, None)?;
                Box::new(WholeLzma(Some(decoder)))
            }
            Self::Zstd => {
                let mut decoder = zstd::stream::read::Decoder::with_buffer(source)?;
                decoder.window_log_max(WINDOW_LOG)?;
                Box::new(decoder)
            }
            Self::Plain => Box::new(source),
        })
    }
}

/// An lzma decoder that sees to it that nothing follows; it reads ahead, so that nobody else
/// could.
struct WholeLzma<R>(Option<LzmaReader<R>>);

impl<R: Read> Read for WholeLzma<R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let Some(decoder) = &mut self.0 else {
            return Ok(0);
        };
        let size = decoder.read(buf)?;
        if size == 0
            && !buf.is_empty()
            && let Some(ended) = self.0.take()
            && !ended.into_parts().1.is_empty()
        {
            let text = "bytes behind the end of the lzma stream";
            return Err(io::Error::new(io::ErrorKind::InvalidData, text));
        }
        Ok(size)
    }
}
