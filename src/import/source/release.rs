//! What a registry says about the one file to import, and the checks common to all registries.

use super::ResolveError;
use crate::model::{Sha256, is_safe_file_name};
use url::Url;

/// The longest name in bytes that file systems take.
pub(super) const MAX_FILE_NAME: usize = 255;

/// The source of one release, as the registry gives it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Release {
    /// The package's name: normalised for PyPI, as asked for from RubyGems.
    pub name: String,
    /// The version: normalised for PyPI, in the index's spelling for RubyGems.
    pub version: String,
    /// The file's base name; safe as one.
    pub file_name: String,
    /// Where to download it; http or https.
    pub url: Url,
    /// What its bytes have to hash to, where the index says so.
    pub sha256: Option<Sha256>,
    /// Its length in bytes, where the index says so. Not to be relied on.
    pub size: Option<u64>,
    /// What is doubtful about it, a sentence each.
    pub warnings: Vec<String>,
}

impl Release {
    /// Refuses what no honest index says, and warns of what is missing. `page` is the index page
    /// that named the file.
    pub(super) fn checked(mut self, page: &Url) -> Result<Self, ResolveError> {
        let invalid = |problem: &str| ResolveError::index(page, problem);
        if self.file_name.len() > MAX_FILE_NAME || !is_safe_file_name(&self.file_name) {
            let name = excerpt(&self.file_name);
            return Err(invalid(&format!("the file name {name:?} is not safe")));
        }
        if !matches!(self.url.scheme(), "http" | "https") {
            let scheme = self.url.scheme();
            return Err(invalid(&format!("a file has a {scheme} address")));
        }
        if self.sha256.is_some() {
            return Ok(self);
        }
        if page.scheme() == "https" && self.url.scheme() == "http" {
            return Err(invalid("a file without a SHA-256 has an http address"));
        }
        self.warnings
            .push(format!("the index gives no SHA-256 for {}", self.file_name));
        Ok(self)
    }
}

/// The beginning of a server's text, fit for one line of a message.
pub(super) fn excerpt(text: &str) -> String {
    let line: String = text
        .chars()
        .filter(|it| !it.is_control())
        .take(200)
        .collect();
    line.trim().to_owned()
}

/// An address below a registry's base, each segment encoded.
pub(super) fn address(base: &Url, segments: &[&str]) -> Url {
    let mut url = base.clone();
    url.path_segments_mut()
        .expect("a registry's base is an http address, which has a path")
        .pop_if_empty()
        .extend(segments);
    url
}

#[cfg(test)]
mod tests {
    use super::*;

    fn release(file_name: &str, url: &str) -> Release {
        Release {
            name: "a".to_owned(),
            version: "1".to_owned(),
            file_name: file_name.to_owned(),
            url: url.parse().unwrap(),
            sha256: None,
            size: None,
            warnings: Vec::new(),
        }
    }

    #[test]
    fn addresses_stay_below_the_base() {
        let base: Url = "http://h:1/mirror/".parse().unwrap();
        let url = address(&base, &["simple", "a b/../c?d", ""]);
        assert_eq!(url.as_str(), "http://h:1/mirror/simple/a%20b%2F..%2Fc%3Fd/");
    }

    #[test]
    fn only_safe_names_and_http_addresses_pass() {
        let page: Url = "http://h/simple/a/".parse().unwrap();
        for (file_name, url) in [
            ("../x.tar.gz", "http://h/x"),
            ("", "http://h/x"),
            ("a\n.tar.gz", "http://h/x"),
            (&"a".repeat(256), "http://h/x"),
            ("a.tar.gz", "file:///etc/passwd"),
            ("a.tar.gz", "data:text/plain,x"),
        ] {
            let result = release(file_name, url).checked(&page);
            assert!(matches!(result, Err(ResolveError::Index { .. })), "{url}");
        }
        let release = release("a.tar.gz", "http://h/x").checked(&page).unwrap();
        assert_eq!(
            release.warnings,
            ["the index gives no SHA-256 for a.tar.gz"]
        );
    }

    #[test]
    fn http_from_https_needs_a_digest() {
        let page: Url = "https://h/simple/a/".parse().unwrap();
        let mut release = release("a.tar.gz", "http://h/x");
        assert!(release.clone().checked(&page).is_err());
        release.sha256 = Some(Sha256::of(b"x"));
        assert!(release.checked(&page).unwrap().warnings.is_empty());
    }

    #[test]
    fn excerpts_are_one_line() {
        assert_eq!(excerpt(" a\nb\u{1b}[31m "), "ab[31m");
        assert_eq!(excerpt(&"x".repeat(1000)).len(), 200);
    }
}
