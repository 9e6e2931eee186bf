//! What is different between two runs.

use crate::build::entry::Build;
use crate::build::state::State as BuildState;
use crate::import::queue::{QueuedJob, State};
use serde::Serialize;
use std::collections::BTreeMap;

/// A source and how it ended in both runs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The source.
    pub source: String,
    /// How it ended in the first run.
    pub before: Option<String>,
    /// How it ended in the second run.
    pub after: Option<String>,
}

/// All differences, each list by source.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Changes {
    /// The first run.
    pub before: String,
    /// The second run.
    pub after: String,
    /// Sources that ended alike.
    pub same: u64,
    /// Failed before, done now.
    pub fixed: Vec<Change>,
    /// Done before, failed now.
    pub regressed: Vec<Change>,
    /// Different in another way, also where somebody took it out.
    pub changed: Vec<Change>,
    /// Not ended yet, in one of the runs: what comes of it is not known.
    pub open: Vec<Change>,
    /// Not there before.
    pub new: Vec<Change>,
    /// Not there now.
    pub gone: Vec<Change>,
    /// The same of the builds of both runs, each by its package and target; none where there are none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub builds: Option<Box<Changes>>,
}

/// How a job or a build stands in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stand {
    Open,
    Done,
    Failed,
    Cancelled,
}

/// How a job or a build stands in a run, and what came of it.
type End = (Stand, String);

/// Those of both runs, by source, or by package and target.
type Ends = BTreeMap<String, (Option<End>, Option<End>)>;

/// Takes the jobs and builds of both runs.
#[derive(Debug, Default)]
pub struct Comparison {
    names: (String, String),
    jobs: Ends,
    builds: Ends,
}

fn end_of_job(job: &QueuedJob) -> End {
    let stand = match job.state {
        it if it.is_open() => return (Stand::Open, it.to_string()),
        State::Done => Stand::Done,
        State::Cancelled => Stand::Cancelled,
        _ => Stand::Failed,
    };
    let text = job.result.clone();
    (stand, text.unwrap_or_else(|| job.state.to_string()))
}

fn end_of_build(build: &Build) -> End {
    let state = build.state();
    let stand = match state {
        it if it.is_open() => return (Stand::Open, it.to_string()),
        BuildState::Finished => Stand::Done,
        BuildState::Cancelled => Stand::Cancelled,
        _ => Stand::Failed,
    };
    let text = build.code.clone();
    (stand, text.unwrap_or_else(|| state.to_string()))
}

impl Comparison {
    /// Nothing yet.
    #[must_use]
    pub fn new(before: &str, after: &str) -> Self {
        Self {
            names: (before.to_owned(), after.to_owned()),
            ..Self::default()
        }
    }

    /// Takes a job of the first run.
    pub fn before(&mut self, job: &QueuedJob) {
        let ends = self.jobs.entry(job.source.clone()).or_default();
        ends.0 = Some(end_of_job(job));
    }

    /// Takes a job of the second run.
    pub fn after(&mut self, job: &QueuedJob) {
        let ends = self.jobs.entry(job.source.clone()).or_default();
        ends.1 = Some(end_of_job(job));
    }

    /// Takes a build of the first run; later ones of a package and target count.
    pub fn build_before(&mut self, build: &Build) {
        self.builds.entry(name(build)).or_default().0 = Some(end_of_build(build));
    }

    /// Takes a build of the second run.
    pub fn build_after(&mut self, build: &Build) {
        self.builds.entry(name(build)).or_default().1 = Some(end_of_build(build));
    }

    /// All differences.
    #[must_use]
    pub fn finish(self) -> Changes {
        let builds = (!self.builds.is_empty()).then(|| changes(&self.names, self.builds));
        Changes {
            builds: builds.map(Box::new),
            ..changes(&self.names, self.jobs)
        }
    }
}

fn name(build: &Build) -> String {
    format!("{} for {}", build.what.package, build.what.target)
}

fn changes(names: &(String, String), ends: Ends) -> Changes {
    let mut out = Changes {
        before: names.0.clone(),
        after: names.1.clone(),
        ..Changes::default()
    };
    for (source, (before, after)) in ends {
        let list = match (&before, &after) {
            (None, _) => &mut out.new,
            (_, None) => &mut out.gone,
            (Some((one, _)), Some((two, _))) => match (one, two) {
                (Stand::Open, _) | (_, Stand::Open) => &mut out.open,
                (Stand::Done, Stand::Done) => {
                    out.same += 1;
                    continue;
                }
                _ if before == after => {
                    out.same += 1;
                    continue;
                }
                (Stand::Failed, Stand::Done) => &mut out.fixed,
                (Stand::Done, Stand::Failed) => &mut out.regressed,
                _ => &mut out.changed,
            },
        };
        list.push(Change {
            source,
            before: before.map(|it| it.1),
            after: after.map(|it| it.1),
        });
    }
    out
}

impl Changes {
    /// Each list with its title.
    pub(super) fn parts(&self) -> Vec<(&'static str, &[Change])> {
        let mut out: Vec<(&'static str, &[Change])> = vec![
            ("Fixed", &self.fixed),
            ("Regressed", &self.regressed),
            ("Changed", &self.changed),
            ("New", &self.new),
            ("Gone", &self.gone),
            ("Not ended yet", &self.open),
        ];
        if let Some(builds) = &self.builds {
            out.extend([
                ("Builds fixed", &*builds.fixed),
                ("Builds regressed", &*builds.regressed),
                ("Builds changed", &*builds.changed),
                ("Builds new", &*builds.new),
                ("Builds gone", &*builds.gone),
                ("Builds not ended yet", &*builds.open),
            ]);
        }
        out
    }
}
