//! Where an import goes: projects and branches, checked.

use super::arguments::Arguments;
use crate::import::pipeline::Destination;
use crate::model::{BranchName, Project};

/// Checks what only an import takes; mistakes are added to the list.
pub(super) fn destination(
    arguments: &Arguments,
    mistakes: &mut Vec<String>,
) -> Option<Destination> {
    let project = Project::parse(&arguments.project);
    let project = project.map_err(|error| mistakes.push(error.to_string()));
    let mut branches = Vec::new();
    for name in &arguments.branches {
        match BranchName::new(name) {
            Ok(branch) if branches.contains(&branch) => {
                mistakes.push(format!("branch {name:?} is given twice"));
            }
            Ok(branch) => branches.push(branch),
            Err(error) => mistakes.push(error.to_string()),
        }
    }
    Some(Destination::Project {
        project: project.ok()?,
        repository: None,
        branches,
        git: !arguments.no_git,
        srpms: true,
    })
}
