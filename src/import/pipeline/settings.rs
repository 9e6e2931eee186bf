//! What is the same for every job of a run.

use crate::config::{Identity, Limits, Registries};
use crate::import::spec::SpecSettings;
use crate::model::{BranchName, PackageName, Project};
use crate::rpmfile::Compression;
use std::path::PathBuf;

/// Where packages go.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Destination {
    /// Under the root.
    Project {
        /// The project that repositories, lookaside files and source packages belong to.
        project: Project,
        /// The repository's name; without one it is the package's.
        repository: Option<PackageName>,
        /// The branches, in order: the first one gets the commit, the others follow it.
        branches: Vec<BranchName>,
        /// Whether to commit.
        git: bool,
        /// Whether to keep the source packages.
        srpms: bool,
    },
    /// Source packages only, all into one folder.
    Folder {
        /// The folder.
        path: PathBuf,
        /// Whether the spec is left beside each.
        specs: bool,
    },
}

impl Destination {
    /// Whether source packages are kept.
    pub(super) const fn keeps_srpms(&self) -> bool {
        match self {
            Self::Project { srpms, .. } => *srpms,
            Self::Folder { .. } => true,
        }
    }
}

/// The settings of an import: where to, what to make, how much to trust.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where to.
    pub destination: Destination,
    /// Whether a package goes on whose license nothing tells.
    pub allow_unknown_license: bool,
    /// How specs are made.
    pub spec: SpecSettings,
    /// Where names are resolved.
    pub registries: Registries,
    /// How much of a hostile archive is read.
    pub limits: Limits,
    /// Who commits.
    pub identity: Identity,
    /// The payload compression of the source packages.
    pub compression: Compression,
    /// The time of all that is made, in seconds since 1970, instead of the upstream file's own.
    pub source_date_epoch: Option<u32>,
}
