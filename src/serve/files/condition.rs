//! Whether a client has a file already (RFC 9110, section 13).
//!
//! The name of a file in the cache holds its hash, which therefore is its tag.

use axum::http::HeaderMap;
use axum::http::header::{HeaderName, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, RANGE};
use std::time::{Duration, SystemTime};

/// What a client may know a file by.
#[derive(Clone, Debug)]
pub(super) struct Version {
    /// With its quotes.
    pub(super) tag: String,
    pub(super) modified: SystemTime,
}

impl Version {
    /// Whether the client has this very file.
    pub(super) fn is_known(&self, headers: &HeaderMap) -> bool {
        match value(headers, IF_NONE_MATCH) {
            Some(tags) => tags.split(',').any(|tag| {
                let tag = tag.trim();
                tag == "*" || tag.strip_prefix("W/").unwrap_or(tag) == self.tag
            }),
            None => {
                let since = value(headers, IF_MODIFIED_SINCE);
                since.is_some_and(|it| self.is_unchanged_since(it))
            }
        }
    }

    /// The range that the client asks for, if what it has is a part of this very file.
    pub(super) fn range<'h>(&self, headers: &'h HeaderMap) -> Option<&'h str> {
        let range = value(headers, RANGE)?;
        match value(headers, IF_RANGE) {
            None => Some(range),
            Some(tag) if tag == self.tag => Some(range),
            Some(date) if self.is_unchanged_since(date) => Some(range),
            Some(_) => None,
        }
    }

    /// Dates have no parts of seconds.
    fn is_unchanged_since(&self, date: &str) -> bool {
        let date = httpdate::parse_http_date(date);
        date.is_ok_and(|it| self.modified < it + Duration::from_secs(1))
    }
}

fn value(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name)?.to_str().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(all: &[(HeaderName, &'static str)]) -> HeaderMap {
        let mut map = HeaderMap::new();
        for (name, value) in all {
            map.insert(name, value.parse().unwrap());
        }
        map
    }

    #[test]
    fn a_client_that_has_the_file_is_told_so() {
        let date = "Sun, 06 Nov 1994 08:49:37 GMT";
        let version = Version {
            tag: "\"abc\"".to_owned(),
            modified: httpdate::parse_http_date(date).unwrap() + Duration::from_millis(500),
        };
        for (name, value, known) in [
            (IF_NONE_MATCH, "\"abc\"", true),
            (IF_NONE_MATCH, "\"x\", W/\"abc\"", true),
            (IF_NONE_MATCH, "*", true),
            (IF_NONE_MATCH, "\"x\"", false),
            (IF_MODIFIED_SINCE, date, true),
            (IF_MODIFIED_SINCE, "Sun, 06 Nov 1994 08:49:36 GMT", false),
            (IF_MODIFIED_SINCE, "yesterday", false),
        ] {
            assert_eq!(
                version.is_known(&headers(&[(name, value)])),
                known,
                "{value}"
            );
        }
        let range = |it| {
            version
                .range(&headers(&[(RANGE, "bytes=1-"), (IF_RANGE, it)]))
                .is_some()
        };
        assert!(range("\"abc\"") && range(date) && !range("\"x\""));
        assert!(version.range(&headers(&[])).is_none());
    }
}
