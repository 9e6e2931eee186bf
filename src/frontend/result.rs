//! What a frontend is told of an import.

use super::task::BuildId;
use crate::import::outcome::Outcome;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// The result of one task. A failure has a `build_id` and nothing else.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ImportResult {
    /// The build.
    pub build_id: BuildId,
    /// The commit of each branch that was moved, or stood there already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub branch_commits: Option<BTreeMap<String, String>>,
    /// `OWNER/PROJECT/PKG`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reponame: Option<String>,
}

impl ImportResult {
    /// Nothing was imported.
    #[must_use]
    pub const fn failure(build_id: BuildId) -> Self {
        Self {
            build_id,
            branch_commits: None,
            reponame: None,
        }
    }

    /// The branches that have a tip; without any it is a failure. `namespace` is
    /// `OWNER/PROJECT`, `repository` the task's own name for the package.
    #[must_use]
    pub fn of(outcome: &Outcome, namespace: &str, repository: Option<&str>) -> Self {
        let build_id = outcome.id;
        let tips = outcome.branches.iter();
        let tips = tips.filter_map(|it| Some((&it.branch, it.result.as_ref().ok()?)));
        let commits: BTreeMap<String, String> = tips
            .map(|(branch, tip)| (branch.to_string(), tip.commit.clone()))
            .collect();
        let package = outcome.package.as_ref().map(|it| it.name.as_str());
        match repository.or(package) {
            Some(package) if !commits.is_empty() => Self {
                build_id,
                branch_commits: Some(commits),
                reponame: Some(format!("{namespace}/{package}")),
            },
            _ => Self::failure(build_id),
        }
    }

    /// Whether anything was imported.
    #[must_use]
    pub const fn is_success(&self) -> bool {
        self.branch_commits.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_has_no_commits_at_all() {
        let text = serde_json::to_string(&ImportResult::failure(5)).unwrap();
        assert_eq!(text, r#"{"build_id":5}"#);
        let commits = BTreeMap::from([("f42".to_owned(), "0".repeat(40))]);
        let whole = ImportResult {
            build_id: 5,
            branch_commits: Some(commits),
            reponame: Some("a/b/c".to_owned()),
        };
        let text = serde_json::to_string(&whole).unwrap();
        assert!(text.contains(r#""reponame":"a/b/c""#), "{text}");
        assert_eq!(serde_json::from_str::<ImportResult>(&text).unwrap(), whole);
    }
}
