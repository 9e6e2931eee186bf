//! Copies one answer's body, within bounds on its size and time.

use super::Error;
use super::error::shown;
use super::retry::Deadline;
use crate::config::NetSettings;
use crate::sync::StopToken;
use reqwest::blocking::Response;
use std::io::{self, Read, Write};
use url::Url;

/// Large enough that a read costs little beside the bytes it brings.
const BUFFER_SIZE: usize = 128 << 10;

/// One body and what holds for it.
pub(super) struct Body<'a> {
    pub(super) url: &'a Url,
    pub(super) response: Response,
    pub(super) max_bytes: u64,
    pub(super) deadline: Deadline,
    pub(super) settings: &'a NetSettings,
    pub(super) stop: &'a StopToken,
}

impl Body<'_> {
    /// Writes the whole body; `progress` takes the bytes done and the announced length.
    pub(super) fn copy_to<W: Write>(
        mut self,
        writer: &mut W,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<(), Error> {
        let expected = self.response.content_length();
        if expected.is_some_and(|it| it > self.max_bytes) {
            return Err(self.too_large());
        }
        let mut buffer = vec![0; BUFFER_SIZE];
        let mut done = 0;
        loop {
            let taken = match self.response.read(&mut buffer) {
                Ok(0) => break,
                Ok(taken) => taken,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(self.broken(done, expected, error)),
            };
            done += taken as u64;
            if done > self.max_bytes {
                return Err(self.too_large());
            }
            writer
                .write_all(&buffer[..taken])
                .map_err(|it| self.local(it))?;
            progress(done, expected);
            self.check_time()?;
        }
        writer.flush().map_err(|it| self.local(it))
    }

    /// Between two reads: a server that sends a little now and then never meets the other limit.
    fn check_time(&self) -> Result<(), Error> {
        if self.stop.is_stopped() {
            return Err(Error::Stopped);
        }
        if self.deadline.passes_within(std::time::Duration::ZERO) {
            return Err(Error::Timeout {
                url: shown(self.url),
                limit: self.settings.download_timeout,
            });
        }
        Ok(())
    }

    fn broken(&self, received: u64, expected: Option<u64>, source: io::Error) -> Error {
        let url = shown(self.url);
        let inner = source.get_ref().and_then(|it| it.downcast_ref());
        if inner.is_some_and(reqwest::Error::is_timeout) {
            let limit = self.settings.timeout;
            return Error::Timeout { url, limit };
        }
        Error::Truncated {
            url,
            received,
            expected,
            source,
        }
    }

    fn too_large(&self) -> Error {
        Error::TooLarge {
            url: shown(self.url),
            max_bytes: self.max_bytes,
        }
    }

    fn local(&self, source: io::Error) -> Error {
        Error::Local {
            url: shown(self.url),
            source,
        }
    }
}
