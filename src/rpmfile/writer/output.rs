//! The package's file while its payload is written.
//!
//! The first bytes are kept free for the headers. A package that fits the buffer is never in the
//! file before it is complete: it is written in one go, and hashed from memory. A larger one is
//! written in pieces of the buffer's size and read back once, for MD5.

use md5::{Digest, Md5};
use sha2::Sha256;
use std::io::{self, Read, Seek, SeekFrom, Write};

/// Bytes of the buffer.
const BUFFER: usize = 1 << 20;

/// Takes the payload, behind a place for the headers.
pub(super) struct Output<'a, F> {
    file: &'a mut F,
    /// Bytes that are kept free.
    head: usize,
    /// What is not yet in the file; begins with the free bytes as long as nothing is in it.
    buffer: Vec<u8>,
    /// Bytes in the file.
    written: u64,
    sha256: Sha256,
}

impl<'a, F: Read + Write + Seek> Output<'a, F> {
    /// Keeps `head` bytes free at the start of the file. `expected` bytes of payload will follow;
    /// a guess will do.
    pub(super) fn new(file: &'a mut F, head: usize, expected: u64) -> Self {
        let room = usize::try_from(expected).unwrap_or(BUFFER).min(BUFFER);
        let mut buffer = Vec::with_capacity(head + room);
        buffer.resize(head, 0);
        Self {
            file,
            head,
            buffer,
            written: 0,
            sha256: Sha256::new(),
        }
    }

    /// Bytes of the payload so far.
    pub(super) fn payload_size(&self) -> u64 {
        self.written + self.buffer.len() as u64 - self.head as u64
    }

    /// SHA-256 of the payload so far.
    pub(super) fn sha256(&self) -> [u8; 32] {
        self.sha256.clone().finalize().into()
    }

    fn spill(&mut self) -> io::Result<()> {
        self.file.write_all(&self.buffer)?;
        self.written += self.buffer.len() as u64;
        self.buffer.clear();
        Ok(())
    }

    /// Continues `md5` over the payload.
    pub(super) fn hash_payload(&mut self, md5: &mut Md5) -> io::Result<()> {
        if self.written == 0 {
            md5.update(&self.buffer[self.head..]);
            return Ok(());
        }
        let mut left = self.payload_size();
        self.spill()?;
        self.file.seek(SeekFrom::Start(self.head as u64))?;
        self.buffer.resize(BUFFER, 0);
        while left > 0 {
            let piece = usize::try_from(left).unwrap_or(BUFFER).min(BUFFER);
            self.file.read_exact(&mut self.buffer[..piece])?;
            md5.update(&self.buffer[..piece]);
            left -= piece as u64;
        }
        self.buffer.clear();
        Ok(())
    }

    /// Fills the place of the headers; the file is complete then. Comes after
    /// [`Output::hash_payload`]. `head` has the size that was kept free.
    pub(super) fn finish(mut self, head: &[u8]) -> io::Result<()> {
        assert_eq!(head.len(), self.head, "headers have a fixed size");
        if self.written == 0 {
            self.buffer[..self.head].copy_from_slice(head);
            self.spill()?;
        } else {
            self.file.seek(SeekFrom::Start(0))?;
            self.file.write_all(head)?;
        }
        self.file.flush()
    }
}

impl<F: Read + Write + Seek> Write for Output<'_, F> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.buffer.len() + bytes.len() > BUFFER {
            self.spill()?;
        }
        self.sha256.update(bytes);
        self.buffer.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}
