//! Which texts are addresses that a person can open.

/// Whether a text is one http or https address.
pub(super) fn is_web_address(text: &str) -> bool {
    !text.contains(char::is_whitespace)
        && url::Url::parse(text)
            .is_ok_and(|it| matches!(it.scheme(), "http" | "https") && it.has_host())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_web_addresses_count() {
        assert!(is_web_address("https://example.test/a?b#c"));
        assert!(is_web_address("HTTP://example.test"));
        for text in [
            "",
            "example.test",
            "ftp://example.test",
            "https://",
            "https://example.test\nx",
            " https://example.test",
        ] {
            assert!(!is_web_address(text), "{text:?}");
        }
    }
}
