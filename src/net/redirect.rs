//! Which redirects are followed: a few, within http and https, and never from https down to http.

use super::shown::shown;
use reqwest::Response;
use reqwest::header::LOCATION;
use reqwest::redirect::Policy;
use url::Url;

/// Why a redirect is not followed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RedirectError {
    /// More redirects than are followed; a loop, most often.
    #[error("more than {0} redirects")]
    TooMany(usize),
    /// To something else than http or https.
    #[error("a redirect to {0:?}, which is not http or https")]
    Scheme(String),
    /// What was asked for over https would be sent over http.
    #[error("a redirect from https down to {0}")]
    Downgrade(String),
    /// What is handed in would not go with the redirect.
    #[error("a redirect to {0}, to which nothing can be handed in")]
    Question(String),
    /// A redirect without an address, or with one that is none.
    #[error("a redirect without a usable address")]
    Nowhere,
}

/// Where an answer of the address `from` redirects to; none if it is no redirect, or one without a
/// usable address. A login goes along to the same server, and to no other.
pub(super) fn target(from: &Url, response: &Response) -> Option<Url> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return None;
    }
    let location = response.headers().get(LOCATION)?.to_str().ok()?;
    let mut to = from.join(location).ok()?;
    if to.origin() == from.origin() && to.username().is_empty() && to.password().is_none() {
        // Both fail only for addresses that cannot hold them.
        let _ = to.set_username(from.username());
        let _ = to.set_password(from.password());
    }
    Some(to)
}

/// Where the way goes on that led along these addresses, the first of which was asked for.
pub(super) fn next(previous: &[Url], next: Url, max: usize) -> Result<Url, RedirectError> {
    match refusal(previous, &next, max) {
        Some(error) => Err(error),
        None => Ok(next),
    }
}

/// The policy for what is handed in: those redirects that turn it into a mere question are refused
/// as well (RFC 9110, 15.4).
pub(super) fn policy_for_posts(max: usize) -> Policy {
    Policy::custom(move |attempt| {
        let asks = matches!(attempt.status().as_u16(), 301..=303);
        match refusal(attempt.previous(), attempt.url(), max) {
            Some(error) => attempt.error(error),
            None if asks => {
                let target = shown(attempt.url());
                attempt.error(RedirectError::Question(target))
            }
            None => attempt.follow(),
        }
    })
}

/// Why `next` is not followed after the addresses in `previous`, the first of which was asked for.
fn refusal(previous: &[Url], next: &Url, max: usize) -> Option<RedirectError> {
    let secure = previous.iter().any(|it| it.scheme() == "https");
    if previous.len() > max {
        Some(RedirectError::TooMany(max))
    } else if !matches!(next.scheme(), "http" | "https") {
        Some(RedirectError::Scheme(next.scheme().to_owned()))
    } else if secure && next.scheme() == "http" {
        Some(RedirectError::Downgrade(shown(next)))
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(previous: &[&str], next: &str) -> Option<RedirectError> {
        let previous: Vec<Url> = previous.iter().map(|it| it.parse().unwrap()).collect();
        refusal(&previous, &next.parse().unwrap(), 2)
    }

    #[test]
    fn redirects_are_few_and_never_less_safe() {
        assert_eq!(refused(&["http://a/"], "https://b/"), None);
        assert_eq!(refused(&["https://a/"], "https://b/"), None);
        assert_eq!(refused(&["http://a/", "http://b/"], "http://c/"), None);
        assert_eq!(
            refused(&["http://a/", "http://b/", "http://c/"], "http://d/"),
            Some(RedirectError::TooMany(2))
        );
        assert_eq!(
            refused(&["https://a/"], "http://user:pw@b/"),
            Some(RedirectError::Downgrade("http://b/".to_owned()))
        );
        assert_eq!(
            refused(&["http://a/"], "ftp://b/"),
            Some(RedirectError::Scheme("ftp".to_owned()))
        );
    }
}
