//! From jobs to the numbers of a report, in one pass and bounded memory.

use super::most::{Most, Much};
use super::throughput::{Span, Throughput};
use crate::build::store::Counts;
use crate::event::Stage;
use crate::import::queue::{QueuedJob, Run, State};
use crate::model::{Code, Fault};
use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// Examples of each outcome.
const EXAMPLES: usize = 5;

/// What came of a run.
#[derive(Clone, Debug, Serialize)]
pub struct RunReport {
    /// The run.
    pub run: Run,
    /// Its jobs.
    pub jobs: u64,
    /// Jobs to which something will still happen.
    pub open: u64,
    /// When the last one ended.
    pub last: Option<Timestamp>,
    /// Seconds from the first end to the last one.
    pub seconds: i64,
    /// Bytes of all source files.
    pub size_bytes: u64,
    /// By state and result; the most frequent first.
    pub outcomes: Vec<OutcomeRow>,
    pub(super) throughput: Vec<Span>,
    /// By stage, in their order.
    pub stages: Vec<StageRow>,
    pub(super) slowest: Vec<Much>,
    pub(super) largest: Vec<Much>,
    /// Its builds, by state and code.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub builds: Vec<BuildsRow>,
}

/// Builds that stand alike.
#[derive(Clone, Debug, Serialize)]
pub struct BuildsRow {
    /// Their state.
    pub state: crate::build::state::State,
    /// Why they did not succeed.
    pub code: Option<String>,
    /// How many.
    pub builds: u64,
}

/// Jobs that ended in one way, or stand alike.
#[derive(Clone, Debug, Serialize)]
pub struct OutcomeRow {
    /// Their state.
    pub state: State,
    /// `imported`, `unchanged`, or the code of the failure.
    pub result: Option<String>,
    /// How many.
    pub jobs: u64,
    /// Whose fault it is.
    pub fault: Option<Fault>,
    /// What to do about it.
    pub hint: Option<&'static str>,
    /// A few of them.
    pub examples: Vec<Example>,
}

/// One job, for example.
#[derive(Clone, Debug, Serialize)]
pub struct Example {
    /// Its number.
    pub job: u64,
    /// Its source.
    pub source: String,
    /// Why it failed.
    pub message: Option<String>,
}

/// Where the time went.
#[derive(Clone, Debug, Serialize)]
pub struct StageRow {
    /// The stage.
    pub stage: Stage,
    /// Jobs that came to it.
    pub jobs: u64,
    /// Their seconds together.
    pub seconds: f64,
    /// The longest.
    pub longest: f64,
}

/// Takes the jobs of a run.
pub struct Gatherer {
    run: Run,
    jobs: u64,
    open: u64,
    first: Option<Timestamp>,
    last: Option<Timestamp>,
    size_bytes: u64,
    outcomes: BTreeMap<(State, Option<String>), (u64, Vec<Example>)>,
    throughput: Throughput,
    stages: BTreeMap<Stage, (u64, f64, f64)>,
    slowest: Most,
    largest: Most,
}

impl Gatherer {
    /// Nothing yet.
    #[must_use]
    pub fn new(run: Run) -> Self {
        Self {
            run,
            jobs: 0,
            open: 0,
            first: None,
            last: None,
            size_bytes: 0,
            outcomes: BTreeMap::new(),
            throughput: Throughput::default(),
            stages: BTreeMap::new(),
            slowest: Most::default(),
            largest: Most::default(),
        }
    }

    /// Takes one job, with its record.
    pub fn add(&mut self, job: &QueuedJob) {
        self.jobs += 1;
        let key = (job.state, job.result.clone());
        let (count, examples) = self.outcomes.entry(key).or_default();
        *count += 1;
        if examples.len() < EXAMPLES {
            examples.push(Example {
                job: job.id,
                source: job.source.clone(),
                message: job.record.as_ref().and_then(|it| it.message.clone()),
            });
        }
        if job.state.is_open() {
            self.open += 1;
            return;
        }
        let Some(record) = &job.record else {
            return;
        };
        self.first = Some(self.first.map_or(job.changed, |it| it.min(job.changed)));
        self.last = Some(self.last.map_or(job.changed, |it| it.max(job.changed)));
        self.throughput.add(job.changed, job.state == State::Done);
        self.size_bytes += record.size_bytes;
        self.slowest.show(job.id, &job.source, record.seconds);
        self.largest
            .show(job.id, &job.source, record.size_bytes as f64);
        for stage in Stage::ALL {
            if let Some(seconds) = record.stages.get(stage.as_str()) {
                let (jobs, all, longest) = self.stages.entry(stage).or_default();
                *jobs += 1;
                *all += seconds;
                *longest = longest.max(*seconds);
            }
        }
    }

    /// The report.
    #[must_use]
    pub fn finish(self) -> RunReport {
        let outcome = |((state, result), (jobs, examples)): ((State, Option<String>), _)| {
            let code = result.as_deref().and_then(Code::named);
            OutcomeRow {
                state,
                jobs,
                fault: code.map(Code::fault),
                hint: code.map(Code::hint),
                result,
                examples,
            }
        };
        let mut outcomes: Vec<OutcomeRow> = self.outcomes.into_iter().map(outcome).collect();
        outcomes.sort_by_key(|it| std::cmp::Reverse(it.jobs));
        let stage = |(stage, (jobs, seconds, longest))| StageRow {
            stage,
            jobs,
            seconds,
            longest,
        };
        let span = self.first.zip(self.last);
        RunReport {
            run: self.run,
            jobs: self.jobs,
            open: self.open,
            last: self.last,
            seconds: span.map_or(0, |(first, last)| last.as_second() - first.as_second()),
            size_bytes: self.size_bytes,
            outcomes,
            throughput: self.throughput.finish(),
            stages: self.stages.into_iter().map(stage).collect(),
            slowest: self.slowest.finish(),
            largest: self.largest.finish(),
            builds: Vec::new(),
        }
    }
}

impl RunReport {
    /// Puts the builds of the run beside its imports.
    pub fn add_builds(&mut self, counts: Counts) {
        let rows = counts.into_iter().map(|((state, code), builds)| BuildsRow {
            state,
            code,
            builds,
        });
        self.builds = rows.collect();
    }

    /// Jobs in a state.
    #[must_use]
    pub fn count(&self, state: State) -> u64 {
        let rows = self.outcomes.iter().filter(|it| it.state == state);
        rows.map(|it| it.jobs).sum()
    }
}
