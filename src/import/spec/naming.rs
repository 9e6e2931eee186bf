//! What a package of an ecosystem is called in RPM.

use super::error::Error;
use crate::model::{Ecosystem, PackageName};

/// The name of the source package made from an ecosystem's package: `python-NAME` with the name
/// normalised after PEP 503 (which stays as it is where it begins with `python-`), or
/// `rubygem-NAME`.
///
/// # Errors
/// Says why no safe name can be made.
pub fn package_name(ecosystem: Ecosystem, name: &str) -> Result<PackageName, Error> {
    let made = match ecosystem {
        Ecosystem::Pypi => {
            let name = normalised(name).ok_or_else(|| Error::Name {
                package: shortened(name),
                what: "name",
                name: shortened(name),
            })?;
            if name.starts_with("python-") {
                name
            } else {
                format!("python-{name}")
            }
        }
        Ecosystem::Gem => format!("rubygem-{name}"),
    };
    PackageName::new(&made).map_err(|source| Error::PackageName {
        upstream: shortened(name),
        source,
    })
}

/// A Python package's or extra's name after PEP 503: lower case, runs of `-`, `_` and `.` as one
/// `-`. Nothing for what is no such name.
pub(super) fn normalised(name: &str) -> Option<String> {
    let inner = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    let ends = |c: Option<char>| c.is_some_and(|it| it.is_ascii_alphanumeric());
    if !name.chars().all(inner) || !ends(name.chars().next()) || !ends(name.chars().next_back()) {
        return None;
    }
    let parts: Vec<&str> = name
        .split(['-', '_', '.'])
        .filter(|it| !it.is_empty())
        .collect();
    Some(parts.join("-").to_ascii_lowercase())
}

/// The start of a text, for a message.
pub(super) fn shortened(text: &str) -> String {
    text.chars().take(100).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_their_ecosystem() {
        for (ecosystem, upstream, expected) in [
            (Ecosystem::Pypi, "Pello", "python-pello"),
            (Ecosystem::Pypi, "ruamel.yaml", "python-ruamel-yaml"),
            (Ecosystem::Pypi, "a-_.b", "python-a-b"),
            (Ecosystem::Pypi, "python-dateutil", "python-dateutil"),
            (Ecosystem::Pypi, "Python_Foo", "python-foo"),
            (Ecosystem::Pypi, "pythonfoo", "python-pythonfoo"),
            (Ecosystem::Gem, "net-http_x", "rubygem-net-http_x"),
        ] {
            let name = package_name(ecosystem, upstream).unwrap();
            assert_eq!(name.as_str(), expected);
        }
    }

    #[test]
    fn unsafe_names_are_refused() {
        let long = "x".repeat(120);
        for name in ["", "-x", "x-", "é", "a b", "a/b", "a\nb", "%(x)", &long] {
            let error = package_name(Ecosystem::Pypi, name).unwrap_err();
            assert_eq!(error.code(), crate::model::Code::UnsafeName, "{name:?}");
        }
        for name in ["a b", "../x", "a\nb", "%{x}", "x.lock", &long] {
            assert!(package_name(Ecosystem::Gem, name).is_err(), "{name:?}");
        }
    }
}
