//! Names of projects, and what the name of a file says.

use super::wheel_name::{WheelFit, WheelName, WheelRank};
use crate::import::source::release::MAX_FILE_NAME;
use crate::model::MAX_NAME;
use pep440_rs::Version;

/// The name by which projects are compared (PEP 503): lower case, and each run of `-`, `_` and
/// `.` one `-`.
#[must_use]
pub fn normalise_name(name: &str) -> String {
    let mut out = String::with_capacity(name.len());
    for c in name.chars() {
        if !matches!(c, '-' | '_' | '.') {
            out.push(c.to_ascii_lowercase());
        } else if !out.ends_with('-') {
            out.push('-');
        }
    }
    out
}

/// Whether a name is one that a project can have: letters, digits, `-`, `_` and `.`, the first
/// and the last of them a letter or a digit (PEP 508).
pub(super) fn is_valid_name(name: &str) -> bool {
    let inner = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.');
    let ends = [name.bytes().next(), name.bytes().next_back()];
    name.len() <= MAX_NAME
        && name.bytes().all(inner)
        && ends
            .iter()
            .all(|it| it.is_some_and(|b| b.is_ascii_alphanumeric()))
}

/// The kinds of archive that an sdist can be, the preferred first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SdistKind {
    /// `.tar.gz`
    TarGz,
    /// `.tgz`
    Tgz,
    /// `.tar.bz2`
    TarBz2,
    /// `.tar.xz`
    TarXz,
    /// `.zip`
    Zip,
}

impl SdistKind {
    /// Every kind, the preferred first.
    pub const ALL: [Self; 5] = [Self::TarGz, Self::Tgz, Self::TarBz2, Self::TarXz, Self::Zip];

    /// The end of the file name.
    #[must_use]
    pub const fn extension(self) -> &'static str {
        match self {
            Self::TarGz => ".tar.gz",
            Self::Tgz => ".tgz",
            Self::TarBz2 => ".tar.bz2",
            Self::TarXz => ".tar.xz",
            Self::Zip => ".zip",
        }
    }

    /// The kind that a file name says, whatever the file is.
    #[must_use]
    pub fn of_file_name(file_name: &str) -> Option<Self> {
        Self::ALL
            .into_iter()
            .find(|it| stem(file_name, it.extension()).is_some())
    }
}

/// What stands before an extension of either case.
pub(super) fn stem<'a>(file_name: &'a str, extension: &str) -> Option<&'a str> {
    let at = file_name.len().checked_sub(extension.len())?;
    let (stem, end) = file_name.split_at_checked(at)?;
    end.eq_ignore_ascii_case(extension).then_some(stem)
}

/// What a project's file is good for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum FileForm {
    /// The source as it was meant to be built.
    Sdist(SdistKind),
    /// A wheel that any Python 3 takes: where there is no sdist, it does as one.
    PureWheel(WheelRank),
    /// A wheel for one platform.
    PlatformWheel,
    /// A wheel for Python 2, an egg, an installer, a signature.
    Other,
}

impl FileForm {
    /// The form of a wheel, told from its name.
    pub(super) const fn of_wheel(name: &WheelName<'_>) -> Self {
        match name.fit {
            WheelFit::Pure(rank) => Self::PureWheel(rank),
            WheelFit::Platform => Self::PlatformWheel,
            WheelFit::Python2 => Self::Other,
        }
    }
}

/// What the name of a project's file says about it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ParsedFileName {
    pub(super) version: Version,
    pub(super) form: FileForm,
}

/// Reads the name of a file of the project with the normalised name `project`; none if it is
/// neither an sdist nor a wheel nor an egg of it.
pub(super) fn parse_file_name(project: &str, file_name: &str) -> Option<ParsedFileName> {
    // Before anything that looks at a name more than once.
    if file_name.len() > MAX_FILE_NAME {
        return None;
    }
    if let Some(sdist) = SdistKind::of_file_name(file_name) {
        return Some(ParsedFileName {
            version: version_after(project, stem(file_name, sdist.extension())?)?,
            form: FileForm::Sdist(sdist),
        });
    }
    if let Some(wheel) = WheelName::parse(file_name) {
        return wheel.is_of(project).then(|| ParsedFileName {
            form: FileForm::of_wheel(&wheel),
            version: wheel.version,
        });
    }
    // name-version-tag: neither name nor version holds a dash, as both were escaped.
    let mut parts = stem(file_name, ".egg")?.split('-');
    let name = parts.next()?;
    let version = parts.next()?.parse().ok()?;
    let form = FileForm::Other;
    (normalise_name(name) == project).then_some(ParsedFileName { version, form })
}

