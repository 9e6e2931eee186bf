//! Copies one answer's body, within bounds on its size and time.

use super::Error;
use super::http::{Http, Patience};
use super::shown::shown;
use reqwest::Response;
use std::io::{self, Write};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// One body and what holds for it.
pub(super) struct Body<'a> {
    pub(super) url: &'a Url,
    pub(super) response: Response,
    pub(super) max_bytes: u64,
    pub(super) http: &'a Http,
    pub(super) patience: Patience<'a>,
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
        let mut done = 0;
        loop {
            let chunk = self.http.wait(self.patience, self.response.chunk());
            let chunk = match chunk.map_err(|it| Error::of_wait(self.url, it))? {
                Ok(Some(chunk)) => chunk,
                Ok(None) => break,
                Err(error) => return Err(self.broken(done, expected, error)),
            };
            done += chunk.len() as u64;
            if done > self.max_bytes {
                return Err(self.too_large());
            }
            writer.write_all(&chunk).map_err(|it| self.local(it))?;
            progress(done, expected);
            self.check_time()?;
        }
        writer.flush().map_err(|it| self.local(it))
    }

    /// Between two reads: a server that sends a little now and then never meets the other limit.
    fn check_time(&self) -> Result<(), Error> {
        let Patience {
            settings,
            deadline,
            stop,
        } = self.patience;
        if stop.is_stopped() {
            return Err(Error::Stopped);
        }
        if deadline.passes_within(Duration::ZERO) {
            return Err(Error::Timeout {
                url: shown(self.url),
                limit: settings.download_timeout,
            });
        }
        Ok(())
    }

    fn broken(&self, received: u64, expected: Option<u64>, source: reqwest::Error) -> Error {
        Error::Truncated {
            url: shown(self.url),
            received,
            expected,
            source: Arc::new(io::Error::other(source.without_url())),
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
            source: Arc::new(source),
        }
    }
}
