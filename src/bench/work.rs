//! What kind of work is measured.

use crate::import::job::FileKind;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What goes in, and what is made of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Work {
    /// Source packages on this machine into dist-git.
    Srpm,
    /// Sdists of a registry into source packages and dist-git.
    Pypi,
    /// Gems of a registry into source packages and dist-git.
    Gem,
}

impl Work {
    /// Every kind.
    pub const ALL: [Self; 3] = [Self::Srpm, Self::Pypi, Self::Gem];

    /// The word that stands for it.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Srpm => "srpm",
            Self::Pypi => "pypi",
            Self::Gem => "gem",
        }
    }

    /// How many requests to a registry one package needs: for what there is, and for the file.
    #[must_use]
    pub const fn requests(self) -> usize {
        match self {
            Self::Srpm => 1,
            Self::Pypi | Self::Gem => 2,
        }
    }

    /// Whether a file of this kind is something to work on.
    #[must_use]
    pub const fn takes(self, kind: FileKind) -> bool {
        matches!(
            (self, kind),
            (Self::Srpm, FileKind::Srpm)
                | (Self::Pypi, FileKind::Sdist)
                | (Self::Gem, FileKind::Gem)
        )
    }
}

impl fmt::Display for Work {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.as_str())
    }
}

impl FromStr for Work {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let found = Self::ALL.into_iter().find(|it| it.as_str() == text);
        found.ok_or_else(|| "it is one of srpm, pypi and gem".to_owned())
    }
}