/// The version after the name and a dash. Both may hold dashes, and the name may be spelled in
/// any way, so every dash is tried.
pub(super) fn version_after(project: &str, stem: &str) -> Option<Version> {
    stem.match_indices('-').find_map(|(at, _)| {
        let (name, version) = (&stem[..at], &stem[at + 1..]);
        let version = version.parse().ok()?;
        (normalise_name(name) == project).then_some(version)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_normalised() {
        for (name, normal) in [
            ("Django", "django"),
            ("ruamel.yaml", "ruamel-yaml"),
            ("zope.interface", "zope-interface"),
            ("Foo__Bar-.baz", "foo-bar-baz"),
            ("a", "a"),
        ] {
            assert_eq!(normalise_name(name), normal);
        }
    }

    #[test]
    fn hostile_names_are_refused() {
        for name in ["a", "A1", "zope.interface", "a-_.b", "0-._.-._.-0"] {
            assert!(is_valid_name(name), "{name:?}");
        }
        let long = "a".repeat(101);
        for name in [
            "", ".", "..", "-a", "a-", "a/b", "a b", "a\n", "é", "a?b", "a%2fb", "a#", &long,
        ] {
            assert!(!is_valid_name(name), "{name:?}");
        }
    }

    fn parse(project: &str, file_name: &str) -> Option<(String, FileForm)> {
        parse_file_name(project, file_name).map(|it| (it.version.to_string(), it.form))
    }

    #[test]
    fn sdist_names_give_their_version() {
        let tar = SdistKind::TarGz;
        for (project, file_name, version, kind) in [
            ("six", "six-1.17.0.tar.gz", "1.17.0", tar),
            ("pello", "Pello-1.0.4.TAR.GZ", "1.0.4", tar),
            ("ruamel-yaml", "ruamel.yaml-0.18.6.tar.gz", "0.18.6", tar),
            ("foo-bar", "foo_bar-1.0rc1.tar.gz", "1.0rc1", tar),
            ("foo-bar", "foo-bar-1.0-rc1.tgz", "1.0rc1", SdistKind::Tgz),
            ("foo-2", "foo-2-3.tar.bz2", "3", SdistKind::TarBz2),
            ("foo", "foo-1.0-1.tar.xz", "1.0.post1", SdistKind::TarXz),
            (
                "foo",
                "foo-1!2.0+local.1.zip",
                "1!2.0+local.1",
                SdistKind::Zip,
            ),
        ] {
            let expected = Some((version.to_owned(), FileForm::Sdist(kind)));
            assert_eq!(parse(project, file_name), expected, "{file_name}");
        }
    }

    #[test]
    fn wheels_and_eggs_count_as_files_of_a_version() {
        for (file_name, form) in [
            (
                "foo.bar-1.0-1-cp311-cp311-linux_x86_64.whl",
                FileForm::PlatformWheel,
            ),
            ("foo_bar-1.0-py2-none-any.whl", FileForm::Other),
            ("foo_bar-1.0-py2.7.egg", FileForm::Other),
        ] {
            let expected = Some(("1.0".to_owned(), form));
            assert_eq!(parse("foo-bar", file_name), expected, "{file_name}");
        }
        let pure = parse("foo-bar", "Foo_bar-1.0-py3-none-any.whl").unwrap();
        assert!(matches!(pure.1, FileForm::PureWheel(_)), "{pure:?}");
    }

    #[test]
    fn endless_names_cost_nothing() {
        let name = format!("foo-{}1.0.tar.gz", "-".repeat(10_000_000));
        assert_eq!(parse("foo", &name), None);
    }

    proptest::proptest! {
        #[test]
        fn no_file_name_panics(name in ".*", end in "(\\.tar\\.gz|\\.whl|-1é\\.zip|)") {
            let _ = parse_file_name("foo", &format!("{name}{end}"));
            let _ = parse_file_name("foo", &format!("foo-{name}{end}"));
        }
    }

    #[test]
    fn other_files_are_none_of_the_project() {
        for file_name in [
            "",
            ".tar.gz",
            "foo.tar.gz",
            "foo-.tar.gz",
            "bar-1.0.tar.gz",
            "foo-bar-1.0.tar.gz",
            "foo-1.0.linux-x86_64.tar.gz",
            "foo-1.0.exe",
            "foo-1.0.tar.gz.asc",
            "foo-1.0.tar",
            "foo.whl",
            "foo-x-py3-none-any.whl",
            "é.whl",
        ] {
            assert_eq!(parse("foo", file_name), None, "{file_name:?}");
        }
    }
}
