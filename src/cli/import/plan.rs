//! Where an import goes: projects and branches, checked.

use super::arguments::Arguments;
use crate::cli::jobs::target;
use crate::import::pipeline::Destination;

/// Checks what only an import takes; mistakes are added to the list.
pub(super) fn destination(
    arguments: &Arguments,
    mistakes: &mut Vec<String>,
) -> Option<Destination> {
    let (project, branches) = target(&arguments.project, &arguments.branches, mistakes)?;
    Some(Destination::Project {
        project,
        repository: None,
        branches,
        git: !arguments.no_git,
        srpms: true,
    })
}
