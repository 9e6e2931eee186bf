//! Compressions of a payload: how they are called, and the writers for them.
//!
//! Reading is `reader::decompress`, which needs limits that writing does not.

use bzip2::write::BzEncoder;
use flate2::write::GzEncoder;
use lzma_rust2::{XzOptions, XzWriter};
use std::fmt;
use std::io::{self, Write};
use std::str::FromStr;

/// How a payload is compressed, with the level. Spelled `zstd`, `gzip:9`, `none` ….
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Compression {
    /// Zstandard, levels 1–19. Fast on data that is compressed already, as sources are.
    Zstd(u8),
    /// gzip, levels 1–9; what `rpmbuild` takes by default.
    Gzip(u8),
    /// xz, levels 0–9.
    Xz(u8),
    /// bzip2, levels 1–9.
    Bzip2(u8),
    /// Not at all.
    None,
}

impl Compression {
    /// PAYLOADCOMPRESSOR; missing where nothing is compressed.
    #[must_use]
    pub const fn name(self) -> Option<&'static str> {
        match self {
            Self::Zstd(_) => Some("zstd"),
            Self::Gzip(_) => Some("gzip"),
            Self::Xz(_) => Some("xz"),
            Self::Bzip2(_) => Some("bzip2"),
            Self::None => None,
        }
    }

    /// The level.
    #[must_use]
    pub const fn level(self) -> Option<u8> {
        match self {
            Self::Zstd(level) | Self::Gzip(level) | Self::Xz(level) | Self::Bzip2(level) => {
                Some(level)
            }
            Self::None => None,
        }
    }

    /// The `rpmlib()` feature that a reader needs, and the version of RPM that brought it.
    pub(super) const fn feature(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Zstd(_) => Some(("rpmlib(PayloadIsZstd)", "5.4.18-1")),
            Self::Xz(_) => Some(("rpmlib(PayloadIsXz)", "5.2-1")),
            Self::Bzip2(_) => Some(("rpmlib(PayloadIsBzip2)", "3.0.5-1")),
            Self::Gzip(_) | Self::None => None,
        }
    }
}

impl Default for Compression {
    fn default() -> Self {
        Self::Zstd(3)
    }
}

impl fmt::Display for Compression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name().unwrap_or("none"))?;
        self.level().map_or(Ok(()), |level| write!(f, ":{level}"))
    }
}

/// A text that names no compression.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "{0:?} is no compression: write zstd, gzip, xz, bzip2 (each with :LEVEL, if need be) or none"
)]
pub struct CompressionError(String);

impl FromStr for Compression {
    type Err = CompressionError;

    fn from_str(text: &str) -> Result<Self, CompressionError> {
        let wrong = || CompressionError(text.to_owned());
        let (name, level) = match text.split_once(':') {
            Some((name, level)) => (name, Some(level.parse::<u8>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let (made, levels) = match name {
            "zstd" => (Self::Zstd(level.unwrap_or(3)), 1..=19),
            "gzip" => (Self::Gzip(level.unwrap_or(9)), 1..=9),
            "xz" => (Self::Xz(level.unwrap_or(6)), 0..=9),
            "bzip2" => (Self::Bzip2(level.unwrap_or(9)), 1..=9),
            "none" if level.is_none() => return Ok(Self::None),
            _ => return Err(wrong()),
        };
        match made.level() {
            Some(level) if levels.contains(&level) => Ok(made),
            _ => Err(wrong()),
        }
    }
}

/// Compresses what is written through it into `W`.
pub(super) enum Compressor<W: Write> {
    Zstd(zstd::stream::write::Encoder<'static, W>),
    Gzip(GzEncoder<W>),
    Xz(Box<XzWriter<W>>),
    Bzip2(BzEncoder<W>),
    None(W),
}

impl<W: Write> Compressor<W> {
    /// A compressor for exactly `size` bytes.
    pub(super) fn new(how: Compression, size: u64, inner: W) -> io::Result<Self> {
        Ok(match how {
            Compression::Zstd(level) => {
                let mut encoder = zstd::stream::write::Encoder::new(inner, i32::from(level))?;
                // Lets zstd take tables that are no larger than the data needs.
                encoder.set_pledged_src_size(Some(size))?;
                Self::Zstd(encoder)
            }
            Compression::Gzip(level) => {
                let level = flate2::Compression::new(u32::from(level));
                Self::Gzip(GzEncoder::new(inner, level))
            }
            Compression::Xz(level) => {
                let options = XzOptions::with_preset(u32::from(level));
                Self::Xz(Box::new(XzWriter::new(inner, options)?))
            }
            Compression::Bzip2(level) => {
                let level = bzip2::Compression::new(u32::from(level));
                Self::Bzip2(BzEncoder::new(inner, level))
            }
            Compression::None => Self::None(inner),
        })
    }

    /// Ends the compressed stream.
    pub(super) fn finish(self) -> io::Result<W> {
        match self {
            Self::Zstd(it) => it.finish(),
            Self::Gzip(it) => it.finish(),
            Self::Xz(it) => it.finish(),
            Self::Bzip2(it) => it.finish(),
            Self::None(it) => Ok(it),
        }
    }
}

impl<W: Write> Write for Compressor<W> {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        match self {
            Self::Zstd(it) => it.write(buf),
            Self::Gzip(it) => it.write(buf),
            Self::Xz(it) => it.write(buf),
            Self::Bzip2(it) => it.write(buf),
            Self::None(it) => it.write(buf),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Zstd(it) => it.flush(),
            Self::Gzip(it) => it.flush(),
            Self::Xz(it) => it.flush(),
            Self::Bzip2(it) => it.flush(),
            Self::None(it) => it.flush(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_are_read_back() {
        for (text, how) in [
            ("zstd", Compression::default()),
            ("zstd:19", Compression::Zstd(19)),
            ("gzip", Compression::Gzip(9)),
            ("gzip:1", Compression::Gzip(1)),
            ("xz:0", Compression::Xz(0)),
            ("bzip2", Compression::Bzip2(9)),
            ("none", Compression::None),
        ] {
            assert_eq!(text.parse(), Ok(how), "{text}");
            assert_eq!(how.to_string().parse(), Ok(how), "{text}");
        }
    }

    #[test]
    fn other_texts_are_refused() {
        for text in [
            "", "lzma", "zstd:0", "zstd:20", "zstd:", "zstd:x", "gzip:0", "gzip:10", "xz:10",
            "bzip2:0", "none:1", "ZSTD", "zstd:3 ", "gzip:-1", "gzip:300",
        ] {
            assert!(text.parse::<Compression>().is_err(), "{text:?}");
        }
    }
}
