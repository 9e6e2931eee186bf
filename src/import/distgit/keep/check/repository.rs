//! Everything of one repository.

use super::{Finding, Problem, objects, refs, sources};
use crate::import::distgit::Repository;
use crate::import::distgit::keep::{RepositoryId, Scope};
use crate::import::distgit::repository::Hold;
use crate::import::root::Places;

/// How to check.
#[derive(Clone, Copy, Debug)]
pub struct Check {
    /// In which commits the `sources` are checked. Objects always are, in all of them.
    pub scope: Scope,
}

impl Check {
    /// Checks one repository and its part of the lookaside cache; what is wrong with it.
    #[must_use]
    pub fn repository(&self, places: &Places, id: &RepositoryId) -> Vec<Finding> {
        let path = id.repository(places);
        let repository = match Repository::open_present(&path, Hold::Shared) {
            Ok(Some(repository)) => repository,
            // Pruned since it was listed.
            Ok(None) => return Vec::new(),
            Err(error) => {
                return vec![Finding::new(Problem::Unreadable, &path, error.to_string())];
            }
        };
        let mut found = refs::check(&repository);
        found.extend(objects::check(&repository));
        found.extend(sources::check(&repository, places, id, self.scope));
        found
    }
}
