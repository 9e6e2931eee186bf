//! One request: its turn in the host's budget, its attempts, from the first byte to the last.

use super::body::Body;
use super::budget::Permit;
use super::client::Client;
use super::http::Patience;
use super::page::Validators;
use super::redirect::{self, RedirectError};
use super::retry::{Deadline, Pauses, parse_retry_after};
use super::shown::shown;
use super::{Error, Page};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, RETRY_AFTER};
use reqwest::{RequestBuilder, Response, StatusCode};
use std::time::SystemTime;
use url::Url;

/// One attempt on its way along redirects.
pub(super) struct Visit<'a> {
    pub(super) patience: Patience<'a>,
    /// Where it is.
    at: Url,
    /// Its turn at that host.
    permit: Option<Permit>,
}

impl Client {
    /// A page, from the disk where the server says that it has not changed since.
    pub(super) fn kept_page(&self, url: &Url, accept: &str) -> Result<Page, Error> {
        let cache = self.shared.cache.as_ref();
        let place = cache.and_then(|it| Some((it, it.place(url, accept)?)));
        let kept = place.as_ref().and_then(|(cache, it)| cache.load(it));
        let request = |client: &reqwest::Client, at: &Url| {
            let request = client.get(at.clone()).header(ACCEPT, accept);
            let conditions = kept.iter().flat_map(|it| it.validators.conditions());
            conditions.fold(request, |it, (name, value)| it.header(name, value))
        };
        self.attempts(url, |visit| {
            let response = self.ask(url, visit, request, kept.is_some())?;
            if let (StatusCode::NOT_MODIFIED, Some(kept)) = (response.status(), &kept) {
                return Ok(kept.page.clone());
            }
            let validators = Validators::of(response.headers());
            let page = self.read(url, response, visit.patience)?;
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
        mut attempt: impl FnMut(&mut Visit<'_>) -> Result<T, Error>,
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
            let mut visit = Visit {
                patience: Patience {
                    settings: &self.settings,
                    deadline,
                    stop,
                },
                at: url.clone(),
                permit: Some(permit),
            };
            let error = match attempt(&mut visit) {
                Ok(done) => return Ok(done),
                Err(error) => error,
            };
            deadline = visit.patience.deadline;
            let Visit { at, permit, .. } = visit;
            drop(permit);
            let pause = pauses.after(&error);
            if let Some(closed) = error.closes_for(pause.unwrap_or(self.settings.backoff)) {
                budget.close(&at, closed);
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

    /// Sends one request, and one for each redirect, and returns a successful answer, its body
    /// unread; or one without a body that says that nothing has changed, where that was asked.
    /// `request` makes the request for an address.
    pub(super) fn ask(
        &self,
        url: &Url,
        visit: &mut Visit<'_>,
        request: impl Fn(&reqwest::Client, &Url) -> RequestBuilder,
        is_conditional: bool,
    ) -> Result<Response, Error> {
        let http = self.http()?;
        let mut way = vec![url.clone()];
        loop {
            // File bytes are wanted as they are published, whatever the server could do with them.
            let request = request(http.client(), &visit.at);
            let request = request.header(ACCEPT_ENCODING, "identity");
            let response = http.wait(visit.patience, request.send());
            let response = response.map_err(|it| Error::of_wait(url, it))?;
            let response = response.map_err(|error| Error::of_request(url, error))?;
            let is_unchanged = is_conditional && response.status() == StatusCode::NOT_MODIFIED;
            if response.status().is_success() || is_unchanged {
                return Ok(response);
            }
            let Some(next) = redirect::target(&visit.at, &response) else {
                return Err(self.refused(url, &response));
            };
            let next = redirect::next(&way, next, self.settings.max_redirects);
            let next = next.map_err(|source| Error::Redirect {
                url: shown(url),
                source,
            })?;
            drop(response);
            self.go_on(visit, next.clone())?;
            way.push(next);
        }
    }

    /// Leaves one host, and waits for the turn of a request at the next one.
    fn go_on(&self, visit: &mut Visit<'_>, next: Url) -> Result<(), Error> {
        // Both may be the same, with room for one request.
        visit.permit = None;
        visit.at = next;
        let permit = self
            .shared
            .budget
            .enter(&visit.at, &self.settings, &self.stop)?;
        visit.patience.deadline = visit.patience.deadline.later(permit.waited);
        visit.permit = Some(permit);
        Ok(())
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
