//! Which jobs of the queue are meant.

use super::{QueuedJob, RunId, State};
use crate::event::JobId;
use crate::model::Project;

/// Jobs that fulfil all that is said here. What is absent asks for nothing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// These jobs.
    pub jobs: Option<Vec<JobId>>,
    /// In one of these states.
    pub states: Option<Vec<State>>,
    /// `imported`, `unchanged`, or a failure's code.
    pub result: Option<String>,
    /// Of this project.
    pub project: Option<Project>,
    /// Of this owner.
    pub owner: Option<String>,
    /// Of this sandbox.
    pub sandbox: Option<String>,
    /// Of this run.
    pub run: Option<RunId>,
    /// With a higher number than this one.
    pub after: Option<JobId>,
    /// At most so many, by number.
    pub limit: Option<u64>,
}

impl Filter {
    /// One job.
    #[must_use]
    pub fn job(id: JobId) -> Self {
        Self {
            jobs: Some(vec![id]),
            ..Self::default()
        }
    }

    /// Whether a job fulfils it, the number of jobs apart.
    #[must_use]
    pub fn fits(&self, job: &QueuedJob) -> bool {
        let project = &job.target.project;
        self.jobs.as_ref().is_none_or(|it| it.contains(&job.id))
            && self
                .states
                .as_ref()
                .is_none_or(|it| it.contains(&job.state))
            && (self.result.is_none() || self.result == job.result)
            && self.project.as_ref().is_none_or(|it| it == project)
            && self.owner.as_deref().is_none_or(|it| it == project.owner())
            && self.sandbox.as_ref().is_none_or(|it| *it == job.sandbox)
            && (self.run.is_none() || self.run == job.run)
            && self.after.is_none_or(|it| job.id > it)
    }
}
