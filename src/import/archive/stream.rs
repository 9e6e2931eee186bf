//! A decoded stream with a buffer, and one entry's content as a part of it.
//!
//! Every byte that leaves a decoder is counted against the budget here, once a buffer.

use super::budget::Budget;
use super::error::{ArchiveError, WalkError};
use std::io::{self, Read};

/// Bytes of the buffer between a decoder and the reader of an archive's framing.
pub(super) const BUFFER: usize = 128 << 10;

const ENDS_WITHIN: &str = "the archive ends within an entry";

/// A buffered, counted stream.
pub(super) struct Stream<'a, R> {
    source: R,
    budget: &'a Budget<'a>,
    buffer: &'a mut [u8],
    start: usize,
    end: usize,
}

impl<'a, R: Read> Stream<'a, R> {
    /// Reads `source` through `buffer`.
    pub(super) fn new(source: R, buffer: &'a mut [u8], budget: &'a Budget<'a>) -> Self {
        Self {
            source,
            budget,
            buffer,
            start: 0,
            end: 0,
        }
    }

    pub(super) fn budget(&self) -> &'a Budget<'a> {
        self.budget
    }

    /// The bytes at hand; empty only at the end of the stream.
    pub(super) fn fill(&mut self) -> Result<&[u8], ArchiveError> {
        while self.start == self.end {
            match self.source.read(self.buffer) {
                Ok(0) => break,
                Ok(n) => {
                    (self.start, self.end) = (0, n);
                    self.budget.add_bytes(n)?;
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(self.budget.of_io(error)),
            }
        }
        Ok(&self.buffer[self.start..self.end])
    }

    /// Fills `out` as far as the stream goes and says how far.
    pub(super) fn read_up_to(&mut self, out: &mut [u8]) -> Result<usize, ArchiveError> {
        let mut done = 0;
        while done < out.len() {
            let at_hand = self.fill()?;
            if at_hand.is_empty() {
                break;
            }
            let n = at_hand.len().min(out.len() - done);
            out[done..done + n].copy_from_slice(&at_hand[..n]);
            self.start += n;
            done += n;
        }
        Ok(done)
    }

    /// Skips `count` bytes as far as the stream goes and says how many are missing.
    pub(super) fn skip(&mut self, count: u64) -> Result<u64, ArchiveError> {
        let mut left = count;
        while left > 0 {
            let at_hand = self.fill()?.len();
            if at_hand == 0 {
                break;
            }
            let n = usize::try_from(left).unwrap_or(usize::MAX).min(at_hand);
            self.start += n;
            left -= n as u64;
        }
        Ok(left)
    }

    /// Reads to the end, so that the decoder checks its checksums.
    pub(super) fn drain(&mut self) -> Result<(), ArchiveError> {
        self.skip(u64::MAX).map(drop)
    }
}

/// The content of one entry. A failure is kept aside, for the visitor only sees an `io::Error`
/// that says little; whoever made the content asks for it with [`Content::finish`].
pub(super) struct Content<'s, 'a, R> {
    stream: &'s mut Stream<'a, R>,
    left: u64,
    end: End,
    failure: Option<ArchiveError>,
}

/// How an entry's content ends.
#[derive(Clone, Copy)]
pub(super) enum End {
    /// After exactly as many bytes as announced.
    Announced,
    /// Where the stream ends; more bytes than announced are too large.
    OfStream,
    /// It cannot be read as a file at all: the holes of a sparse entry are not filled in.
    Sparse,
}

impl<'s, 'a, R: Read> Content<'s, 'a, R> {
    pub(super) fn new(stream: &'s mut Stream<'a, R>, size: u64, end: End) -> Self {
        Self {
            stream,
            left: size,
            end,
            failure: None,
        }
    }

    fn try_read(&mut self, buf: &mut [u8]) -> Result<usize, ArchiveError> {
        let budget = self.stream.budget;
        if matches!(self.end, End::Sparse) {
            return Err(budget.unsupported("the entry asked for is stored sparsely"));
        }
        let left = self.left;
        let at_hand = if left > 0 || matches!(self.end, End::OfStream) {
            self.stream.fill()?
        } else {
            return Ok(0);
        };
        if at_hand.is_empty() {
            return match self.end {
                End::OfStream => Ok(0),
                _ => Err(budget.malformed(ENDS_WITHIN)),
            };
        }
        if left == 0 {
            return Err(budget.too_large("bytes of metadata", budget.limits().max_metadata));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX);
        let n = at_hand.len().min(buf.len()).min(most);
        buf[..n].copy_from_slice(&at_hand[..n]);
        self.stream.start += n;
        self.left -= n as u64;
        Ok(n)
    }

    /// Ends the content after a visit and skips what was not read. A failure to read comes
    /// before whatever the visitor made of it.
    pub(super) fn finish<E>(self, visited: Result<(), WalkError<E>>) -> Result<(), WalkError<E>> {
        if let Some(failure) = self.failure {
            return Err(failure.into());
        }
        visited?;
        match self.end {
            End::OfStream => self.stream.drain()?,
            End::Announced | End::Sparse => {
                if self.stream.skip(self.left)? > 0 {
                    return Err(self.stream.budget.malformed(ENDS_WITHIN).into());
                }
            }
        }
        Ok(())
    }
}

impl<R: Read> Read for Content<'_, '_, R> {
    fn read(&mut self, buf: &mut [u8]) -> io::Result<usize> {
        if buf.is_empty() {
            return Ok(0);
        }
        if self.failure.is_none() {
            match self.try_read(buf) {
                Ok(n) => return Ok(n),
                Err(failure) => self.failure = Some(failure),
            }
        }
        Err(io::Error::other("the archive cannot be read any further"))
    }
}
