//! What is the same for every job of a run.

use crate::config::{Identity, Limits, Registries};
use crate::import::spec::SpecSettings;
use crate::model::{BranchName, Project};
use crate::rpmfile::Compression;

/// The settings of an import: where to, what to make, how much to trust.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The project that repositories, lookaside files and source packages belong to.
    pub project: Project,
    /// The branches, in order: the first one gets the commit, the others follow it.
    pub branches: Vec<BranchName>,
    /// Whether to commit; otherwise only source packages are made.
    pub git: bool,
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
