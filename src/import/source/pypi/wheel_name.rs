//! What the name of a wheel says: `NAME-VERSION[-BUILD]-PYTHON-ABI-PLATFORM.whl` (PEP 427).
//!
//! The three tags decide what a wheel can be for: only one that any Python 3 takes on any platform
//! holds its own source, and can be packaged instead of an sdist. Names and versions in it hold no
//! dash, as both were escaped.

use super::names::{normalise_name, stem};
use crate::import::source::release::MAX_FILE_NAME;
use pep440_rs::Version;

/// The name of a wheel, taken apart.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct WheelName<'n> {
    /// In the spelling of the file.
    pub(super) name: &'n str,
    pub(super) version: Version,
    pub(super) fit: WheelFit,
}

/// What a wheel can be installed on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum WheelFit {
    /// Any Python 3, or any from a minor version on, on any platform.
    Pure(WheelRank),
    /// One platform, or one implementation of Python.
    Platform,
    /// No Python 3 at all.
    Python2,
}

/// Of two pure wheels, the lower one is to be taken: the one for more versions of Python, then
/// the one that was built last.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct WheelRank {
    minor: u32,
    build: std::cmp::Reverse<u64>,
}

impl<'n> WheelName<'n> {
    /// Takes the name of a wheel apart; none if it is no such name.
    pub(super) fn parse(file_name: &'n str) -> Option<Self> {
        if file_name.len() > MAX_FILE_NAME {
            return None;
        }
        let parts: Vec<&str> = stem(file_name, ".whl")?.split('-').collect();
        let (name, version, build, tags) = match parts[..] {
            [name, version, a, b, c] => (name, version, 0, [a, b, c]),
            [name, version, build, a, b, c] => (name, version, build_number(build)?, [a, b, c]),
            _ => return None,
        };
        Some(Self {
            name: Some(name).filter(|it| !it.is_empty())?,
            // A local part is written with an underscore in some files.
            version: version.replace('_', "-").parse().ok()?,
            fit: fit(tags, build),
        })
    }

    /// Whether it is a file of the project with this normalised name.
    pub(super) fn is_of(&self, project: &str) -> bool {
        normalise_name(self.name) == project
    }
}

/// The number that a build tag begins with; a tag without one is none.
fn build_number(tag: &str) -> Option<u64> {
    let end = tag.find(|c: char| !c.is_ascii_digit()).unwrap_or(tag.len());
    let digits = &tag[..end];
    (!digits.is_empty()).then(|| digits.parse().unwrap_or(u64::MAX))
}

/// Each tag may be several, joined by dots.
fn fit([python, abi, platform]: [&str; 3], build: u64) -> WheelFit {
    let has = |tags: &str, one: &str| tags.split('.').any(|it| it.eq_ignore_ascii_case(one));
    let is_python_2 = |it: &str| {
        it.strip_prefix("py")
            .or(it.strip_prefix("cp"))
            .is_some_and(|it| it.starts_with('2'))
    };
    if let Some(minor) = python.split('.').filter_map(python_3_minor).min()
        && has(abi, "none")
        && has(platform, "any")
    {
        let build = std::cmp::Reverse(build);
        WheelFit::Pure(WheelRank { minor, build })
    } else if has(platform, "any") && python.split('.').all(is_python_2) {
        WheelFit::Python2
    } else {
        WheelFit::Platform
    }
}

/// The lowest minor version of Python 3 that `py3` or `py3MINOR` takes.
fn python_3_minor(tag: &str) -> Option<u32> {
    match tag.strip_prefix("py3")? {
        "" => Some(0),
        minor => minor.parse().ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fit_of(tags: &str) -> WheelFit {
        let name = format!("a-1-{tags}.whl");
        WheelName::parse(&name).unwrap().fit
    }

    #[test]
    fn only_wheels_for_any_python_3_are_pure() {
        for tags in [
            "py3-none-any",
            "py2.py3-none-any",
            "py310-none-any",
            "7-py3-none-any",
        ] {
            assert!(matches!(fit_of(tags), WheelFit::Pure(_)), "{tags}");
        }
        for tags in [
            "cp311-cp311-manylinux_2_17_x86_64.manylinux2014_x86_64",
            "py3-none-win_amd64",
            "cp311-none-any",
            "cp37-abi3-linux_x86_64",
            "cp27-cp27m-linux_x86_64",
            "py2.py3-none-macosx_10_9_x86_64",
            "py3x-none-any",
        ] {
            assert_eq!(fit_of(tags), WheelFit::Platform, "{tags}");
        }
        for tags in [
            "py2-none-any",
            "py27-none-any",
            "cp27-none-any",
            "py26.py27-none-any",
        ] {
            assert_eq!(fit_of(tags), WheelFit::Python2, "{tags}");
        }
    }

    #[test]
    fn the_wheel_for_most_pythons_and_the_last_build_comes_first() {
        let mut tags = [
            "py310-none-any",
            "py3-none-any",
            "py38-none-any",
            "2-py3-none-any",
        ];
        tags.sort_by_key(|it| match fit_of(it) {
            WheelFit::Pure(rank) => rank,
            _ => panic!("{it}"),
        });
        let sorted = [
            "2-py3-none-any",
            "py3-none-any",
            "py38-none-any",
            "py310-none-any",
        ];
        assert_eq!(tags, sorted);
    }

    #[test]
    fn names_are_taken_apart() {
        for (file_name, name, version) in [
            ("Foo_bar-1.0-py3-none-any.whl", "Foo_bar", "1.0"),
            ("foo.bar-1!2.0_local.1-1b-py3-none-any.WHL", "foo.bar", ""),
            ("a-1.0.post1-py3-none-any.whl", "a", "1.0.post1"),
            ("a-1+cu118-py3-none-any.whl", "a", "1+cu118"),
            ("a-1_1-py3-none-any.whl", "a", "1.post1"),
        ] {
            let parsed = WheelName::parse(file_name);
            let parsed = parsed.map(|it| (it.name, it.version.to_string()));
            let expected = (!version.is_empty()).then(|| (name, version.to_owned()));
            assert_eq!(parsed, expected, "{file_name}");
        }
        assert!(
            WheelName::parse("Foo_bar-1-py3-none-any.whl")
                .unwrap()
                .is_of("foo-bar")
        );
        for file_name in [
            "",
            ".whl",
            "a-1.whl",
            "a-1-py3-none.whl",
            "a-1-x-py3-none-any.whl",
            "-1-py3-none-any.whl",
            "a-one-py3-none-any.whl",
            "a-1-1-1-py3-none-any.whl",
            "a-1-py3-none-any.zip",
            &format!("{}-1-py3-none-any.whl", "a".repeat(300)),
        ] {
            assert_eq!(WheelName::parse(file_name), None, "{file_name}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_file_name_panics(name in ".*") {
            let _ = WheelName::parse(&name);
            let _ = WheelName::parse(&format!("{name}-1-py3-none-any.whl"));
            let _ = WheelName::parse(&format!("a-1-{name}.whl"));
        }
    }
}
