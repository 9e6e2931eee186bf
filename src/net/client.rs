//! The client: attempts of a request, from its first byte to the body's last.

use super::body::Body;
use super::error::{Error, shown};
use super::http::{Http, Patience, Running, SetupError};
use super::redirect::RedirectError;
use super::retry::{Deadline, Pauses, parse_retry_after};
use crate::config::{NetSettings, Secret};
use crate::sync::StopToken;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, StatusCode};
use std::io::{self, Write};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, SystemTime};
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

/// What proves who asks.
#[derive(Clone, Debug)]
pub enum Authorization {
    /// A user and their password.
    Basic(Login),
    /// A token (RFC 6750).
    Bearer(Secret),
}

/// Something to hand in.
#[derive(Clone, Debug)]
pub struct Post {
    /// What kind of text it is.
    pub content_type: &'static str,
    /// Who hands it in.
    pub authorization: Option<Authorization>,
    /// The text.
    pub body: String,
}

impl Post {
    fn request(&self, client: &reqwest::Client, url: &Url) -> RequestBuilder {
        let request = client.post(url.clone());
        let request = request.header(CONTENT_TYPE, self.content_type);
        let request = request.body(self.body.clone());
        match &self.authorization {
            Some(Authorization::Basic(it)) => {
                request.basic_auth(&it.user, Some(it.password.reveal()))
            }
            Some(Authorization::Bearer(token)) => request.bearer_auth(token.reveal()),
            None => request,
        }
    }
}

impl Page {
    /// A page whose body is not read yet.
    fn head(response: &Response) -> Self {
        let content_type = response.headers().get(CONTENT_TYPE);
        Self {
            url: response.url().clone(),
            content_type: content_type.map(|it| String::from_utf8_lossy(it.as_bytes()).into()),
            body: Vec::new(),
        }
    }
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

    /// A client with the same connections that waits so long for an answer, and for the whole.
    #[must_use]
    pub fn with_timeout(&self, timeout: Duration) -> Self {
        let mut client = self.clone();
        client.settings.timeout = timeout;
        client.settings.download_timeout = timeout;
        client
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
        let post = Post {
            content_type: "application/json",
            authorization: login.cloned().map(Authorization::Basic),
            body: body.to_owned(),
        };
        self.post(url, &post)
    }

    /// Hands something in, which the server may get as often as the settings allow attempts, and
    /// reads its answer as [`Client::get`] does.
    ///
    /// # Errors
    /// Those of the last attempt.
    pub fn post(&self, url: &Url, post: &Post) -> Result<Page, Error> {
        self.page(url, |client| post.request(client, url))
    }

    /// Hands something in once, without waiting: `done` gets the answer, on the thread that
    /// watches all connections, so it must not block. The stop token does not end it.
    ///
    /// # Errors
    /// When the address is not usable or the client cannot be set up; `done` is not called then.
    pub(super) fn begin_post(
        &self,
        url: &Url,
        post: &Post,
        done: impl FnOnce(Result<Page, Error>) + Send + 'static,
    ) -> Result<Running, Error> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::Address { url: shown(url) });
        }
        let http = self.http()?;
        let request = post.request(http.client(), url);
        let request = request.header(ACCEPT_ENCODING, "identity");
        let (client, url) = (self.clone(), url.clone());
        Ok(http.spawn(async move { done(client.answer(&url, request).await) }))
    }

    /// The whole answer to a request.
    async fn answer(&self, url: &Url, request: RequestBuilder) -> Result<Page, Error> {
        let limit = self.settings.timeout;
        let whole = async {
            let response = request.send().await;
            let response = response.map_err(|error| Error::of_request(url, error))?;
            match response.status().is_success() {
                true => read(url, response, self.settings.max_page).await,
                false => Err(self.refused(url, &response)),
            }
        };
        match tokio::time::timeout(limit, whole).await {
            Ok(answer) => answer,
            Err(_) => Err(Error::Timeout {
                url: shown(url),
                limit,
            }),
        }
    }

    fn page(
        &self,
        url: &Url,
        request: impl Fn(&reqwest::Client) -> RequestBuilder,
    ) -> Result<Page, Error> {
        self.attempts(url, |patience| {
            let response = self.ask(url, patience, &request)?;
            let mut page = Page::head(&response);
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

/// A body, read into memory.
async fn read(url: &Url, mut response: Response, max_bytes: u64) -> Result<Page, Error> {
    let expected = response.content_length();
    let mut page = Page::head(&response);
    loop {
        let size_bytes = page.body.len() as u64;
        if expected.is_some_and(|it| it > max_bytes) || size_bytes > max_bytes {
            let url = shown(url);
            return Err(Error::TooLarge { url, max_bytes });
        }
        match response.chunk().await {
            Ok(Some(chunk)) => page.body.extend_from_slice(&chunk),
            Ok(None) => return Ok(page),
            Err(error) => {
                return Err(Error::Truncated {
                    url: shown(url),
                    received: size_bytes,
                    expected,
                    source: io::Error::other(error.without_url()),
                });
            }
        }
    }
}
