//! What came of an attempt, as the queue keeps it: an outcome that can be read back.

use crate::event::Stage;
use crate::import::outcome::Outcome;
use crate::model::Code;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::path::PathBuf;

/// The end of an attempt. What is absent is left out where it is stored.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Record {
    /// `imported`, `unchanged` or `failed`.
    pub state: String,
    /// The code of a failure.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// What went wrong, in a sentence.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
    /// The name of the source package.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub package: Option<String>,
    /// Its `[epoch:]version-release`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evr: Option<String>,
    /// The tip of each branch that was reached.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub branch_commits: BTreeMap<String, String>,
    /// Why the other branches were not.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub branch_failures: BTreeMap<String, String>,
    /// The source package, where one was kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub srpm: Option<PathBuf>,
    /// Bytes of the source file.
    pub size_bytes: u64,
    /// How long the attempt took.
    pub seconds: f64,
    /// How long each stage took, in seconds.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub stages: BTreeMap<String, f64>,
    /// What the user should know although the job went on.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub warnings: Vec<String>,
}

impl Record {
    /// The word that is counted by: `imported`, `unchanged`, or the code of the failure.
    #[must_use]
    pub fn result(&self) -> &str {
        self.code.as_deref().unwrap_or(&self.state)
    }

    /// That of a job which was set aside after the process died so often.
    #[must_use]
    pub fn crashed(crashes: u32) -> Self {
        Self {
            state: "failed".to_owned(),
            code: Some(Code::Crashed.as_str().to_owned()),
            message: Some(format!("the process died {crashes} times while it ran")),
            ..Self::default()
        }
    }

    /// Whether the job was about something that is not there any more: the same may be added anew.
    #[must_use]
    pub fn is_void(&self) -> bool {
        self.code.as_deref() == Some(Code::SourceChanged.as_str())
    }

    /// What to do about a failure.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Code::named(self.code.as_deref()?).map(Code::hint)
    }
}

/// Microseconds are enough, and shorter.
fn rounded(seconds: f64) -> f64 {
    (seconds * 1e6).round() / 1e6
}

impl From<&Outcome> for Record {
    fn from(outcome: &Outcome) -> Self {
        let failure = outcome.failure();
        let stage = |(stage, time): &(Stage, std::time::Duration)| {
            (stage.as_str().to_owned(), rounded(time.as_secs_f64()))
        };
        let mut record = Self {
            state: outcome.state.as_str().to_owned(),
            code: failure.map(|it| it.code.as_str().to_owned()),
            message: failure.map(|it| it.message.clone()),
            package: outcome.package.as_ref().map(|it| it.name.clone()),
            evr: outcome.package.as_ref().map(|it| it.evr.clone()),
            srpm: outcome.srpm.clone(),
            size_bytes: outcome.size_bytes,
            seconds: rounded(outcome.elapsed.as_secs_f64()),
            stages: outcome.stages.iter().map(stage).collect(),
            warnings: outcome.warnings.clone(),
            ..Self::default()
        };
        for it in &outcome.branches {
            let branch = it.branch.to_string();
            match &it.result {
                Ok(tip) => record.branch_commits.insert(branch, tip.commit.clone()),
                Err(failure) => record
                    .branch_failures
                    .insert(branch, failure.message.clone()),
            };
        }
        record
    }
}
