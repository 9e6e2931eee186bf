//! What a run came to: counts, throughput, failures by code.

use super::lines::printable;
use crate::import::outcome::{Outcome, State};
use crate::model::Code;
use comfy_table::{Cell, CellAlignment, LineStyle, Table, TableStyle};
use indicatif::{BinaryBytes, FormattedDuration};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// Counts over the outcomes of one run.
#[derive(Clone, Debug, Default)]
pub struct Summary {
    /// Jobs by how they ended.
    pub imported: u64,
    /// Jobs that changed nothing.
    pub unchanged: u64,
    /// Jobs that failed.
    pub failed: u64,
    /// Jobs that were never begun because the run was stopped.
    pub not_begun: u64,
    /// Bytes of the source files.
    pub size_bytes: u64,
    failures: BTreeMap<Code, (u64, String)>,
}

impl Summary {
    /// Counts one outcome.
    pub fn add(&mut self, outcome: &Outcome) {
        self.size_bytes += outcome.size_bytes;
        match &outcome.state {
            State::Imported => self.imported += 1,
            State::Unchanged => self.unchanged += 1,
            State::Failed(failure) => {
                self.failed += 1;
                let example = || printable(&outcome.source);
                let entry = self.failures.entry(failure.code);
                entry.or_insert_with(|| (0, example())).0 += 1;
            }
        }
    }

    /// Takes it that at least so many jobs had this result, `imported`, `unchanged` or a failure's
    /// code: others may have had some of them.
    pub fn raise(&mut self, result: &str, jobs: u64) {
        match (result, Code::named(result)) {
            ("imported", _) => self.imported = self.imported.max(jobs),
            ("unchanged", _) => self.unchanged = self.unchanged.max(jobs),
            (_, Some(code)) if jobs > 0 => {
                let count = &mut self.failures.entry(code).or_default().0;
                self.failed += jobs.saturating_sub(*count);
                *count = jobs.max(*count);
            }
            (_, None) => self.failed = self.failed.max(jobs),
            _ => {}
        }
    }

    /// Jobs that ended, one way or another.
    #[must_use]
    pub const fn done(&self) -> u64 {
        self.imported + self.unchanged + self.failed
    }

    /// The counts in a few words, for a progress bar.
    #[must_use]
    pub fn short(&self) -> String {
        format!(
            "{} imported, {} unchanged, {} failed",
            self.imported, self.unchanged, self.failed
        )
    }

    /// The table at the end of a run.
    #[must_use]
    pub fn table(&self, elapsed: Duration) -> String {
        let seconds = elapsed.as_secs_f64().max(1e-9);
        #[expect(clippy::cast_precision_loss, reason = "a rate for people to read")]
        let (rate, bytes) = (self.done() as f64 / seconds, self.size_bytes as f64);
        let mut totals = table(&[
            "imported",
            "unchanged",
            "failed",
            "time",
            "packages/s",
            "MB/s",
        ]);
        totals.add_row(vec![
            Cell::new(self.imported),
            Cell::new(self.unchanged),
            Cell::new(self.failed),
            Cell::new(match elapsed.as_secs() {
                0..60 => format!("{:.2} s", elapsed.as_secs_f64()),
                _ => FormattedDuration(elapsed).to_string(),
            }),
            Cell::new(format!("{rate:.1}")),
            Cell::new(format!("{:.1}", bytes / 1e6 / seconds)),
        ]);
        let mut text = format!("{totals}\n");
        let _ = writeln!(text, "sources: {}", BinaryBytes(self.size_bytes));
        if !self.failures.is_empty() {
            let mut failures = table(&["failure", "fault", "jobs", "example"]);
            for (code, (count, example)) in &self.failures {
                failures.add_row(vec![
                    Cell::new(code),
                    Cell::new(code.fault()),
                    Cell::new(count).set_alignment(CellAlignment::Right),
                    Cell::new(example.chars().take(40).collect::<String>()),
                ]);
            }
            let _ = writeln!(text, "\n{failures}");
        }
        if self.not_begun > 0 {
            let _ = writeln!(text, "\nstopped: {} jobs were not begun", self.not_begun);
        }
        text
    }
}

pub(super) fn table(header: &[&str]) -> Table {
    let mut table = Table::new();
    let rule = LineStyle::none().fill('─').junction('─');
    table.load_style(TableStyle::new().header_separator(rule));
    table.set_header(header.iter().copied().map(Cell::new));
    table
}
