//! From a gem's name to its file.

use super::listing::{Gem, choose};
use super::{compact, versions};
use crate::import::source::release::{address, excerpt};
use crate::import::source::{Release, ResolveError};
use crate::model::version::GemVersion;
use crate::model::{Ecosystem, MAX_NAME};
use crate::net::Client;
use url::Url;

/// Finds the gem for the platform `ruby` of `version`, or of the latest one, at the registry
/// `base`, whose address ends with a slash.
///
/// # Errors
/// Says what is missing, or what the registry failed with.
pub fn resolve(
    client: &Client,
    base: &Url,
    name: &str,
    version: Option<&str>,
) -> Result<Release, ResolveError> {
    let ecosystem = Ecosystem::Gem;
    if !is_valid_name(name) {
        let name = excerpt(name);
        return Err(ResolveError::Name { ecosystem, name });
    }
    let version = version.map(|text| {
        text.parse().map_err(|_| ResolveError::Version {
            ecosystem,
            version: excerpt(text),
        })
    });
    let version: Option<GemVersion> = version.transpose()?;
    let (page, gems) = list(client, base, name)?;
    let gem = choose(&gems, name, version.as_ref())?;
    let file_name = format!("{name}-{}.gem", gem.version);
    Release {
        name: name.to_owned(),
        version: gem.version.to_string(),
        url: address(base, &["gems", &file_name]),
        file_name,
        sha256: gem.sha256,
        size: None,
        warnings: Vec::new(),
    }
    .checked(&page)
}

/// What the index lists, and the page that does.
fn list(client: &Client, base: &Url, name: &str) -> Result<(Url, Vec<Gem>), ResolveError> {
    let setback = match compact_index(client, base, name) {
        Err(error) if error.is_of_one_form() => error,
        result => return result,
    };
    match json(client, base, name) {
        Err(error) if error.is_not_found() && setback.is_not_found() => {
            Err(ResolveError::UnknownPackage {
                name: name.to_owned(),
            })
        }
        Err(error) if error.is_not_found() => Err(setback),
        result => result,
    }
}

fn compact_index(client: &Client, base: &Url, name: &str) -> Result<(Url, Vec<Gem>), ResolveError> {
    let page = client.get(&address(base, &["info", name]), "text/plain")?;
    let gems = compact::parse(&page.body)
        .ok_or_else(|| ResolveError::index(&page.url, "no compact index"))?;
    Ok((page.url, gems))
}

fn json(client: &Client, base: &Url, name: &str) -> Result<(Url, Vec<Gem>), ResolveError> {
    let file = format!("{name}.json");
    let url = address(base, &["api", "v1", "versions", &file]);
    let page = client.get(&url, "application/json")?;
    let gems = versions::parse(&page.body)
        .map_err(|error| ResolveError::index(&page.url, &error.to_string()))?;
    Ok((page.url, gems))
}

/// Whether a name is one that a gem can have: letters, digits, `-`, `_` and `.`, and none that a
/// path or an option would be read from.
fn is_valid_name(name: &str) -> bool {
    let legal = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    (1..=MAX_NAME).contains(&name.len()) && name.bytes().all(legal) && !name.starts_with(['.', '-'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_names_are_refused() {
        for name in ["rake", "a", "_", "Ascii85", "net-http_2", "a.b", "42"] {
            assert!(is_valid_name(name), "{name:?}");
        }
        let long = "a".repeat(101);
        for name in [
            "", ".", "..", "-a", "a/b", "../a", "a b", "a\n", "é", "a?b", "a%2fb", "a#", &long,
        ] {
            assert!(!is_valid_name(name), "{name:?}");
        }
    }
}
