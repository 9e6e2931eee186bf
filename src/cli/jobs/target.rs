//! Projects and branches as they are written on the command line.

use crate::model::{BranchName, Project};

/// Checks a project and its branches; mistakes are added to the list.
pub(in crate::cli) fn target(
    project: &str,
    branches: &[String],
    mistakes: &mut Vec<String>,
) -> Option<(Project, Vec<BranchName>)> {
    let project = Project::parse(project);
    let project = project.map_err(|error| mistakes.push(error.to_string()));
    let mut known = Vec::new();
    for name in branches {
        match BranchName::new(name) {
            Ok(branch) if known.contains(&branch) => {
                mistakes.push(format!("branch {name:?} is given twice"));
            }
            Ok(branch) => known.push(branch),
            Err(error) => mistakes.push(error.to_string()),
        }
    }
    Some((project.ok()?, known))
}
