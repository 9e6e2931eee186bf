//! What the operator decides about specs.

use super::parse::ParseSettings;
use super::templates::Templates;
use crate::config::Identity;

/// How specs are made.
#[derive(Clone, Debug)]
pub struct SpecSettings {
    /// The suffix of the release, such as `.fc43`; with its dot.
    pub dist: String,
    /// The architecture that the header of an archful package names.
    pub arch: String,
    /// Who stands in the changelog.
    pub identity: Identity,
    /// The templates.
    pub templates: Templates,
}

impl SpecSettings {
    /// How the specs made so are to be read back.
    #[must_use]
    pub fn parse_settings(&self) -> ParseSettings {
        ParseSettings {
            dist: self.dist.clone(),
            arch: self.arch.clone(),
            defines: Vec::new(),
        }
    }
}
