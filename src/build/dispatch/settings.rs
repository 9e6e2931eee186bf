//! What a dispatcher is told.

use crate::build::command::Command;
use crate::build::entry::Build;
use crate::build::line::Limits;
use crate::build::tags::Rules;
use crate::build::target::{Target, Targets};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Where the repositories of packages are, for the clone URL of a build.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Places {
    /// Under this folder.
    Folder(PathBuf),
    /// Under this address.
    Address(String),
}

impl Places {
    /// The clone URL of a build's package.
    #[must_use]
    pub fn clone_url(&self, build: &Build) -> String {
        let what = &build.what;
        let path = format!("{}/{}.git", what.project, what.package);
        match self {
            Self::Folder(folder) => folder.join(path).display().to_string(),
            Self::Address(address) => format!("{}/{path}", address.trim_end_matches('/')),
        }
    }
}

/// How a dispatcher works.
#[derive(Clone, Debug)]
pub struct Settings {
    /// What is built for.
    pub targets: Targets,
    /// The tags of builds.
    pub rules: Rules,
    /// How many at once.
    pub limits: Limits,
    /// How builds are run, unless their target says otherwise.
    pub command: Arc<Command>,
    /// Where packages are cloned from.
    pub clones: Places,
    /// How long a build may take on its builder.
    pub time_limit: Duration,
    /// Bytes of the log of one attempt, at most.
    pub max_log: u64,
    /// A build that lost so many builders is set aside; so is one during which this program died so
    /// often.
    pub losses: u32,
    /// The pause after tickets were refused, or a builder was of no use.
    pub pause: Duration,
    /// A repository with finished builds is refreshed at least so often while others go on.
    pub refresh: Duration,
    /// The program that refreshes repositories; none: nothing does.
    pub createrepo: Option<String>,
    /// Stay when nothing is left to do.
    pub follow: bool,
}

impl Settings {
    /// The target of a build.
    #[must_use]
    pub fn target(&self, build: &Build) -> Option<&Arc<Target>> {
        self.targets.get(&build.what.target)
    }

    /// The tags that a build for this target asks for, sorted.
    #[must_use]
    pub fn tags(&self, build: &Build, target: &Target) -> Vec<String> {
        let what = &build.what;
        let tags = self.rules.tags(target, &what.project, &what.package);
        tags.into_keys().collect()
    }
}
