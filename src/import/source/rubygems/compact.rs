//! The compact index: `/info/{gem}`.
//!
//! After a line `---`, a line a version: `1.0[-platform] dependencies|checksum:…,ruby:…`. A
//! yanked version is absent.

use super::listing::Gem;
use crate::model::Sha256;

/// Reads a page; none if it is no compact index.
pub(super) fn parse(body: &[u8]) -> Option<Vec<Gem>> {
    let text = String::from_utf8_lossy(body);
    let mut lines = text.lines();
    lines.by_ref().find(|it| it.trim_end() == "---")?;
    Some(lines.filter_map(gem).collect())
}

/// One line; none if its version is no gem version.
fn gem(line: &str) -> Option<Gem> {
    let (release, rest) = line.split_once(' ').unwrap_or((line, ""));
    // A version holds no dash here, a platform may hold several.
    let (number, platform) = release.split_once('-').unwrap_or((release, "ruby"));
    let requirements = rest.rsplit_once('|').map_or("", |it| it.1);
    let sha256 = requirements
        .split(',')
        .find_map(|it| Sha256::from_hex(it.strip_prefix("checksum:")?));
    Some(Gem {
        version: number.parse().ok()?,
        is_ruby: platform == "ruby",
        sha256,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

    fn read(body: &str) -> Vec<(String, bool, bool)> {
        let gem = |it: Gem| (it.version.to_string(), it.is_ruby, it.sha256.is_some());
        parse(body.as_bytes())
            .unwrap()
            .into_iter()
            .map(gem)
            .collect()
    }

    #[test]
    fn lines_are_versions() {
        let body = format!(
            "created_at: 2024-04-01T00:00:05Z\n---\n\
             1.0.0 |checksum:{SHA256}\n\
             1.1.0.rc1 a:>= 0&< 2,b-c:~> 1.0|checksum:{SHA256},ruby:>= 2.3,created_at:2026-01-01T00:00:00Z\n\
             1.1.0-x86_64-linux-gnu a:= 1|ruby:>= 3.1&< 3.5.dev,checksum:{SHA256}\n\
             1.2.0 |\n\
             1.3.0 |checksum:zz\n\
             1.4.0\n\
             bad!version |checksum:{SHA256}\n\
             \n"
        );
        assert_eq!(
            read(&body),
            [
                ("1.0.0".to_owned(), true, true),
                ("1.1.0.rc1".to_owned(), true, true),
                ("1.1.0".to_owned(), false, true),
                ("1.2.0".to_owned(), true, false),
                ("1.3.0".to_owned(), true, false),
                ("1.4.0".to_owned(), true, false),
            ]
        );
        assert!(read("---\n").is_empty());
    }

    #[test]
    fn other_things_are_refused() {
        for body in ["", "<html>", "This rubygem could not be found.", "1.0 |"] {
            assert!(parse(body.as_bytes()).is_none(), "{body:?}");
        }
    }
}
