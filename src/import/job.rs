//! What to import: the source of a job, parsed from what the user wrote.
//!
//! A source is a name at a registry, or a file by path or address. Whether it exists is found
//! out by the stages; here only its form is known.

use crate::event::JobId;
use crate::model::{Code, Ecosystem, Sha256};
use crate::net::{secret_in, shown};
use packageurl::PackageUrl;
use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use url::Url;

/// One unit of work: one source into one project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Job {
    /// Its number within the run.
    pub id: JobId,
    /// What to import.
    pub source: Source,
    /// The digest that a local file must have.
    pub digest: Option<Sha256>,
}

/// Where a package comes from. Its `Display` form parses back to the same value.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Source {
    /// A name at a registry, with a version or the latest.
    Registry {
        /// Whose registry.
        ecosystem: Ecosystem,
        /// The name as the user wrote it.
        name: String,
        /// The version as the user wrote it.
        version: Option<String>,
    },
    /// A local file.
    Path(PathBuf, FileKind),
    /// A file at an address.
    Url(Url, FileKind),
}

/// What a file is, told from its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum FileKind {
    /// A source RPM, which keeps its own spec.
    Srpm,
    /// A source distribution of a Python package.
    Sdist,
    /// A wheel of a Python package, which stands in for an sdist.
    Wheel,
    /// A gem.
    Gem,
}

/// The endings of file names and what they stand for.
const ENDINGS: [(&str, FileKind); 8] = [
    (".src.rpm", FileKind::Srpm),
    (".tar.gz", FileKind::Sdist),
    (".tgz", FileKind::Sdist),
    (".tar.bz2", FileKind::Sdist),
    (".tar.xz", FileKind::Sdist),
    (".zip", FileKind::Sdist),
    (".whl", FileKind::Wheel),
    (".gem", FileKind::Gem),
];

impl FileKind {
    /// The kind that a file's name tells.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        let lower = name.to_ascii_lowercase();
        ENDINGS
            .iter()
            .find(|(ending, _)| lower.ends_with(ending))
            .map(|it| it.1)
    }
}

/// A text that names no source.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SourceError {
    /// None of the known forms.
    #[error("{0:?} is no source")]
    Form(String),
    /// A package URL that is malformed or of another type.
    #[error("{text:?} is no package URL of type pypi or gem: {problem}")]
    PackageUrl {
        /// What the user wrote.
        text: String,
        /// What is wrong with it.
        problem: String,
    },
    /// An address that cannot be parsed.
    #[error("{text:?} is no valid address: {problem}")]
    Address {
        /// What the user wrote.
        text: String,
        /// What is wrong with it.
        problem: url::ParseError,
    },
    /// An address that proves who asks: it would stand in logs, reports, the queue and the spec.
    #[error(
        "{address} holds {secret}, which logs, the queue and the spec would hold too: fetch the file \
         yourself and give its path"
    )]
    Secret {
        /// The address without it.
        address: String,
        /// What it is.
        secret: String,
    },
    /// A file whose name does not tell what it is.
    #[error("{0:?} has none of the endings .src.rpm .tar.gz .tgz .tar.bz2 .tar.xz .zip .whl .gem")]
    Ending(String),
    /// A name or version that is left empty.
    #[error("{0:?} lacks a name or a version")]
    Empty(String),
}

impl SourceError {
    /// What the user wrote, as far as it may be shown.
    #[must_use]
    pub fn text(&self) -> &str {
        match self {
            Self::Form(text) | Self::Ending(text) | Self::Empty(text) => text,
            Self::PackageUrl { text, .. } | Self::Address { text, .. } => text,
            Self::Secret { address, .. } => address,
        }
    }

    /// The stable code of this failure.
    #[must_use]
    pub const fn code(&self) -> Code {
        Code::BadSource
    }
}

impl FromStr for Source {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match Self::kept(text)? {
            Self::Url(url, kind) => match secret_in(&url) {
                Some(secret) => Err(SourceError::Secret {
                    address: shown(&url),
                    secret,
                }),
                None => Ok(Self::Url(url, kind)),
            },
            other => Ok(other),
        }
    }
}

impl Source {
    /// Reads what was taken once: addresses with secrets were, by earlier versions.
    ///
    /// # Errors
    /// Those of `from_str`.
    pub fn kept(text: &str) -> Result<Self, SourceError> {
        let text = text.trim();
        if text.starts_with("pkg:") {
            return package_url(text);
        }
        if let Some((word, rest)) = text.split_once(':')
            && let Some(ecosystem) = Ecosystem::from_scheme(word)
        {
            let (name, version) = match rest.split_once("==") {
                Some((name, version)) => (name.trim(), Some(version.trim())),
                None => (rest.trim(), None),
            };
            return registry(text, ecosystem, name, version);
        }
        if text.starts_with("http://") || text.starts_with("https://") {
            return address(text);
        }
        match FileKind::of_name(text) {
            Some(kind) => Ok(Self::Path(PathBuf::from(text), kind)),
            None if text.contains('/') => Err(SourceError::Ending(shortened(text))),
            None => Err(SourceError::Form(shortened(text))),
        }
    }
}

