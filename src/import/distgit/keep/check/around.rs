//! What lies beside the repositories: files of packages that have none, what killed runs left, and
//! the list for cgit.

use super::{Finding, Problem};
use crate::import::distgit::keep::{cached, repositories};
use crate::import::distgit::{Error, cgit};
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
    if let Some(list) = places.cgit_list() {
        // The list last: a repository is in it before it is there.
        let all = repositories::repositories(places)?;
        let listed = cgit::listed(list)?;
        for id in all.iter().filter(|it| !listed.contains(&it.to_string())) {
            let path = id.repository(places);
            // It may have been pruned meanwhile.
            if path.exists() {
                let message = format!("{} does not name it", list.display());
                found.push(Finding::new(Problem::Unlisted, &path, message));
            }
        }
    }
    Ok(found)
}
