//! What is different between two runs.

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
    /// Different in another way.
    pub changed: Vec<Change>,
    /// Not there before.
    pub new: Vec<Change>,
    /// Not there now.
    pub gone: Vec<Change>,
}

/// How a job stands in a run.
type End = (State, Option<String>);

/// Takes the jobs of both runs.
#[derive(Debug, Default)]
pub struct Comparison {
    names: (String, String),
    ends: BTreeMap<String, (Option<End>, Option<End>)>,
}

impl Comparison {
    /// Nothing yet.
    #[must_use]
    pub fn new(before: &str, after: &str) -> Self {
        Self {
            names: (before.to_owned(), after.to_owned()),
            ends: BTreeMap::new(),
        }
    }

    /// Takes a job of the first run.
    pub fn before(&mut self, job: &QueuedJob) {
        let ends = self.ends.entry(job.source.clone()).or_default();
        ends.0 = Some((job.state, job.result.clone()));
    }

    /// Takes a job of the second run.
    pub fn after(&mut self, job: &QueuedJob) {
        let ends = self.ends.entry(job.source.clone()).or_default();
        ends.1 = Some((job.state, job.result.clone()));
    }

    /// All differences.
    #[must_use]
    pub fn finish(self) -> Changes {
        let mut out = Changes {
            before: self.names.0,
            after: self.names.1,
            ..Changes::default()
        };
        for (source, (before, after)) in self.ends {
            let is_done = |it: &End| it.0 == State::Done;
            let list = match (&before, &after) {
                (None, _) => &mut out.new,
                (_, None) => &mut out.gone,
                (Some(before), Some(after)) => match (is_done(before), is_done(after)) {
                    (true, true) => {
                        out.same += 1;
                        continue;
                    }
                    (false, false) if before == after => {
                        out.same += 1;
                        continue;
                    }
                    (false, true) => &mut out.fixed,
                    (true, false) => &mut out.regressed,
                    (false, false) => &mut out.changed,
                },
            };
            let text = |it: End| it.1.unwrap_or_else(|| it.0.to_string());
            list.push(Change {
                source,
                before: before.map(text),
                after: after.map(text),
            });
        }
        out
    }
}

impl Changes {
    /// Each list with its title.
    pub(super) fn parts(&self) -> [(&'static str, &[Change]); 5] {
        [
            ("Fixed", &self.fixed),
            ("Regressed", &self.regressed),
            ("Changed", &self.changed),
            ("New", &self.new),
            ("Gone", &self.gone),
        ]
    }
}
