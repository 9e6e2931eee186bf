//! What an index lists of a gem, in one form for both kinds of pages, and the choice of one.

use crate::import::source::ResolveError;
use crate::model::Sha256;
use crate::model::version::GemVersion;

/// One version of a gem for one platform.
#[derive(Clone, Debug)]
pub(super) struct Gem {
    pub(super) version: GemVersion,
    /// Whether it holds source.
    pub(super) is_ruby: bool,
    pub(super) sha256: Option<Sha256>,
}

/// The gem for the platform `ruby` of `version`, or of the latest one: the highest that is no
/// prerelease, or the highest prerelease where there is nothing else.
pub(super) fn choose<'a>(
    gems: &'a [Gem],
    name: &str,
    version: Option<&GemVersion>,
) -> Result<&'a Gem, ResolveError> {
    let name = || name.to_owned();
    if gems.is_empty() {
        // A name comes into being with a version, and yanked ones are not listed.
        return Err(ResolveError::AllYanked { name: name() });
    }
    let asked: Vec<&Gem> = gems
        .iter()
        .filter(|it| version.is_none_or(|version| it.version == *version))
        .collect();
    if let (true, Some(version)) = (asked.is_empty(), version) {
        return Err(ResolveError::UnknownVersion {
            name: name(),
            version: version.to_string(),
        });
    }
    let spelling = version.map(ToString::to_string);
    asked
        .into_iter()
        .filter(|it| it.is_ruby)
        .max_by_key(|it| {
            // 1.0 and 1.0.0 are equal, yet may both be there.
            let as_spelled = spelling.as_ref() == Some(&it.version.to_string());
            (!it.version.is_prerelease(), &it.version, as_spelled)
        })
        .ok_or_else(|| ResolveError::NoRubyPlatform {
            name: name(),
            version: spelling,
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn gem(version: &str, is_ruby: bool) -> Gem {
        Gem {
            version: version.parse().unwrap(),
            is_ruby,
            sha256: None,
        }
    }

    fn chosen(gems: &[Gem], version: Option<&str>) -> String {
        let version: Option<GemVersion> = version.map(|it| it.parse().unwrap());
        match choose(gems, "a", version.as_ref()) {
            Ok(gem) => gem.version.to_string(),
            Err(error) => error.code().to_string(),
        }
    }

    #[test]
    fn the_latest_is_for_ruby_and_no_prerelease() {
        let gems = [
            gem("1.9", true),
            gem("1.10", true),
            gem("1.10", false),
            gem("1.11", false),
            gem("2.0.rc1", true),
        ];
        assert_eq!(chosen(&gems, None), "1.10");
        assert_eq!(chosen(&gems, Some("2.0.rc1")), "2.0.rc1");
        assert_eq!(chosen(&gems, Some("1.11")), "no-ruby-platform");
        assert_eq!(chosen(&gems, Some("3")), "unknown-version");
        let preliminary = [gem("1.0.a", true), gem("1.0.b", true)];
        assert_eq!(chosen(&preliminary, None), "1.0.b");
    }

    #[test]
    fn equal_versions_are_told_apart_by_spelling() {
        for gems in [
            [gem("1.0", true), gem("1.0.0", true)],
            [gem("1.0.0", true), gem("1.0", true)],
        ] {
            assert_eq!(chosen(&gems, Some("1.0")), "1.0");
            assert_eq!(chosen(&gems, Some("1.0.0")), "1.0.0");
        }
        assert_eq!(chosen(&[gem("1.0", true)], Some("1")), "1.0");
    }

    #[test]
    fn nothing_to_import_has_its_own_names() {
        assert_eq!(chosen(&[gem("1", false)], None), "no-ruby-platform");
        assert_eq!(chosen(&[], None), "all-yanked");
        assert_eq!(chosen(&[], Some("1")), "all-yanked");
    }
}
