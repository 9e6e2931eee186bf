//! One request: its turn in the host's budget, its attempts, from the first byte to the last.

use super::body::Body;
use super::client::Client;
use super::http::Patience;
use super::page::Validators;
use super::redirect::RedirectError;
use super::retry::{Deadline, Pauses, parse_retry_after};
use super::shown::shown;
use super::{Error, Page};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, StatusCode};
use std::time::SystemTime;
use url::Url;

impl Client {
    /// A page, from the disk where the server says that it has not changed since.
    pub(super) fn kept_page(&self, url: &Url, accept: &str) -> Result<Page, Error> {
        let cache = self.shared.cache.as_ref();
        let place = cache.and_then(|it| Some((it, it.place(url, accept)?)));
        let kept = place.as_ref().and_then(|(cache, it)| cache.load(it));
        let request = |client: &reqwest::Client| {
            let request = client.get(url.clone()).header(ACCEPT, accept);
            let conditions = kept.iter().flat_map(|it| it.validators.conditions());
            conditions.fold(request, |it, (name, value)| it.header(name, value))
        };
        self.attempts(url, |patience| {
            let response = self.ask(url, patience, request, kept.is_some())?;
            if let (StatusCode::NOT_MODIFIED, Some(kept)) = (response.status(), &kept) {
                return Ok(kept.page.clone());
            }
            let validators = Validators::of(response.headers());
            let page = self.read(url, response, patience)?;
            if let (Some((cache, place)), Some(validators)) = (&place, validators) {
                cache.store(place, &page, validators);
            }
            Ok(page)
        })
    }

    /// Reads a body into memory.
    pub(super) fn read(
        &self,
        url: &Url,
        response: Response,
        patience: Patience<'_>,
    ) -> Result<Page, Error> {
        let mut page = Page::head(&response);
        let max_bytes = self.settings.max_page;
        self.body(url, response, max_bytes, patience)?
            .copy_to(&mut page.body, &mut |_, _| {})?;
        Ok(page)
    }

    /// Tries until it succeeds, fails for good, or runs out of attempts or time. The time that it
    /// waits for its turn is not counted: nobody is slow then.
    pub(super) fn attempts<T>(
        &self,
        url: &Url,
        mut attempt: impl FnMut(Patience<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Error::Address { url: shown(url) });
        }
        let (budget, stop) = (&self.shared.budget, &self.stop);
        let mut deadline = Deadline::after(self.settings.download_timeout);
        let mut pauses = Pauses::new(&self.settings);
        loop {
            if stop.is_stopped() {
                return Err(Error::Stopped);
            }
            let permit = budget.enter(url, &self.settings, stop)?;
            deadline = deadline.later(permit.waited);
            let patience = Patience {
                settings: &self.settings,
                deadline,
                stop,
            };
            let error = match attempt(patience) {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            drop(permit);
            let pause = pauses.after(&error);
            if let Some(closed) = error.closes_for(pause.unwrap_or(self.settings.backoff)) {
                budget.close(url, closed);
            }
            let Some(pause) = pause.filter(|it| !deadline.passes_within(*it)) else {
                return Err(error);
            };
            let pause_ms = pause.as_millis();
            tracing::debug!(url = shown(url), pause_ms, %error, "attempt failed, trying again");
            if !stop.sleep(pause) {
                return Err(Error::Stopped);
            }
        }
    }

    /// Sends one request and returns a successful answer, its body unread; or one without a body
    /// that says that nothing has changed, where that was asked.
    pub(super) fn ask(
        &self,
        url: &Url,
        patience: Patience<'_>,
        request: impl Fn(&reqwest::Client) -> RequestBuilder,
        is_conditional: bool,
    ) -> Result<Response, Error> {
        let http = self.http()?;
        // File bytes are wanted as they are published, whatever the server could do with them.
        let request = request(http.client()).header(ACCEPT_ENCODING, "identity");
        let response = http.wait(patience, request.send());
        let response = response.map_err(|it| Error::of_wait(url, it))?;
        let response = response.map_err(|error| Error::of_request(url, error))?;
        let is_unchanged = is_conditional && response.status() == StatusCode::NOT_MODIFIED;
        if response.status().is_success() || is_unchanged {
            return Ok(response);
        }
        Err(self.refused(url, &response))
    }

    /// The failure that another status than success stands for.
    pub(super) fn refused(&self, url: &Url, response: &Response) -> Error {
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

    pub(super) fn body<'a>(
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
