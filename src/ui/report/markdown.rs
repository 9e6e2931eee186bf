//! Reports as Markdown.

use super::compare::Changes;
use super::gather::RunReport;
use super::most::Much;
use crate::import::queue::State;
use crate::ui::lines::printable;
use indicatif::BinaryBytes;
use std::fmt::Write as _;

/// Text from outside in a cell of a table.
fn cell(text: &str) -> String {
    let text = printable(text).replace('\\', "\\\\");
    let special = |c: char| "|*_`<>[]".contains(c);
    text.chars()
        .flat_map(|c| special(c).then_some('\\').into_iter().chain([c]))
        .collect()
}

impl RunReport {
    /// The whole report.
    #[must_use]
    pub fn markdown(&self) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "# Run {}\n", cell(&self.run.name));
        let _ = writeln!(
            out,
            "{}, begun {:.0}\n",
            cell(&self.run.about),
            self.run.begun
        );
        let _ = writeln!(
            out,
            "{} jobs: {} done, {} failed, {} still open; sources of {} in {} s\n",
            self.jobs,
            self.count(State::Done),
            self.count(State::Failed) + self.count(State::Poison),
            self.open,
            BinaryBytes(self.size_bytes),
            self.seconds
        );
        self.write_outcomes(&mut out);
        if !self.builds.is_empty() {
            out.push_str("## Builds\n\n| state | reason | builds |\n| --- | --- | ---: |\n");
        }
        for it in &self.builds {
            let code = cell(it.code.as_deref().unwrap_or_default());
            let _ = writeln!(out, "| {} | {code} | {} |", it.state, it.builds);
        }
        if !self.builds.is_empty() {
            out.push('\n');
        }
        if !self.stages.is_empty() {
            out.push_str("## Time by stage\n\n| stage | jobs | seconds | mean | longest |\n");
            out.push_str("| --- | ---: | ---: | ---: | ---: |\n");
        }
        for it in &self.stages {
            let mean = it.seconds / it.jobs.max(1) as f64;
            let _ = writeln!(
                out,
                "| {} | {} | {:.1} | {mean:.3} | {:.3} |",
                it.stage, it.jobs, it.seconds, it.longest
            );
        }
        if !self.throughput.is_empty() {
            out.push_str("\n## Throughput\n\n| from | seconds | done | failed |\n");
            out.push_str("| --- | ---: | ---: | ---: |\n");
        }
        for it in &self.throughput {
            let (from, seconds) = (it.from, it.seconds);
            let _ = writeln!(out, "| {from} | {seconds} | {} | {} |", it.done, it.failed);
        }
        most(&mut out, "The slowest", &self.slowest, |it| {
            format!("{it:.2} s")
        });
        most(&mut out, "The largest", &self.largest, |it| {
            BinaryBytes(it as u64).to_string()
        });
        out
    }

    fn write_outcomes(&self, out: &mut String) {
        out.push_str(
            "## Outcomes\n\n| state | result | fault | jobs |\n| --- | --- | --- | ---: |\n",
        );
        for it in &self.outcomes {
            let result = it.result.as_deref().unwrap_or_default();
            let fault = it.fault.map(|it| it.to_string()).unwrap_or_default();
            let _ = writeln!(
                out,
                "| {} | {} | {fault} | {} |",
                it.state,
                cell(result),
                it.jobs
            );
        }
        out.push('\n');
        for it in &self.outcomes {
            if it.state == State::Done || it.state.is_open() && it.result.is_none() {
                continue;
            }
            let result = it.result.as_deref().unwrap_or_default();
            let _ = writeln!(out, "### {} {}: {}\n", it.state, cell(result), it.jobs);
            if let Some(hint) = it.hint {
                let _ = writeln!(out, "{hint}\n");
            }
            for example in &it.examples {
                let message = example.message.as_deref().unwrap_or_default();
                let source = cell(&example.source);
                let _ = writeln!(out, "* {source} (job {}): {}", example.job, cell(message));
            }
            out.push('\n');
        }
    }
}

fn most(out: &mut String, title: &str, all: &[Much], amount: impl Fn(f64) -> String) {
    if all.is_empty() {
        return;
    }
    let _ = writeln!(
        out,
        "\n## {title}\n\n| source | job | |\n| --- | ---: | ---: |"
    );
    for it in all {
        let source = cell(&it.source);
        let _ = writeln!(out, "| {source} | {} | {} |", it.job, amount(it.amount));
    }
}

impl Changes {
    /// The whole comparison.
    #[must_use]
    pub fn markdown(&self) -> String {
        let (before, after) = (cell(&self.before), cell(&self.after));
        let mut out = format!("# From {before} to {after}\n\n");
        let _ = writeln!(out, "{} sources are as they were\n", self.same);
        if let Some(builds) = &self.builds {
            let _ = writeln!(out, "{} builds are as they were\n", builds.same);
        }
        for (title, all) in self.parts() {
            let _ = writeln!(out, "## {title}: {}\n", all.len());
            for it in all {
                let none = "nothing".to_owned();
                let from = it.before.as_ref().unwrap_or(&none);
                let to = it.after.as_ref().unwrap_or(&none);
                let _ = writeln!(out, "* {}: {from} → {to}", cell(&it.source));
            }
            if !all.is_empty() {
                out.push('\n');
            }
        }
        out
    }
}
