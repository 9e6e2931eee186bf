//! The one object that events and outcomes of a run go to.

use super::bars::Bars;
use super::builds::{self, BuildCounts};
use super::lines;
use super::output::{self, Output};
use super::summary::Summary;
use crate::build::dispatch::Sight;
use crate::build::state::State;
use crate::event::{Event, EventSink};
use crate::import::outcome::{Outcome, Report};
use crate::sync::{StopToken, hold, unlocked};
use std::io::{self, IsTerminal as _, Write as _};
use std::sync::Mutex;
use std::time::Instant;

/// How results are written to stdout.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// A line a job for people, and a table at the end.
    Text,
    /// One JSON object a line and a job; the table goes to stderr.
    Json,
}

/// Shows a run while it runs, and sums it up.
pub struct Display {
    format: Format,
    quiet: bool,
    bars: Option<Bars>,
    output: Output,
    summary: Mutex<Summary>,
    builds: Mutex<BuildCounts>,
    started: Instant,
    total: u64,
    is_own_numbers: bool,
    is_builds: bool,
}

impl Display {
    /// A display for a run of `total` jobs. `quiet` leaves out progress, never results.
    #[must_use]
    pub fn new(total: u64, format: Format, quiet: bool, stop: StopToken) -> Self {
        Self {
            format,
            quiet,
            bars: (!quiet && io::stderr().is_terminal()).then(|| Bars::new(total)),
            output: Output::new(stop),
            summary: Mutex::default(),
            builds: Mutex::default(),
            started: Instant::now(),
            total,
            is_own_numbers: false,
            is_builds: false,
        }
    }

    /// There is nothing to do but builds.
    #[must_use]
    pub fn of_builds(self) -> Self {
        Self {
            is_builds: true,
            ..self
        }
    }

    /// Jobs keep the numbers that they have elsewhere, which say nothing about the run's progress.
    #[must_use]
    pub fn with_own_numbers(self) -> Self {
        Self {
            is_own_numbers: true,
            ..self
        }
    }

    /// Says something about the run itself.
    pub fn notice(&self, text: &str) {
        match &self.bars {
            Some(bars) => bars.line(text),
            None => stderr_line(text),
        }
    }

    /// How many jobs it was made for.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Says how many jobs of the run have ended, whoever had them.
    pub fn progress(&self, ended: u64) {
        if let Some(bars) = &self.bars {
            bars.position(ended);
        }
    }

    /// Writes a result, which is so many of them.
    pub fn result(&self, text: &str, ended: u64) {
        match &self.bars {
            Some(bars) => {
                bars.suspend(|| self.output.write(text));
                bars.position(ended);
            }
            None => self.output.write(text),
        }
    }

    /// Takes the bars away.
    pub fn end(&self) {
        if let Some(bars) = &self.bars {
            bars.finish();
        }
    }

    /// Counts what others did for the run too; see [`Summary::raise`].
    pub fn raise(&self, result: &str, jobs: u64) {
        let mut summary = hold(&self.summary);
        summary.raise(result, jobs);
    }

    /// Whether stdout was closed before all results were written.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        output::is_closed()
    }

    /// Takes the bars away, writes the table, and returns the counts. `not_begun` jobs were
    /// never handed out because of a stop.
    #[must_use]
    pub fn finish(self, not_begun: u64) -> Summary {
        if let Some(bars) = &self.bars {
            bars.finish();
        }
        let mut summary = unlocked(self.summary);
        summary.not_begun = not_begun;
        let builds = unlocked(self.builds);
        let elapsed = self.started.elapsed();
        let imports = summary.done() + not_begun;
        let table = match (imports, builds.is_empty()) {
            (0, _) if self.is_builds => builds.table(elapsed),
            (0, false) => builds.table(elapsed),
            (_, false) => format!("{}\n{}", summary.table(elapsed), builds.table(elapsed)),
            (_, true) => summary.table(elapsed),
        };
        match self.format {
            Format::Text => self.output.write(&format!("\n{table}")),
            Format::Json if self.quiet => {}
            Format::Json => stderr_line(table.trim_end()),
        }
        summary
    }
}

impl Display {
    /// Shows what happens to builds.
    pub fn see(&self, sight: &Sight<'_>) {
        match sight {
            Sight::Begun(build, machine) => match &self.bars {
                Some(bars) => bars.build_begun(build.id, &builds::begun(build, machine)),
                None if self.quiet => {}
                None => stderr_line(&builds::begun(build, machine)),
            },
            Sight::Again(build, why) => {
                if let Some(bars) = &self.bars {
                    bars.build_ended(build.id);
                }
                self.notice(&lines::printable(&builds::again(build, why)));
            }
            Sight::Ended(build) => {
                let text = match self.format {
                    Format::Text => builds::ended(build),
                    Format::Json => {
                        let object = serde_json::to_string(build);
                        let object = object.expect("a build has only texts for keys");
                        format!("{object}\n")
                    }
                };
                match &self.bars {
                    Some(bars) => {
                        bars.build_ended(build.id);
                        bars.suspend(|| self.output.write(&text));
                    }
                    None => self.output.write(&text),
                }
                hold(&self.builds).add(build);
            }
            Sight::Notice(text) => self.notice(text),
            Sight::Counts(queued, waiting, running) => {
                if let Some(bars) = &self.bars {
                    let ended = self.builds();
                    let finished = ended.count(State::Finished);
                    let (ended, failed) = (ended.all(), ended.all() - finished);
                    let open = *queued as u64 + u64::from(waiting + running);
                    let text = format!(
                        "builds: {finished} finished, {failed} not, {queued} queued, {waiting} wait for a \
                         builder, {running} run"
                    );
                    bars.builds(self.is_builds, ended, ended + open, &text);
                }
            }
        }
    }

    /// How the builds ended that were shown.
    #[must_use]
    pub fn builds(&self) -> BuildCounts {
        hold(&self.builds).clone()
    }
}

impl EventSink for Display {
    fn emit(&self, event: Event) {
        match (&self.bars, event) {
            (Some(bars), event) => bars.emit(event),
            (None, Event::Started(id, source)) if !self.quiet => {
                let source = lines::printable(&source);
                match self.is_own_numbers {
                    true => stderr_line(&format!("[{id}] {source}")),
                    false => stderr_line(&format!("[{id}/{}] {source}", self.total)),
                }
            }
            (None, Event::Warning(_, text)) => {
                let text = lines::printable(&text);
                stderr_line(&format!("warning: {text}"));
            }
            (None, _) => {}
        }
    }
}

impl Report for Display {
    fn report(&self, outcome: &Outcome) {
        let text = match self.format {
            Format::Text => lines::outcome(outcome),
            Format::Json => {
                let object = serde_json::to_string(outcome)
                    .expect("an outcome has no maps with keys that JSON lacks");
                format!("{object}\n")
            }
        };
        match &self.bars {
            Some(bars) => bars.suspend(|| self.output.write(&text)),
            None => self.output.write(&text),
        }
        let mut summary = hold(&self.summary);
        summary.add(outcome);
        if let Some(bars) = &self.bars {
            bars.counts(summary.short());
        }
    }
}

/// A closed stderr is no reason to fail.
fn stderr_line(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
