//! The client: attempts of a request, from its first byte to the body's last.

use super::body::Body;
use super::error::Error;
use super::http::{Http, Patience, SetupError};
use super::redirect::RedirectError;
use super::retry::{Deadline, Pauses, parse_retry_after};
use super::shown::shown;
use crate::config::{NetSettings, Secret};
use crate::sync::StopToken;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, StatusCode};
use std::io::{self, Write};
use std::sync::{Arc, OnceLock};
use std::time::SystemTime;
use url::Url;

/// An HTTP client. Clones share its connections; all threads of a run use one.
///
/// A request gives up as soon as its stop token is raised, and when one of the limits of
/// [`NetSettings`] is reached, whatever the server does.
#[derive(Clone, Debug)]
pub struct Client {
    /// Made by the first request: who imports local files needs no certificates.
    http: Arc<OnceLock<Result<Http, Arc<SetupError>>>>,
    settings: NetSettings,
    stop: StopToken,
}

/// An answer that was read into memory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Page {
    /// Where it was found, after redirects: what its relative addresses are relative to.
    pub url: Url,
    /// The `Content-Type` header as sent.
    pub content_type: Option<String>,
    /// The body.
    pub body: Vec<u8>,
}

/// Who asks, for servers that want to know (basic authentication, RFC 7617).
#[derive(Clone, Debug)]
pub struct Login {
    /// The user's name.
    pub user: String,
    /// Their password.
    pub password: Secret,
}

impl Client {
    /// A client with the system's certificates and proxies, which are read by its first request.
    #[must_use]
    pub fn new(settings: NetSettings, stop: StopToken) -> Self {
        Self {
            http: Arc::default(),
            settings,
            stop,
        }
    }

    /// A client with the same connections that listens to another stop token.
    #[must_use]
    pub fn with_stop(&self, stop: StopToken) -> Self {
        Self {
            stop,
            ..self.clone()
        }
    }

    fn http(&self) -> Result<&Http, Error> {
        let made = self.http.get_or_init(|| Http::set_up(&self.settings));
        made.as_ref()
            .map_err(|error| Error::Setup(Arc::clone(error)))
    }

    /// Reads a page of at most `NetSettings::max_page` bytes into memory. `accept` is sent as the
    /// `Accept` header.
    ///
    /// # Errors
    /// Those of the last attempt.
    pub fn get(&self, url: &Url, accept: &str) -> Result<Page, Error> {
        self.page(url, |it| it.get(url.clone()).header(ACCEPT, accept))
    }

    /// Hands in a JSON body, which the server may get more than once, and reads its answer as
    /// [`Client::get`] does.
    ///
    /// # Errors
    /// Those of the last attempt.
    pub fn post_json(&self, url: &Url, login: Option<&Login>, body: &str) -> Result<Page, Error> {
        self.page(url, |client| {
            let request = client
                .post(url.clone())
                .header(CONTENT_TYPE, "application/json");
            let request = request.body(body.to_owned());
            match login {
                Some(it) => request.basic_auth(&it.user, Some(it.password.reveal())),
                None => request,
            }
        })
    }

    fn page(
        &self,
        url: &Url,
        request: impl Fn(&reqwest::Client) -> RequestBuilder,
    ) -> Result<Page, Error> {
        self.attempts(url, |patience| {
            let response = self.ask(url, patience, &request)?;
            let content_type = response.headers().get(CONTENT_TYPE);
            let mut page = Page {
                url: response.url().clone(),
                content_type: content_type.map(|it| String::from_utf8_lossy(it.as_bytes()).into()),
                body: Vec::new(),
            };
            let max_bytes = self.settings.max_page;
            self.body(url, response, max_bytes, patience)?
                .copy_to(&mut page.body, &mut |_, _| {})?;
            Ok(page)
        })
    }

    /// Streams a file of at most `max_bytes` into the writer that `open` makes anew for each
    /// attempt, and returns that of the successful one. `progress` takes the bytes done in this
    /// attempt and the announced length.
    ///
    /// # Errors
    /// Those of the last attempt; [`Error::Local`] if `open` or the writer fails.
    pub fn download<W: Write>(
        &self,
        url: &Url,
        max_bytes: u64,
        open: &mut dyn FnMut() -> io::Result<W>,
        progress: &mut dyn FnMut(u64, Option<u64>),
    ) -> Result<W, Error> {
        self.attempts(url, |patience| {
            let get = |it: &reqwest::Client| it.get(url.clone()).header(ACCEPT, "*/*");
            let response = self.ask(url, patience, get)?;
            let mut writer = open().map_err(|source| Error::Local {
                url: shown(url),
                source,
            })?;
            self.body(url, response, max_bytes, patience)?
                .copy_to(&mut writer, progress)?;
            Ok(writer)
        })
    }

    /// Tries until it succeeds, fails for good, or runs out of attempts or time.
    fn attempts<T>(
        &self,
        url: &Url,
        mut attempt: impl FnMut(Patience<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::Address { url: shown(url) });
        }
        let deadline = Deadline::after(self.settings.download_timeout);
        let mut pauses = Pauses::new(&self.settings);
        loop {
            if self.stop.is_stopped() {
                return Err(Error::Stopped);
            }
            let patience = Patience {
                settings: &self.settings,
                deadline,
                stop: &self.stop,
            };
            let error = match attempt(patience) {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            let Some(pause) = pauses.after(&error) else {
                return Err(error);
            };
            if deadline.passes_within(pause) {
                return Err(error);
            }
            let pause_ms = pause.as_millis();
            tracing::debug!(url = shown(url), pause_ms, %error, "attempt failed, trying again");
            if !self.stop.sleep(pause) {
                return Err(Error::Stopped);
            }
        }
    }

    /// Sends one request and returns a successful answer, its body unread.
    fn ask(
        &self,
        url: &Url,
        patience: Patience<'_>,
        request: impl Fn(&reqwest::Client) -> RequestBuilder,
    ) -> Result<Response, Error> {
        let http = self.http()?;
        // File bytes are wanted as they are published, whatever the server could do with them.
        let request = request(http.client()).header(ACCEPT_ENCODING, "identity");
        let response = http.wait(patience, request.send());
        let response = response.map_err(|it| Error::of_wait(url, it))?;
        let response = response.map_err(|error| Error::of_request(url, error))?;
        if response.status().is_success() {
            return Ok(response);
        }
        Err(self.refused(url, &response))
    }

    /// The failure that another status than success stands for.
    fn refused(&self, url: &Url, response: &Response) -> Error {
        let url = shown(url);
        let status = response.status();
        let header = response.headers().get(RETRY_AFTER);
        let retry_after = header
            .and_then(|it| it.to_str().ok())
            .and_then(|it| parse_retry_after(it, SystemTime::now()));
        match status {
            StatusCode::NOT_FOUND | StatusCode::GONE => Error::NotFound { url },
            _ if status.is_redirection() => Error::Redirect {
                url,
                source: RedirectError::Nowhere,
            },
            _ if status == StatusCode::TOO_MANY_REQUESTS
                || retry_after > Some(self.settings.max_backoff) =>
            {
                Error::RateLimited { url, retry_after }
            }
            _ => Error::Status {
                url,
                status: status.as_u16(),
                retry_after,
            },
        }
    }

    fn body<'a>(
        &'a self,
        url: &'a Url,
        response: Response,
        max_bytes: u64,
        patience: Patience<'a>,
    ) -> Result<Body<'a>, Error> {
        Ok(Body {
            url,
            response,
            max_bytes,
            http: self.http()?,
            patience,
        })
    }
}
