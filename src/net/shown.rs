//! Addresses as they may stand in messages.

use url::Url;

/// The longest address in a message: servers can name any.
const MAX_SHOWN: usize = 500;

/// An address as it may stand in a message: without user and password, and not too long.
#[must_use]
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail only for addresses that cannot hold them.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    // An address is ASCII throughout.
    let mut text = String::from(url);
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
        let url = Url::parse("mailto:user@host").unwrap();
        assert_eq!(shown(&url), "mailto:user@host");
        let url = Url::parse(&format!("http://h/é{}", "é".repeat(9999))).unwrap();
        assert_eq!(shown(&url).chars().count(), 501);
    }
}
