//! Who may call: anybody on loopback, holders of a token elsewhere.

use crate::config::Secret;
use axum::http::HeaderMap;
use axum::http::header::AUTHORIZATION;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};
use std::net::SocketAddr;

/// The tokens of which a call has to show one; none are asked for when there are none.
#[derive(Clone, Debug, Default)]
pub struct Guard {
    /// Their digests: comparing these tells nothing about a token by its time.
    digests: Vec<[u8; 32]>,
}

impl Guard {
    /// A guard that lets in who shows one of these tokens.
    #[must_use]
    pub fn new(tokens: &[Secret]) -> Self {
        let digest = |it: &Secret| Sha256::digest(it.reveal()).into();
        Self {
            digests: tokens.iter().map(digest).collect(),
        }
    }

    /// Whether it may stand before a server that listens there.
    #[must_use]
    pub fn is_enough_for(&self, address: SocketAddr) -> bool {
        !self.digests.is_empty() || address.ip().to_canonical().is_loopback()
    }

    /// Whether a request with these headers is let in.
    pub(super) fn lets_in(&self, headers: &HeaderMap) -> bool {
        if self.digests.is_empty() {
            return true;
        }
        let header = headers.get(AUTHORIZATION).and_then(|it| it.to_str().ok());
        let Some(token) = header.and_then(token) else {
            return false;
        };
        let digest: [u8; 32] = Sha256::digest(token).into();
        self.digests.contains(&digest)
    }
}

/// The token of a header: itself, or as the password of any user, which is what an address like
/// `http://user:token@host/` makes of it.
fn token(header: &str) -> Option<Vec<u8>> {
    let (scheme, rest) = header.split_once(' ')?;
    if scheme.eq_ignore_ascii_case("bearer") {
        return Some(rest.trim().as_bytes().to_vec());
    }
    if scheme.eq_ignore_ascii_case("basic") {
        let login = STANDARD.decode(rest.trim()).ok()?;
        let at = login.iter().position(|it| *it == b':')?;
        return Some(login[at + 1..].to_vec());
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_shown_as_such_or_as_a_password() {
        let guard = Guard::new(&[Secret::new("one".to_owned()), Secret::new("two".to_owned())]);
        let lets_in = |header: &str| {
            let mut headers = HeaderMap::new();
            headers.insert(AUTHORIZATION, header.parse().unwrap());
            guard.lets_in(&headers)
        };
        let basic = |login: &str| format!("Basic {}", STANDARD.encode(login));
        assert!(lets_in("Bearer two") && lets_in("bearer one") && lets_in(&basic("me:one")));
        for header in ["Bearer three", "Bearer", "one", "Digest one", "Basic !"] {
            assert!(!lets_in(header), "{header}");
        }
        assert!(!lets_in(&basic("one")) && !lets_in(&basic("one:")));
        assert!(!guard.lets_in(&HeaderMap::new()));
        assert!(Guard::default().lets_in(&HeaderMap::new()));
    }

    #[test]
    fn without_tokens_only_loopback_may_be_listened_on() {
        let open = Guard::default();
        let guarded = Guard::new(&[Secret::new("x".to_owned())]);
        for (address, is_loopback) in [
            ("127.0.0.1:1", true),
            ("127.9.9.9:1", true),
            ("[::1]:1", true),
            ("[::ffff:127.0.0.1]:1", true),
            ("0.0.0.0:1", false),
            ("[::]:1", false),
            ("192.0.2.1:1", false),
        ] {
            let address = address.parse().unwrap();
            assert_eq!(open.is_enough_for(address), is_loopback, "{address}");
            assert!(guarded.is_enough_for(address));
        }
    }
}
