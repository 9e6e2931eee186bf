//! What lies beside the repositories: files of packages that have none, and what killed runs left.

use super::{Finding, Problem};
use crate::import::distgit::Error;
use crate::import::distgit::keep::{cached, repositories};
use crate::import::root::{Places, abandoned};

/// Looks at what belongs to no repository; what is wrong with it.
///
/// # Errors
/// When a folder cannot be listed.
pub fn check_around(places: &Places) -> Result<Vec<Finding>, Error> {
    let mut found = Vec::new();
    for id in repositories::cached_packages(places)? {
        if id.repository(places).exists() {
            continue;
        }
        let message = format!("there is no repository {id}");
        for file in cached::files(&id.lookaside(places))? {
            found.push(Finding::new(Problem::UnusedFile, &file.path, &*message));
        }
    }
    for folder in places.with_incoming() {
        for path in abandoned(&folder) {
            let message = "a run that was killed left unfinished files";
            found.push(Finding::new(Problem::Leftover, &path, message));
        }
    }
    Ok(found)
}
