//! Projects, branches and what else is said of packages on the command line.

use super::plan::check_dist;
use crate::import::queue::{Making, Target};
use crate::model::{BranchName, Project};
use crate::rpmfile::Compression;
use clap::Args;

/// Where the packages of queued jobs go, and how they are made.
#[derive(Debug, Args)]
pub(in crate::cli) struct TargetArguments {
    /// Where in the root it belongs to
    #[arg(long, value_name = "OWNER/PROJECT", default_value = "local/import")]
    pub(in crate::cli) project: String,
    /// Branch to import into; may be given several times, the others follow the first one
    #[arg(long = "branch", value_name = "NAME", default_value = "main")]
    pub(in crate::cli) branches: Vec<String>,
    /// Make source RPMs only; touch no repository
    #[arg(long)]
    pub(in crate::cli) no_git: bool,
    /// What %{?dist} stands for, such as .fc42 [default: nothing]
    #[arg(
        long,
        value_name = "SUFFIX",
        default_value = "",
        hide_default_value = true
    )]
    pub(in crate::cli) dist: String,
    /// Take packages whose license neither their metadata nor their files tell, as
    /// LicenseRef-Unknown; without this they fail with the code license-unknown
    #[arg(long)]
    pub(in crate::cli) allow_unknown_license: bool,
    /// Payload compression of source RPMs: zstd, gzip, xz, bzip2 or none, with a level as in gzip:9
    #[arg(long, value_name = "NAME[:LEVEL]", default_value_t = Compression::default())]
    pub(in crate::cli) compression: Compression,
    /// Time of all that is made, in seconds since 1970 [default: the upstream file's own]
    #[arg(long, value_name = "SECONDS", env = "SOURCE_DATE_EPOCH")]
    pub(in crate::cli) source_date_epoch: Option<u32>,
}

impl TargetArguments {
    /// Checks all of it; mistakes are added to the list.
    pub(in crate::cli) fn check(self, mistakes: &mut Vec<String>) -> Option<Target> {
        let to = target(&self.project, &self.branches, mistakes);
        check_dist(&self.dist, mistakes);
        let (project, branches) = to?;
        Some(Target {
            project,
            branches,
            making: Making {
                no_git: self.no_git,
                dist: self.dist,
                allow_unknown_license: self.allow_unknown_license,
                compression: self.compression,
                source_date_epoch: self.source_date_epoch,
            },
        })
    }
}

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
