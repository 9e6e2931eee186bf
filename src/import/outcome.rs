//! What came of a job, and the trait that takes it.
//!
//! An outcome is complete: who reads it needs no log to know what happened, to which branch, how
//! long each stage took, and what to do about a failure.

use crate::event::{JobId, Stage};
use crate::model::{BranchName, Code};
use serde::Serialize;
use serde::ser::{SerializeMap, SerializeStruct, Serializer};
use std::path::PathBuf;
use std::time::Duration;

/// The end of one job.
#[derive(Clone, Debug)]
pub struct Outcome {
    /// The job's number.
    pub id: JobId,
    /// Its source, as the user wrote it.
    pub source: String,
    /// How it ended.
    pub state: State,
    /// What was known of the package by then.
    pub package: Option<PackageId>,
    /// The source RPM, where one was kept.
    pub srpm: Option<PathBuf>,
    /// What became of each branch, in the order asked for.
    pub branches: Vec<BranchOutcome>,
    /// What the user should know although the job went on.
    pub warnings: Vec<String>,
    /// How long each stage took, in their order.
    pub stages: Vec<(Stage, Duration)>,
    /// How long the whole job took.
    pub elapsed: Duration,
    /// Bytes of the source file.
    pub size_bytes: u64,
    /// How long a server asked to be left alone, where that is why it failed.
    pub wait: Option<Wait>,
}

/// A server's wish to be left alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait {
    /// For how long, from the end of the job.
    pub pause: Duration,
    /// Whether the job did not even ask: others of this process had been told so before.
    pub is_unasked: bool,
}

/// A source package by name, version and release.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PackageId {
    /// The name of the source package and of its repository.
    pub name: String,
    /// `[epoch:]version-release`.
    pub evr: String,
}

/// How a job ended.
#[derive(Clone, Debug)]
pub enum State {
    /// Something changed: a commit, a branch or a source RPM is new.
    Imported,
    /// All was there already.
    Unchanged,
    /// It could not be done.
    Failed(Failure),
}

/// Why something could not be done.
#[derive(Clone, Debug)]
pub struct Failure {
    /// The stable code: it knows whose fault it is, whether to retry, and a hint.
    pub code: Code,
    /// One sentence that names the thing and the cause.
    pub message: String,
}

/// What became of one branch.
#[derive(Clone, Debug)]
pub struct BranchOutcome {
    /// The branch.
    pub branch: BranchName,
    /// Its tip afterwards and whether that is new, or why it was not moved.
    pub result: Result<Tip, Failure>,
}

/// The tip of a branch after an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tip {
    /// 40 hexadecimal digits.
    pub commit: String,
    /// Whether the branch stood elsewhere before.
    pub moved: bool,
}

/// Takes outcomes from any thread, one a job.
pub trait Report: Send + Sync {
    /// Takes one outcome; must not fail.
    fn report(&self, outcome: &Outcome);
}

impl State {
    /// The word that stands for it in output.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Imported => "imported",
            Self::Unchanged => "unchanged",
            Self::Failed(_) => "failed",
        }
    }
}

impl Outcome {
    /// Whether it left anything where others find it: also a failure may have moved a branch.
    #[must_use]
    pub fn left_something(&self) -> bool {
        self.failure().is_none()
            || self.srpm.is_some()
            || self.branches.iter().any(|it| it.result.is_ok())
    }

    /// The failure, if it is one.
    #[must_use]
    pub const fn failure(&self) -> Option<&Failure> {
        match &self.state {
            State::Failed(failure) => Some(failure),
            State::Imported | State::Unchanged => None,
        }
    }
}

impl Serialize for Failure {
    /// `{"code", "fault", "retry", "message", "hint"}`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Failure", 5)?;
        out.serialize_field("code", &self.code)?;
        out.serialize_field("fault", &self.code.fault())?;
        out.serialize_field("retry", &self.code.retry())?;
        out.serialize_field("message", &self.message)?;
        out.serialize_field("hint", self.code.hint())?;
        out.end()
    }
}

/// Serialises as a map from branch to commit; branches that failed are left out.
struct Commits<'a>(&'a [BranchOutcome]);

impl Serialize for Commits<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for it in self.0 {
            if let Ok(tip) = &it.result {
                map.serialize_entry(it.branch.as_str(), &tip.commit)?;
            }
        }
        map.end()
    }
}

/// Serialises as a map from branch to failure.
struct BranchFailures<'a>(&'a [BranchOutcome]);

impl Serialize for BranchFailures<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(None)?;
        for it in self.0 {
            if let Err(failure) = &it.result {
                map.serialize_entry(it.branch.as_str(), failure)?;
            }
        }
        map.end()
    }
}

/// Serialises as a map from stage to seconds.
struct Seconds<'a>(&'a [(Stage, Duration)]);

impl Serialize for Seconds<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(
            self.0
                .iter()
                .map(|(stage, time)| (stage, time.as_secs_f64())),
        )
    }
}

impl Serialize for Outcome {
    /// One flat object; absent things are `null`, times are in seconds.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut out = serializer.serialize_struct("Outcome", 13)?;
        out.serialize_field("job", &self.id)?;
        out.serialize_field("source", &self.source)?;
        out.serialize_field("state", self.state.as_str())?;
        out.serialize_field("package", &self.package.as_ref().map(|it| &it.name))?;
        out.serialize_field("evr", &self.package.as_ref().map(|it| &it.evr))?;
        out.serialize_field("branch_commits", &Commits(&self.branches))?;
        out.serialize_field("branch_failures", &BranchFailures(&self.branches))?;
        out.serialize_field("srpm", &self.srpm)?;
        out.serialize_field("size_bytes", &self.size_bytes)?;
        out.serialize_field("seconds", &self.elapsed.as_secs_f64())?;
        out.serialize_field("stages", &Seconds(&self.stages))?;
        out.serialize_field("warnings", &self.warnings)?;
        out.serialize_field("failure", &self.failure())?;
        out.end()
    }
}
