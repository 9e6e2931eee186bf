//! What one walk may use up, shared by all readers that lie on top of each other.
//!
//! The counters are cells because a gem is read by two tar readers at a time, one within the
//! other. Errors are made here so that each names the archive.

use super::error::ArchiveError;
use crate::config::Limits;
use crate::sync::StopToken;
use std::cell::Cell;
use std::io;

/// Output up to here is taken whatever its ratio: small archives of zeros are common in tests.
const RATIO_FROM: u64 = 16 << 20;

/// The longest part of an entry's name that an error repeats.
const SHOWN_NAME: usize = 200;

/// The limits of one walk and what is used of them.
pub(super) struct Budget<'a> {
    archive: &'a str,
    limits: &'a Limits,
    stop: &'a StopToken,
    /// The most that may come out by the ratio, from [`RATIO_FROM`] on. It follows from the size
    /// of the whole file, so that a run of zeros in an ordinary archive does no harm.
    ratio_bytes: u64,
    bytes: Cell<u64>,
    entries: Cell<u64>,
    newest: Cell<Option<i64>>,
}

impl<'a> Budget<'a> {
    pub(super) fn new(
        archive: &'a str,
        limits: &'a Limits,
        stop: &'a StopToken,
        file_size: u64,
    ) -> Self {
        Self {
            archive,
            limits,
            stop,
            ratio_bytes: file_size.saturating_mul(limits.max_ratio).max(RATIO_FROM),
            bytes: Cell::new(0),
            entries: Cell::new(0),
            newest: Cell::new(None),
        }
    }

    /// Counts bytes that came out of a decoder.
    pub(super) fn add_bytes(&self, count: usize) -> Result<(), ArchiveError> {
        let total = self.bytes.get().saturating_add(count as u64);
        self.bytes.set(total);
        self.check_bytes(total)?;
        if self.stop.is_stopped() {
            return Err(ArchiveError::Stopped {
                archive: self.archive.to_owned(),
            });
        }
        Ok(())
    }

    /// Refuses an announced size early, before a byte of it is decompressed.
    pub(super) fn announce(&self, size: u64) -> Result<(), ArchiveError> {
        self.check_bytes(self.bytes.get().saturating_add(size))
    }

    fn check_bytes(&self, total: u64) -> Result<(), ArchiveError> {
        if total > self.limits.max_bytes {
            return Err(self.too_large("bytes after decompression", self.limits.max_bytes));
        }
        if total > self.ratio_bytes {
            return Err(self.too_large("bytes for each compressed byte", self.limits.max_ratio));
        }
        Ok(())
    }

    /// Counts an entry and remembers its time.
    pub(super) fn add_entry(&self, mtime: i64) -> Result<(), ArchiveError> {
        let total = self.entries.get() + 1;
        self.entries.set(total);
        if mtime > 0 {
            self.newest.set(self.newest.get().max(Some(mtime)));
        }
        if total > self.limits.max_entries {
            return Err(self.too_large("entries", self.limits.max_entries));
        }
        Ok(())
    }

    pub(super) fn limits(&self) -> &Limits {
        self.limits
    }

    pub(super) fn bytes(&self) -> u64 {
        self.bytes.get()
    }

    pub(super) fn entries(&self) -> u64 {
        self.entries.get()
    }

    pub(super) fn newest_mtime(&self) -> Option<i64> {
        self.newest.get()
    }

    pub(super) fn malformed(&self, problem: impl Into<String>) -> ArchiveError {
        ArchiveError::Malformed {
            archive: self.archive.to_owned(),
            problem: problem.into(),
        }
    }

    pub(super) fn unsupported(&self, problem: impl Into<String>) -> ArchiveError {
        ArchiveError::Unsupported {
            archive: self.archive.to_owned(),
            problem: problem.into(),
        }
    }

    pub(super) fn too_large(&self, what: &'static str, limit: u64) -> ArchiveError {
        ArchiveError::TooLarge {
            archive: self.archive.to_owned(),
            what,
            limit,
        }
    }

    pub(super) fn unsafe_entry(&self, name: &[u8], problem: &'static str) -> ArchiveError {
        let name = &name[..name.len().min(SHOWN_NAME)];
        ArchiveError::Unsafe {
            archive: self.archive.to_owned(),
            entry: String::from_utf8_lossy(name).into_owned(),
            problem,
        }
    }

    /// Tells a failing disk from a damaged archive: only the former has a number of the system.
    pub(super) fn of_io(&self, error: io::Error) -> ArchiveError {
        if error.raw_os_error().is_some() {
            return ArchiveError::Io {
                archive: self.archive.to_owned(),
                source: error,
            };
        }
        if error.kind() == io::ErrorKind::OutOfMemory {
            return self.too_large(
                "bytes of memory for decompression",
                super::decoder::XZ_MEMORY,
            );
        }
        ArchiveError::Compression {
            archive: self.archive.to_owned(),
            source: error,
        }
    }
}
