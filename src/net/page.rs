//! An answer that was read into memory, and how to ask whether it has changed since.

use reqwest::Response;
use reqwest::header::{CACHE_CONTROL, CONTENT_TYPE, LAST_MODIFIED};
use reqwest::header::{ETAG, HeaderMap, HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH};
use serde::{Deserialize, Serialize};
use url::Url;

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

impl Page {
    /// A page whose body is not read yet.
    pub(super) fn head(response: &Response) -> Self {
        let content_type = response.headers().get(CONTENT_TYPE);
        Self {
            url: response.url().clone(),
            content_type: content_type.map(|it| String::from_utf8_lossy(it.as_bytes()).into()),
            body: Vec::new(),
        }
    }
}

/// What tells one state of a page from another (RFC 9110, section 8.8).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Validators {
    etag: Option<String>,
    last_modified: Option<String>,
}

impl Validators {
    /// Those of an answer; none if it has none, or is not to be kept.
    pub(super) fn of(headers: &HeaderMap) -> Option<Self> {
        let text = |name: HeaderName| Some(headers.get(name)?.to_str().ok()?.to_owned());
        let is_private = text(CACHE_CONTROL).is_some_and(|it| it.contains("no-store"));
        let it = Self {
            etag: text(ETAG),
            last_modified: text(LAST_MODIFIED),
        };
        (it != Self::default() && !is_private).then_some(it)
    }

    /// The headers that ask for the page only if it has changed (RFC 9110, section 13.1).
    pub(super) fn conditions(&self) -> impl Iterator<Item = (HeaderName, &str)> {
        let etag = self.etag.as_deref().map(|it| (IF_NONE_MATCH, it));
        let date = self.last_modified.as_deref();
        // Servers pass over the date where there is a tag; some know the date only.
        let date = date.map(|it| (IF_MODIFIED_SINCE, it));
        etag.into_iter().chain(date)
    }
}
