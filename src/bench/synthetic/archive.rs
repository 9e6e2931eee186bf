//! A `.tar.gz` under construction, which knows how long it is so far.

use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write as _};
use tar::{Builder, Header};

/// The time of every entry.
pub(super) const TIME: u32 = 1_700_000_000;

/// A compressed archive in memory.
pub(super) struct Archive {
    tar: Builder<GzEncoder<Vec<u8>>>,
    plain: usize,
}

impl Archive {
    pub(super) fn new() -> Self {
        let gz = GzEncoder::new(Vec::new(), Compression::default());
        Self {
            tar: Builder::new(gz),
            plain: 0,
        }
    }

    /// Adds a file.
    pub(super) fn add(&mut self, path: &str, bytes: &[u8]) -> io::Result<()> {
        let mut header = Header::new_gnu();
        header.set_size(bytes.len() as u64);
        header.set_mode(0o644);
        header.set_mtime(TIME.into());
        self.plain += bytes.len();
        self.tar.append_data(&mut header, path, bytes)
    }

    /// Bytes so far, and what they hold uncompressed. What the compressor held back goes out.
    pub(super) fn sizes(&mut self) -> io::Result<(usize, usize)> {
        let gz = self.tar.get_mut();
        gz.flush()?;
        Ok((gz.get_ref().len(), self.plain))
    }

    pub(super) fn finish(self) -> io::Result<Vec<u8>> {
        self.tar.into_inner()?.finish()
    }
}

/// Bytes, compressed.
pub(super) fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut gz = GzEncoder::new(Vec::new(), Compression::default());
    gz.write_all(bytes)?;
    gz.finish()
}
