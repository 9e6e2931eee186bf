//! The two ways in which dist-git servers lay out what they keep.
//!
//! They differ in the digest that `sources` names a file by, in the form of its lines, and in
//! the path of a file in the lookaside cache. Repositories are the same in both.

use super::SumKind;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// How `sources` is written and where the lookaside cache keeps a file.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Layout {
    /// `SHA512 (FILE) = HASH`, and `FILE/sha512/HASH/FILE` in the cache.
    #[default]
    DistGit,
    /// `MD5  FILE`, and `FILE/MD5/FILE` in the cache: as Copr has it.
    Copr,
}

/// A word that names no layout.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no layout: there are dist-git and copr")]
pub struct UnknownLayout(String);

impl Layout {
    /// Every layout, the default one first.
    pub const ALL: [Self; 2] = [Self::DistGit, Self::Copr];

    /// The word that stands for it in options and in a root's record.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::DistGit => "dist-git",
            Self::Copr => "copr",
        }
    }

    /// The digest that its `sources` names files by.
    #[must_use]
    pub const fn sum(self) -> SumKind {
        match self {
            Self::DistGit => SumKind::Sha512,
            Self::Copr => SumKind::Md5,
        }
    }
}

impl fmt::Display for Layout {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Layout {
    type Err = UnknownLayout;

    fn from_str(word: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|it| it.as_str() == word);
        found.ok_or_else(|| UnknownLayout(word.to_owned()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_stand_for_layouts() {
        for layout in Layout::ALL {
            assert_eq!(layout.to_string().parse(), Ok(layout));
        }
        let error = "Copr".parse::<Layout>().unwrap_err();
        assert!(error.to_string().contains("copr"), "{error}");
    }
}
