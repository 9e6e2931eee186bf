//! What can go wrong between a request and its last byte.

use super::http::{Ended, SetupError};
use super::redirect::RedirectError;
use super::shown::shown;
use crate::model::Code;
use std::error::Error as StdError;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// A failed request. Addresses are shown without the user and password that they may hold.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The client could not be built, such as without any system certificate.
    #[error("the HTTP client cannot be set up, which needs the system's CA certificates")]
    Setup(#[source] Arc<SetupError>),
    /// Only http and https are spoken.
    #[error("{url} is not a usable http or https address")]
    Address {
        /// The address asked for.
        url: String,
    },
    /// Status 404 or 410: what it means is the caller's to say.
    #[error("{url} was not found")]
    NotFound {
        /// The address asked for.
        url: String,
    },
    /// Another status than success.
    #[error("{url} answered with status {status}")]
    Status {
        /// The address asked for.
        url: String,
        /// The status code of the last attempt.
        status: u16,
        /// How long the server asked to wait.
        retry_after: Option<Duration>,
    },
    /// Status 429 to the last attempt, or a longer pause asked for than is waited.
    #[error("{url} asks for fewer requests{}", wait_text(*.retry_after))]
    RateLimited {
        /// The address asked for.
        url: String,
        /// How long the server asked to wait.
        retry_after: Option<Duration>,
    },
    /// Nothing was asked: the host wanted to be left alone, for longer than is waited.
    #[error("{url} is not asked: its host asked for a pause, of which {} s are left", wait.as_secs())]
    Closed {
        /// The address that was to be asked for.
        url: String,
        /// How long the host is left alone still.
        wait: Duration,
    },
    /// No connection, no answer or no further bytes within the limit.
    #[error("{url} did not answer, or stopped sending, within {limit:?}")]
    Timeout {
        /// The address asked for.
        url: String,
        /// The limit that was reached.
        limit: Duration,
    },
    /// No connection, or one that broke before the answer.
    #[error("{url} cannot be reached")]
    Unreachable {
        /// The address asked for.
        url: String,
        /// What the transport said.
        source: Arc<reqwest::Error>,
    },
    /// A redirect that is not followed.
    #[error("{url} redirects astray")]
    Redirect {
        /// The address asked for first.
        url: String,
        /// Why it is not followed.
        source: RedirectError,
    },
    /// The body ended before its announced length.
    #[error("{url} broke off after {received} bytes{}", of_text(*.expected))]
    Truncated {
        /// The address asked for.
        url: String,
        /// Bytes that arrived.
        received: u64,
        /// Bytes that were announced.
        expected: Option<u64>,
        /// What the transport said.
        source: Arc<io::Error>,
    },
    /// The body is over the limit.
    #[error("{url} is larger than {max_bytes} bytes")]
    TooLarge {
        /// The address asked for.
        url: String,
        /// The limit.
        max_bytes: u64,
    },
    /// The writer failed, not the network.
    #[error("cannot store what {url} sent")]
    Local {
        /// The address asked for.
        url: String,
        /// The writer's failure.
        source: Arc<io::Error>,
    },
    /// The stop token ended the request.
    #[error("stopped")]
    Stopped,
}

impl Error {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Setup(_) => Code::IoError,
            Self::Address { .. } => Code::BadSource,
            Self::NotFound { .. } => Code::HttpRefused,
            // 408 and 425: the same request may go well later.
            Self::Status { status, .. } => match status {
                400..=407 | 409..=424 | 426..=499 => Code::HttpRefused,
                _ => Code::HttpError,
            },
            Self::RateLimited { .. } | Self::Closed { .. } => Code::RateLimited,
            Self::Timeout { .. } => Code::NetworkTimeout,
            Self::Unreachable { .. } | Self::Truncated { .. } => Code::NetworkUnreachable,
            Self::Redirect { .. } => Code::RedirectLoop,
            Self::TooLarge { .. } => Code::DownloadTooLarge,
            Self::Local { source, .. } => Code::of_io(source),
            Self::Stopped => Code::Stopped,
        }
    }

    /// Whether the server said that there is no such thing.
    #[must_use]
    pub const fn is_not_found(&self) -> bool {
        matches!(self, Self::NotFound { .. })
    }

    /// Whether the same request may succeed a moment later.
    pub(super) const fn may_pass(&self) -> bool {
        match self {
            Self::RateLimited { .. }
            | Self::Timeout { .. }
            | Self::Unreachable { .. }
            | Self::Truncated { .. } => true,
            Self::Status { status, .. } => *status == 408 || *status >= 500,
            _ => false,
        }
    }

    /// How long the server asked to wait before the next attempt.
    #[must_use]
    pub const fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::Status { retry_after, .. } | Self::RateLimited { retry_after, .. } => {
                *retry_after
            }
            Self::Closed { wait, .. } => Some(*wait),
            _ => None,
        }
    }

    /// How long the whole host is to be left alone after this, where the next attempt of this
    /// request is made after `pause`: as long as it asked for, and for a while also where it only
    /// says that it is asked too often.
    pub(super) fn closes_for(&self, pause: Duration) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } => Some(retry_after.unwrap_or(pause)),
            other => other.retry_after(),
        }
    }

    /// A wait that ended too soon.
    pub(super) fn of_wait(url: &Url, ended: Ended) -> Self {
        let url = shown(url);
        match ended {
            Ended::Stopped => Self::Stopped,
            Ended::Overdue(limit) => Self::Timeout { url, limit },
        }
    }

    /// A failure to get an answer at all.
    pub(super) fn of_request(url: &Url, error: reqwest::Error) -> Self {
        let url = shown(url);
        if let Some(refused) = cause::<RedirectError>(&error) {
            let source = refused.clone();
            return Self::Redirect { url, source };
        }
        // Valid as an address, but not in a request, such as one of 100 kB.
        if error.is_builder() {
            return Self::Address { url };
        }
        let source = Arc::new(error.without_url());
        Self::Unreachable { url, source }
    }
}

/// The first cause of a kind in the chain of causes.
fn cause<'a, E: StdError + 'static>(error: &'a (dyn StdError + 'static)) -> Option<&'a E> {
    std::iter::successors(Some(error), |it| (*it).source()).find_map(|it| it.downcast_ref())
}

fn wait_text(wait: Option<Duration>) -> String {
    wait.map_or_else(String::new, |it| format!(" for {} s", it.as_secs()))
}

fn of_text(expected: Option<u64>) -> String {
    expected.map_or_else(String::new, |it| format!(" of {it}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_the_thing_and_the_numbers() {
        let url = "http://h/x".to_owned();
        let limited = |retry_after| Error::RateLimited {
            url: url.clone(),
            retry_after,
        };
        assert_eq!(
            limited(Some(Duration::from_secs(7))).to_string(),
            "http://h/x asks for fewer requests for 7 s"
        );
        assert_eq!(
            limited(None).to_string(),
            "http://h/x asks for fewer requests"
        );
        let truncated = Error::Truncated {
            url,
            received: 3,
            expected: Some(9),
            source: Arc::new(io::ErrorKind::UnexpectedEof.into()),
        };
        assert_eq!(
            truncated.to_string(),
            "http://h/x broke off after 3 bytes of 9"
        );
    }
}
