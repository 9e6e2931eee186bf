//! What goes wrong between a description, a spec and its header.

use crate::model::{Code, NameError};

/// Why no spec, or no header of one, could be made.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The package name that follows from upstream's is not safe.
    #[error("{upstream:?} makes no package name")]
    PackageName {
        /// Upstream's name.
        upstream: String,
        /// What is wrong with the name made from it.
        source: NameError,
    },
    /// A name of upstream's that cannot stand in a spec.
    #[error("the {what} {name:?} of {package} cannot be said in a spec")]
    Name {
        /// The package.
        package: String,
        /// What it names.
        what: &'static str,
        /// The name, shortened.
        name: String,
    },
    /// The version does not follow the rules of its ecosystem.
    #[error("{package} has the version {version:?}, which is none")]
    Version {
        /// The package.
        package: String,
        /// Upstream's version, shortened.
        version: String,
    },
    /// A text that names no template.
    #[error(
        "{0:?} names no template: it is one of pypi, wheel and gem, or such a word with a package as in pypi:NAME"
    )]
    TemplateKey(String),
    /// A template that cannot be read or filled in.
    #[error("{file}{}: {problem}", .line.map(|it| format!(", line {it}")).unwrap_or_default())]
    Template {
        /// The template.
        file: String,
        /// The line of the template, counted from one.
        line: Option<usize>,
        /// What is wrong with it.
        problem: String,
    },
    /// A user's template whose spec is none.
    #[error("the spec that {file} makes of {package}: {source}")]
    Made {
        /// The template.
        file: String,
        /// The package.
        package: String,
        /// What is wrong with the spec.
        source: Box<Error>,
    },
    /// A spec that does not name the one file that it is made for.
    #[error("Source0 has to be {expected}, and there is no other file; found: {}", if .found.is_empty() { "none".to_owned() } else { .found.join(", ") })]
    Sources {
        /// The archive.
        expected: String,
        /// What the spec names.
        found: Vec<String>,
    },
    /// The header depends on something that only running code, or a distribution's own macros,
    /// could tell.
    #[error("line {line}: {place} depends on {macro_text:?}, which is not known here")]
    Unknown {
        /// The line of the spec, counted from one.
        line: usize,
        /// What would be read from it.
        place: &'static str,
        /// The macro, shortened.
        macro_text: String,
    },
    /// A form of spec that is not read.
    #[error("line {line}: {what} is not supported")]
    Unsupported {
        /// The line of the spec, counted from one.
        line: usize,
        /// What stands there.
        what: String,
    },
    /// A mistake in the spec.
    #[error("line {line}: {problem}")]
    Invalid {
        /// The line of the spec, counted from one.
        line: usize,
        /// What is wrong with it.
        problem: String,
    },
    /// A spec that grows over a bound while it is expanded.
    #[error("line {line}: the spec grows over the limit of {limit}")]
    TooLarge {
        /// The line of the spec, counted from one.
        line: usize,
        /// The bound.
        limit: &'static str,
    },
}

impl Error {
    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::PackageName { .. } | Self::Name { .. } => Code::UnsafeName,
            Self::Version { .. } => Code::VersionInvalid,
            Self::Unknown { .. } | Self::Unsupported { .. } => Code::SpecUnsupported,
            Self::Made { source, .. } => source.code(),
            Self::TemplateKey(_)
            | Self::Template { .. }
            | Self::Sources { .. }
            | Self::Invalid { .. }
            | Self::TooLarge { .. } => Code::SpecInvalid,
        }
    }
}
