//! Targets: what packages are built for, such as `fedora-42-x86_64`.
//!
//! A target is plain settings: its name, the architecture of its builders, tags of its own, the
//! branch that it builds from and, where it needs one, a command of its own. Where they come from is
//! the configuration's business.

use super::command::Command;
use crate::model::BranchName;
use std::collections::BTreeMap;
use std::sync::Arc;

/// The architecture of targets that only make sources; their builds go first.
pub const SOURCES: &str = "noarch";

/// What a package is built for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Target {
    /// Its name; safe as the name of a folder.
    pub name: String,
    /// The architecture of its builders, as in their tag `arch_…`.
    pub architecture: String,
    /// Tags that its builders must have.
    pub tags: Vec<String>,
    /// The branch that it builds from; without one it builds from any.
    pub branch: Option<BranchName>,
    /// How its builds are run, instead of the usual way.
    pub command: Option<Command>,
}

impl Target {
    /// A target of this name, whose architecture is what stands behind the last dash.
    #[must_use]
    pub fn named(name: &str) -> Self {
        let architecture = name.rsplit('-').next().unwrap_or(name);
        Self {
            name: name.to_owned(),
            architecture: architecture.to_owned(),
            tags: Vec::new(),
            branch: None,
            command: None,
        }
    }

    /// Whether it only makes sources.
    #[must_use]
    pub fn is_sources(&self) -> bool {
        self.architecture == SOURCES
    }

    /// Whether a commit on these branches is built for it.
    #[must_use]
    pub fn takes<'a>(&self, mut branches: impl Iterator<Item = &'a str>) -> bool {
        let wanted = self.branch.as_ref();
        wanted.is_none_or(|wanted| branches.any(|it| it == wanted.as_str()))
    }
}

/// All targets, by name.
pub type Targets = BTreeMap<String, Arc<Target>>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_architecture_is_told_by_the_name() {
        let mut target = Target::named("fedora-42-aarch64");
        assert_eq!(target.architecture, "aarch64");
        assert!(!target.is_sources() && Target::named("srpm-noarch").is_sources());
        assert!(target.takes(["main"].into_iter()));
        target.branch = Some(BranchName::new("f42").unwrap());
        assert!(target.takes(["main", "f42"].into_iter()));
        assert!(!target.takes(["main"].into_iter()));
    }
}
