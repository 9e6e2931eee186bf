//! The ecosystems whose packages distmill knows how to take in.
//!
//! An enum and not a trait: a new ecosystem does not compile until every stage knows it.

use serde::Serialize;
use std::fmt;

/// A package registry's world: its names, versions, archives and metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Ecosystem {
    /// Python packages (names after PEP 503, versions after PEP 440).
    Pypi,
    /// Ruby packages.
    Gem,
}

impl Ecosystem {
    /// Every ecosystem, in the order in which help texts list them.
    pub const ALL: [Self; 2] = [Self::Pypi, Self::Gem];

    /// The word that stands for it in sources (`pypi:NAME`), package URLs and options.
    #[must_use]
    pub const fn scheme(self) -> &'static str {
        match self {
            Self::Pypi => "pypi",
            Self::Gem => "gem",
        }
    }

    /// The ecosystem that a scheme word names.
    #[must_use]
    pub fn from_scheme(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|it| it.scheme() == word)
    }

    /// The name of its public registry.
    #[must_use]
    pub const fn registry(self) -> &'static str {
        match self {
            Self::Pypi => "pypi",
            Self::Gem => "rubygems",
        }
    }
}

impl fmt::Display for Ecosystem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.scheme())
    }
}
