//! Why a name did not become a file.

use super::release::excerpt;
use crate::model::{Code, Ecosystem};
use crate::net;
use url::Url;

/// A name, or a version of it, that has no source to import, or a registry that does not say.
#[derive(Debug, thiserror::Error)]
pub enum ResolveError {
    /// The name breaks its ecosystem's rules; nobody was asked.
    #[error("{name:?} is not a {ecosystem} name")]
    Name {
        /// Whose rules.
        ecosystem: Ecosystem,
        /// The name asked for.
        name: String,
    },
    /// The version breaks its ecosystem's rules; nobody was asked.
    #[error("{version:?} is not a {ecosystem} version")]
    Version {
        /// Whose rules.
        ecosystem: Ecosystem,
        /// The version asked for.
        version: String,
    },
    /// The registry does not know the name.
    #[error("the registry does not know {name}")]
    UnknownPackage {
        /// The name asked for.
        name: String,
    },
    /// The registry knows the name, but not the version.
    #[error("the registry has no {name} {version}")]
    UnknownVersion {
        /// The package.
        name: String,
        /// The version asked for.
        version: String,
    },
    /// The release has files, but no source distribution of a known kind, and no wheel.
    #[error("{name} {version} has no sdist and no wheel for Python 3")]
    NoSdist {
        /// The package.
        name: String,
        /// The release asked for, or the latest.
        version: String,
    },
    /// The release has nothing but wheels that were built for one platform each.
    #[error("{name} {version} has no sdist, only wheels for one platform each")]
    PlatformWheelsOnly {
        /// The package.
        name: String,
        /// The release asked for, or the latest.
        version: String,
    },
    /// The name is known, but there is no file at all.
    #[error("{name} has no files{}", .version.as_deref().map(|it| format!(" for {it}")).unwrap_or_default())]
    NoFiles {
        /// The package.
        name: String,
        /// The release, if one was asked for.
        version: Option<String>,
    },
    /// Every release was withdrawn.
    #[error("all releases of {name} are yanked")]
    AllYanked {
        /// The package.
        name: String,
    },
    /// The gem exists for other platforms than `ruby` only.
    #[error("{name}{} has no files for the platform ruby", .version.as_deref().map(|it| format!(" {it}")).unwrap_or_default())]
    NoRubyPlatform {
        /// The gem.
        name: String,
        /// The version, if one was asked for.
        version: Option<String>,
    },
    /// The registry's answer is not in a form that is known, or says what it must not.
    #[error("{url} is not a usable index page: {problem}")]
    Index {
        /// The page.
        url: String,
        /// What is wrong with it.
        problem: String,
    },
    /// The registry does not tell what changed since when.
    #[error("{url} lists names without serials: it cannot tell what changed")]
    NoSerials {
        /// The page.
        url: String,
    },
    /// The request failed.
    #[error(transparent)]
    Net(#[from] net::Error),
}

impl ResolveError {
    /// An unusable index page; both texts may be the server's.
    pub(super) fn index(page: &Url, problem: &str) -> Self {
        Self::Index {
            url: excerpt(page.as_str()),
            problem: excerpt(problem),
        }
    }

    /// A list of names that does not count; the address may be the server's.
    pub(super) fn no_serials(page: &Url) -> Self {
        Self::NoSerials {
            url: excerpt(page.as_str()),
        }
    }

    /// The stable code of this failure.
    #[must_use]
    pub fn code(&self) -> Code {
        match self {
            Self::Name { .. } => Code::UnsafeName,
            Self::Version { .. } => Code::VersionInvalid,
            Self::UnknownPackage { .. } => Code::UnknownPackage,
            Self::UnknownVersion { .. } => Code::UnknownVersion,
            Self::NoSdist { .. } => Code::NoSdist,
            Self::PlatformWheelsOnly { .. } => Code::PlatformWheelsOnly,
            Self::NoFiles { .. } => Code::NoFiles,
            Self::AllYanked { .. } => Code::AllYanked,
            Self::NoRubyPlatform { .. } => Code::NoRubyPlatform,
            Self::Index { .. } | Self::NoSerials { .. } => Code::RegistryInvalid,
            Self::Net(error) => error.code(),
        }
    }

    /// Whether another form of the same index may still do: this one is absent, broken, or
    /// refused to this client. Not so where the registry as a whole does not answer.
    pub(super) const fn is_of_one_form(&self) -> bool {
        match self {
            Self::Index { .. } => true,
            Self::Net(error) => matches!(
                error,
                net::Error::NotFound { .. }
                    | net::Error::Status { .. }
                    | net::Error::Redirect { .. }
                    | net::Error::TooLarge { .. }
            ),
            _ => false,
        }
    }

    /// Whether the page that said so was simply not there.
    pub(super) const fn is_not_found(&self) -> bool {
        matches!(self, Self::Net(error) if error.is_not_found())
    }
}
