//! What is known of a job while it runs: stages, times, warnings, and what it made so far.

use crate::event::{Event, EventSink, JobId, Stage};
use crate::import::outcome::{BranchOutcome, Outcome, PackageId, State, Wait};
use std::path::PathBuf;
use std::time::Instant;

/// Follows one job and tells the display.
pub(super) struct Track<'a> {
    id: JobId,
    source: &'a str,
    sink: &'a dyn EventSink,
    started: Instant,
    stages: Vec<(Stage, Instant)>,
    warnings: Vec<String>,
    pub(super) package: Option<PackageId>,
    pub(super) srpm: Option<PathBuf>,
    pub(super) branches: Vec<BranchOutcome>,
    pub(super) size_bytes: u64,
    pub(super) wait: Option<Wait>,
}

impl<'a> Track<'a> {
    pub(super) fn start(id: JobId, source: &'a str, sink: &'a dyn EventSink) -> Self {
        sink.emit(Event::Started(id, source.to_owned()));
        Self {
            id,
            source,
            sink,
            started: Instant::now(),
            stages: Vec::with_capacity(Stage::ALL.len()),
            warnings: Vec::new(),
            package: None,
            srpm: None,
            branches: Vec::new(),
            size_bytes: 0,
            wait: None,
        }
    }

    pub(super) fn enter(&mut self, stage: Stage) {
        self.stages.push((stage, Instant::now()));
        self.sink.emit(Event::Entered(self.id, stage));
    }

    pub(super) fn warn(&mut self, text: String) {
        let warning = format!("{}: {text}", self.source);
        self.sink.emit(Event::Warning(self.id, warning));
        self.warnings.push(text);
    }

    pub(super) fn bytes(&self, done: u64, total: Option<u64>) {
        self.sink.emit(Event::Bytes(self.id, done, total));
    }

    /// The outcome, with the time of each stage up to the next one's begin.
    pub(super) fn end(self, state: State) -> Outcome {
        let now = Instant::now();
        let ends = self.stages.iter().skip(1).map(|it| it.1).chain([now]);
        let stages = self.stages.iter().zip(ends);
        let stages = stages.map(|((stage, start), end)| (*stage, end - *start));
        let outcome = Outcome {
            id: self.id,
            source: self.source.to_owned(),
            state,
            stages: stages.collect(),
            elapsed: now - self.started,
            package: self.package,
            srpm: self.srpm,
            branches: self.branches,
            warnings: self.warnings,
            size_bytes: self.size_bytes,
            wait: self.wait,
        };
        self.sink.emit(Event::Ended(self.id));
        outcome
    }
}
