//! Addresses as they may stand in messages and files, and what of them may not.

use url::Url;

/// The longest address in a message: servers can name any.
const MAX_SHOWN: usize = 500;

/// Parameters that prove who asks, by a part of their names, and by their whole names.
const SECRET_PARTS: [&str; 10] = [
    "token",
    "password",
    "passwd",
    "secret",
    "signature",
    "credential",
    "apikey",
    "api_key",
    "api-key",
    "access_key",
];
const SECRET_NAMES: [&str; 7] = ["key", "sig", "pwd", "pass", "auth", "authorization", "jwt"];

/// What an address holds that proves who asks, in words: a user or a password, or the first
/// parameter that is named like a secret.
#[must_use]
pub fn secret_in(url: &Url) -> Option<String> {
    if !url.username().is_empty() || url.password().is_some() {
        return Some("a user or a password".to_owned());
    }
    let names = url.query_pairs().map(|(name, _)| name.into_owned());
    let mut secret = names.filter(|it| is_secret(it));
    secret.next().map(|it| format!("the parameter {it:?}"))
}

fn is_secret(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    SECRET_NAMES.contains(&&*name) || SECRET_PARTS.iter().any(|it| name.contains(it))
}

/// An address as a file for others may hold it: without user and password, and without the values of
/// parameters that are named like secrets.
#[must_use]
pub fn published(url: &Url) -> Url {
    let mut url = url.clone();
    // Both fail only for addresses that cannot hold them.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    if secret_in(&url).is_some() {
        let part = |it: &str| {
            let (name, _) = it.split_once('=').unwrap_or((it, ""));
            let decoded = percent_encoding::percent_decode_str(name).decode_utf8_lossy();
            match is_secret(&decoded) {
                true => format!("{name}=..."),
                false => it.to_owned(),
            }
        };
        let parts = url.query().unwrap_or_default().split('&').map(part);
        let query = parts.collect::<Vec<_>>().join("&");
        url.set_query(Some(&query));
    }
    url
}

/// An address as it may stand in a message: without secrets, and not too long.
#[must_use]
pub fn shown(url: &Url) -> String {
    // An address is ASCII throughout.
    let mut text = String::from(published(url));
    if text.len() > MAX_SHOWN {
        text.truncate(MAX_SHOWN);
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_password_reaches_a_message() {
        let url = Url::parse("https://user:secret@host/a?b=c").unwrap();
        assert_eq!(shown(&url), "https://host/a?b=c");
        let url = Url::parse("https://h/a?b=c&X-Amz-Signature=1f&%73ig=2&e").unwrap();
        assert_eq!(
            shown(&url),
            "https://h/a?b=c&X-Amz-Signature=...&%73ig=...&e"
        );
        assert_eq!(
            secret_in(&url).unwrap(),
            "the parameter \"X-Amz-Signature\""
        );
        let url = Url::parse("https://h/a?author=b&monkey=c").unwrap();
        assert_eq!((shown(&url), secret_in(&url)), (url.to_string(), None));
        let url = Url::parse("mailto:user@host").unwrap();
        assert_eq!(shown(&url), "mailto:user@host");
        let url = Url::parse(&format!("http://h/é{}", "é".repeat(9999))).unwrap();
        assert_eq!(shown(&url).chars().count(), 501);
    }
}
