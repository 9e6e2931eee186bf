//! What is handed in: sent with retries and waited for, or sent once and told of later.

use super::client::{Client, Login};
use super::http::Running;
use super::shown::shown;
use super::{Error, Page};
use crate::config::Secret;
use reqwest::header::{ACCEPT_ENCODING, CONTENT_TYPE};
use reqwest::{RequestBuilder, Response};
use std::io;
use std::sync::Arc;
use url::Url;

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

impl Client {
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
        let posting = self.posting()?;
        self.attempts(url, |visit| {
            // What is handed in follows its redirects itself.
            let request = |_: &reqwest::Client, at: &Url| post.request(posting, at);
            let response = self.ask(url, visit, request, false)?;
            self.read(url, response, visit.patience)
        })
    }

    /// Hands something in once, without waiting: `done` gets the answer, on the thread that
    /// watches all connections, so it must not block. Neither the stop token nor the host's budget
    /// holds it up.
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
        let request = post.request(self.posting()?, url);
        let request = request.header(ACCEPT_ENCODING, "identity");
        let (client, url) = (self.clone(), url.clone());
        Ok(http.spawn(async move { done(client.answer(&url, request).await) }))
    }

    fn posting(&self) -> Result<&reqwest::Client, Error> {
        self.http()?.posting(&self.settings).map_err(Error::Setup)
    }

    /// The whole answer to a request.
    async fn answer(&self, url: &Url, request: RequestBuilder) -> Result<Page, Error> {
        let limit = self.settings.timeout;
        let whole = async {
            let response = request.send().await;
            let response = response.map_err(|error| Error::of_request(url, error))?;
            match response.status().is_success() {
                true => read_whole(url, response, self.settings.max_page).await,
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
}

/// A body, read into memory.
async fn read_whole(url: &Url, mut response: Response, max_bytes: u64) -> Result<Page, Error> {
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
                    source: Arc::new(io::Error::other(error.without_url())),
                });
            }
        }
    }
}
