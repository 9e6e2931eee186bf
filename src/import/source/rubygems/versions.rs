//! The JSON API: `/api/v1/versions/{gem}.json`.

use super::listing::Gem;
use crate::model::Sha256;
use serde::Deserialize;

#[derive(Deserialize)]
struct Version {
    number: String,
    platform: Option<String>,
    sha: Option<String>,
}

/// Reads a page. A version that is no gem version is left out.
pub(super) fn parse(body: &[u8]) -> Result<Vec<Gem>, serde_json::Error> {
    let versions: Vec<Version> = serde_json::from_slice(body)?;
    let gem = |it: Version| {
        Some(Gem {
            version: it.number.parse().ok()?,
            is_ruby: it.platform.is_none_or(|it| it == "ruby"),
            sha256: it.sha.and_then(|it| Sha256::from_hex(&it)),
        })
    };
    Ok(versions.into_iter().filter_map(gem).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_read() {
        let sha = "0".repeat(64);
        let body = format!(
            r#"[{{"number": "1.0", "platform": "ruby", "sha": "{sha}", "licenses": null}},
                {{"number": "1.0", "platform": "java", "sha": null}},
                {{"number": "0.9", "prerelease": false}},
                {{"number": "../x", "platform": "ruby"}}]"#
        );
        let gems = parse(body.as_bytes()).unwrap();
        let ruby: Vec<bool> = gems.iter().map(|it| it.is_ruby).collect();
        assert_eq!(ruby, [true, false, true]);
        assert_eq!(gems[0].sha256, Sha256::from_hex(&sha));
        assert_eq!(gems[1].sha256, None);
    }

    #[test]
    fn other_things_are_refused() {
        for body in ["", "{}", "<html>", "[{}]", "[1]"] {
            assert!(parse(body.as_bytes()).is_err(), "{body:?}");
        }
    }
}