/// A text that is not understood, as far as it may be shown: not too long, and without the password
/// that it may hold all the same.
fn shortened(text: &str) -> String {
    let plain = match (text.split_once("://"), text.rsplit_once('@')) {
        (Some((scheme, _)), Some((_, rest))) => format!("{scheme}://{rest}"),
        _ => text.to_owned(),
    };
    plain.chars().take(200).collect()
}

fn registry(
    text: &str,
    ecosystem: Ecosystem,
    name: &str,
    version: Option<&str>,
) -> Result<Source, SourceError> {
    if name.is_empty() || version.is_some_and(str::is_empty) {
        return Err(SourceError::Empty(shortened(text)));
    }
    Ok(Source::Registry {
        ecosystem,
        name: name.to_owned(),
        version: version.map(str::to_owned),
    })
}

fn package_url(text: &str) -> Result<Source, SourceError> {
    let refuse = |problem: String| SourceError::PackageUrl {
        text: shortened(text),
        problem,
    };
    let url = PackageUrl::from_str(text).map_err(|error| refuse(error.to_string()))?;
    let ecosystem = Ecosystem::from_scheme(url.ty())
        .ok_or_else(|| refuse(format!("type {:?} is not supported", url.ty())))?;
    if url.namespace().is_some() {
        return Err(refuse("these names have no namespace".to_owned()));
    }
    registry(text, ecosystem, url.name(), url.version())
}

fn address(text: &str) -> Result<Source, SourceError> {
    let url = Url::parse(text).map_err(|problem| SourceError::Address {
        text: shortened(text),
        problem,
    })?;
    match FileKind::of_name(url.path()) {
        Some(kind) => Ok(Source::Url(url, kind)),
        None => Err(SourceError::Ending(shortened(text))),
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Registry {
                ecosystem,
                name,
                version,
            } => match version {
                Some(version) => write!(f, "{ecosystem}:{name}=={version}"),
                None => write!(f, "{ecosystem}:{name}"),
            },
            Self::Path(path, _) => write!(f, "{}", path.display()),
            Self::Url(url, _) => write!(f, "{url}"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn registry(ecosystem: Ecosystem, name: &str, version: Option<&str>) -> Source {
        Source::Registry {
            ecosystem,
            name: name.to_owned(),
            version: version.map(str::to_owned),
        }
    }

    #[test]
    fn every_form_is_known() {
        for (text, source) in [
            ("pypi:six", registry(Ecosystem::Pypi, "six", None)),
            (
                "pypi:six==1.16.0",
                registry(Ecosystem::Pypi, "six", Some("1.16.0")),
            ),
            (
                " gem:rake == 13.0.6 ",
                registry(Ecosystem::Gem, "rake", Some("13.0.6")),
            ),
            (
                "pkg:pypi/six@1.16.0",
                registry(Ecosystem::Pypi, "six", Some("1.16.0")),
            ),
            ("pkg:gem/rake", registry(Ecosystem::Gem, "rake", None)),
            (
                "./a/x-1.tar.gz",
                Source::Path("./a/x-1.tar.gz".into(), FileKind::Sdist),
            ),
            ("X-1.ZIP", Source::Path("X-1.ZIP".into(), FileKind::Sdist)),
            ("a.whl", Source::Path("a.whl".into(), FileKind::Wheel)),
            ("a.gem", Source::Path("a.gem".into(), FileKind::Gem)),
            (
                "a:b.src.rpm",
                Source::Path("a:b.src.rpm".into(), FileKind::Srpm),
            ),
        ] {
            assert_eq!(text.parse::<Source>().as_ref(), Ok(&source), "{text}");
            assert_eq!(source.to_string().parse::<Source>(), Ok(source));
        }
        let url: Source = "https://example.com/x-1-1.src.rpm?y=1".parse().unwrap();
        assert!(matches!(url, Source::Url(_, FileKind::Srpm)));
    }

    #[test]
    fn an_address_with_a_secret_is_refused_and_not_said() {
        for text in [
            "https://bob:hunter2@h/x-1.tar.gz",
            "https://hunter2@h/x-1.tar.gz",
            "https://h/x-1.tar.gz?access_token=hunter2",
            "https://bob:hunter2@h:999999/x-1.tar.gz",
            "https://bob:hunter2@h/x-1",
        ] {
            let error = text.parse::<Source>().unwrap_err().to_string();
            assert!(!error.contains("hunter2"), "{error}");
        }
        let text = "https://bob:hunter2@h/x-1.tar.gz";
        assert_eq!(Source::kept(text).unwrap().to_string(), text);
        assert!("https://h/x-1.tar.gz?raw=1".parse::<Source>().is_ok());
    }

    #[test]
    fn the_rest_is_refused() {
        for text in [
            "",
            "six",
            "pypi:",
            "pypi:six==",
            "npm:left-pad",
            "pkg:npm/x",
            "pkg:pypi",
            "pkg:",
            "pkg:pypi/a/b",
            "http://",
            "https://example.com/",
            "./folder",
            "a.rpm",
            "a.tar",
        ] {
            assert!(text.parse::<Source>().is_err(), "{text:?}");
        }
    }
}
