//! Counts and hashes the payload's bytes, before and behind decompression.
//!
//! [`Raw`] sits under the decompressor, [`Plain`] on top of it. Both stop at the first problem and
//! keep it in a [`Meter`] that they share, because decompressors and callers in between see only
//! an [`io::Error`].

use super::super::digest::Hasher;
use super::error::ReadError;
use std::cell::{Cell, RefCell};
use std::io::{self, ErrorKind, Read};

/// Ratios are looked at from this many bytes on.
const RATIO_FROM: u64 = 16 << 20;

/// What both sides of a decompressor know.
#[derive(Default)]
pub(super) struct Meter {
    /// Compressed bytes so far.
    raw: Cell<u64>,
    problem: RefCell<Option<ReadError>>,
}

impl Meter {
    /// Keeps a problem, unless there is one already.
    fn stop(&self, problem: ReadError) -> io::Error {
        self.problem.borrow_mut().get_or_insert(problem);
        io::Error::other("the payload cannot be read any further")
    }

    /// The first problem.
    pub(super) fn problem(&self) -> Option<ReadError> {
        self.problem.borrow_mut().take()
    }
}

/// The payload as it stands in the file.
pub(super) struct Raw<'a, R> {
    source: R,
    meter: &'a Meter,
    /// Bytes that there are at most.
    limit: u64,
    hashers: Vec<Hasher>,
}

impl<'a, R: Read> Raw<'a, R> {
    /// Reads at most `limit` bytes; one more is a problem. All go through every hasher.
    pub(super) fn new(source: R, meter: &'a Meter, limit: u64, hashers: Vec<Hasher>) -> Self {
        Self {
            source,
            meter,
            limit,
            hashers,
        }
    }

    /// How many bytes there were, and their digests in the order of the hashers.
    pub(super) fn finish(self) -> (u64, Vec<Box<[u8]>>) {
        let digests = self
            .hashers
            .into_iter()
            .map(sha2::digest::DynDigest::finalize);
        (self.meter.raw.get(), digests.collect())
    }
}

impl<R: Read> Read for Raw<'_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        let size = match self.source.read(buf) {
            Err(error) if error.kind() == ErrorKind::Interrupted => return Err(error),
            Err(error) => return Err(self.meter.stop(ReadError::Io(error))),
            Ok(size) => size,
        };
        let taken = self.meter.raw.get() + size as u64;
        if taken > self.limit {
            return Err(self.meter.stop(ReadError::PayloadSize));
        }
        self.meter.raw.set(taken);
        for hasher in &mut self.hashers {
            hasher.update(&buf[..size]);
        }
        Ok(size)
    }
}

/// The payload behind decompression.
pub(super) struct Plain<'a> {
    decoder: Box<dyn Read + 'a>,
    meter: &'a Meter,
    taken: u64,
    /// Bytes that there are at most.
    limit: u64,
    max_ratio: u64,
}

impl<'a> Plain<'a> {
    /// Reads at most `limit` bytes, and at most `max_ratio` times what was read below.
    pub(super) fn new(
        decoder: Box<dyn Read + 'a>,
        meter: &'a Meter,
        limit: u64,
        max_ratio: u64,
    ) -> Self {
        Self {
            decoder,
            meter,
            taken: 0,
            limit,
            max_ratio,
        }
    }

    /// Bytes so far.
    pub(super) fn taken(&self) -> u64 {
        self.taken
    }

    /// The first problem of this side or below.
    pub(super) fn problem(&self) -> Option<ReadError> {
        self.meter.problem()
    }

    /// Keeps a problem, unless there is one already.
    pub(super) fn stop(&self, problem: ReadError) -> io::Error {
        self.meter.stop(problem)
    }

    fn check(&self) -> Result<(), ReadError> {
        if self.taken > self.limit {
            return Err(ReadError::PayloadSize);
        }
        let ratio = self.taken / self.meter.raw.get().max(1);
        if self.taken > RATIO_FROM && ratio > self.max_ratio {
            return Err(ReadError::TooLarge {
                what: "decompressed bytes for each compressed byte",
                found: ratio,
                limit: self.max_ratio,
            });
        }
        Ok(())
    }
}

impl Read for Plain<'_> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if self.meter.problem.borrow().is_some() {
            // A decoder that failed is in no state to go on.
            return Err(io::Error::other("the payload cannot be read any further"));
        }
        match self.decoder.read(buf) {
            Err(error) if error.kind() == ErrorKind::Interrupted => Err(error),
            Err(error) => Err(self.meter.stop(ReadError::Decompress(error))),
            Ok(size) => {
                self.taken += size as u64;
                self.check().map_err(|problem| self.meter.stop(problem))?;
                Ok(size)
            }
        }
    }
}
