//! A stream that ends with a failure as soon as a stop token is raised.

use super::StopToken;
use std::io::{self, Read};

/// Reads until its stop token is raised.
#[derive(Debug)]
pub struct Stoppable<'a, R> {
    inner: R,
    stop: &'a StopToken,
}

impl<'a, R: Read> Stoppable<'a, R> {
    /// Reads `inner`. Who sees it fail asks the token for the reason.
    pub const fn new(inner: R, stop: &'a StopToken) -> Self {
        Self { inner, stop }
    }
}

impl<R: Read> Read for Stoppable<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self.stop.is_stopped() {
            true => Err(io::Error::other("stopped")),
            false => self.inner.read(buffer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::StopLevel;

    #[test]
    fn a_stop_ends_the_stream() {
        let stop = StopToken::default();
        let mut stream = Stoppable::new(io::repeat(1), &stop);
        let mut buffer = [0; 4];
        assert_eq!(stream.read(&mut buffer).unwrap(), 4);
        stop.raise(StopLevel::Drain);
        assert_eq!(stream.read(&mut buffer).unwrap(), 4);
        stop.raise(StopLevel::Stop);
        assert!(stream.read(&mut buffer).is_err());
    }
}
