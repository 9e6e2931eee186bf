//! One build that waits for import, as the frontend describes it.
//!
//! Unknown keys are ignored, and those that older frontends leave out may be missing. Whether the
//! names in it are usable is found out by [`Task::order`], so that a task with a bad one can still
//! be answered.

use super::error::TaskError;
use crate::import::job::{FileKind, Source};
use crate::import::pipeline::Destination;
use crate::model::{BranchName, NameError, PackageName, Project};
use serde::Deserialize;
use serde_json::Value;
use url::Url;

/// The number of a build at its frontend.
pub type BuildId = u64;

/// A task as it was sent.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
pub struct Task {
    /// The build that waits.
    pub build_id: BuildId,
    /// A user, or `@group`.
    pub owner: String,
    /// `name`, or a part of it such as `name:pr:5`.
    pub project: String,
    /// The branches, in the order in which they are imported.
    pub branches: Vec<String>,
    /// Where the source package is.
    pub srpm_url: String,
    /// The repository's name; older frontends leave it to the source package.
    #[serde(default)]
    pub pkg_name: Option<String>,
    /// Whose share of the workers it takes; the project's where nobody says.
    #[serde(default)]
    pub sandbox: Option<String>,
    /// Whether it can wait for others.
    #[serde(default)]
    pub background: Option<bool>,
}

/// A task that lacks something, or has it in another form.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnreadableTask {
    /// Its build, where even that is said.
    pub build_id: Option<BuildId>,
    /// What is wrong with it.
    pub problem: String,
}

/// A task whose every name was checked: what to import, and into what.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// The source package's address.
    pub source: Source,
    /// Project, repository and branches.
    pub destination: Destination,
    /// Why branches were left out: their names cannot be used.
    pub left_out: Vec<NameError>,
}

impl Task {
    /// Reads one task.
    ///
    /// # Errors
    /// Says what is missing, and for which build.
    pub fn read(value: Value) -> Result<Self, UnreadableTask> {
        let build_id = value.get("build_id").and_then(Value::as_u64);
        serde_json::from_value(value).map_err(|error| UnreadableTask {
            build_id,
            problem: error.to_string(),
        })
    }

    /// Checks every name. A branch that cannot be used keeps no other one from being imported.
    ///
    /// # Errors
    /// The first name that cannot be used; a branch's only where none can.
    pub fn order(&self) -> Result<Order, TaskError> {
        let url = Url::parse(&self.srpm_url).ok();
        let url = url.filter(|it| matches!(it.scheme(), "http" | "https") && it.has_host());
        let url = url.ok_or_else(|| TaskError::Address(self.srpm_url.clone()))?;
        let repository = self.pkg_name.as_deref().map(PackageName::new).transpose()?;
        let mut branches = Vec::with_capacity(self.branches.len());
        let mut left_out = Vec::new();
        for branch in &self.branches {
            match BranchName::new(branch) {
                Ok(branch) if branches.contains(&branch) => {}
                Ok(branch) => branches.push(branch),
                Err(error) => left_out.push(error),
            }
        }
        if branches.is_empty() {
            let error = left_out.into_iter().next().map(TaskError::Name);
            return Err(error.unwrap_or(TaskError::NoBranch));
        }
        Ok(Order {
            left_out,
            source: Source::Url(url, FileKind::Srpm),
            destination: Destination::Project {
                project: Project::new(&self.owner, &self.project)?,
                repository,
                branches,
                git: true,
                srpms: false,
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn keys_may_be_missing_or_more() {
        let whole = json!({
            "build_id": 7, "owner": "@copr", "project": "copr-dev:pr:123", "branches": ["f42", "f42"],
            "pkg_name": "foo", "srpm_url": "https://example.org/foo-1-1.src.rpm",
            "sandbox": "@copr/copr-dev--jdoe", "background": true, "more": {"x": 1},
        });
        let task = Task::read(whole).unwrap();
        assert_eq!(task.sandbox.as_deref(), Some("@copr/copr-dev--jdoe"));
        let Destination::Project { branches, .. } = task.order().unwrap().destination else {
            panic!("no project");
        };
        assert_eq!(branches.len(), 1);
        let old = json!({
            "build_id": 8, "owner": "jdoe", "project": "p", "branches": ["f42"],
            "srpm_url": "https://example.org/foo-1-1.src.rpm", "background": null,
        });
        let task = Task::read(old).unwrap();
        assert_eq!((&task.sandbox, &task.pkg_name), (&None, &None));
        assert!(task.order().is_ok());
    }

    #[test]
    fn a_task_that_cannot_be_done_still_names_its_build() {
        let bad = Task::read(json!({"build_id": 9, "owner": "jdoe"})).unwrap_err();
        assert_eq!(bad.build_id, Some(9));
        assert!(bad.problem.contains("project"), "{}", bad.problem);
        assert_eq!(Task::read(json!("x")).unwrap_err().build_id, None);
        let good = Task {
            build_id: 1,
            owner: "jdoe".to_owned(),
            project: "p".to_owned(),
            branches: vec!["f42".to_owned()],
            srpm_url: "http://example.org/a".to_owned(),
            pkg_name: None,
            sandbox: None,
            background: None,
        };
        assert!(good.order().is_ok());
        for change in [
            |it: &mut Task| it.owner = "..".to_owned(),
            |it: &mut Task| it.project = "a/b".to_owned(),
            |it: &mut Task| it.branches = vec!["-x".to_owned()],
            |it: &mut Task| it.branches.clear(),
            |it: &mut Task| it.srpm_url = "file:///etc/passwd".to_owned(),
            |it: &mut Task| it.pkg_name = Some("../x".to_owned()),
        ] {
            let mut bad = good.clone();
            change(&mut bad);
            assert!(bad.order().is_err(), "{bad:?}");
        }
    }
}
