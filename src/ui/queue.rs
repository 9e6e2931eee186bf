//! The queue as tables and sentences.

use super::lines::printable;
use super::summary::table;
use crate::event::Stage;
use crate::import::queue::{QueuedJob, Reason, Record, State, Stats};
use crate::model::BranchName;
use comfy_table::{Cell, CellAlignment};
use indicatif::{BinaryBytes, FormattedDuration};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::time::Duration;

/// Jobs, one a line.
#[must_use]
pub fn jobs_table(jobs: &[QueuedJob]) -> String {
    let mut out = table(&[
        "job", "state", "result", "source", "project", "attempts", "changed",
    ]);
    for it in jobs {
        let source: String = printable(&it.source).chars().take(60).collect();
        out.add_row(vec![
            Cell::new(it.id).set_alignment(CellAlignment::Right),
            Cell::new(it.state.as_str()),
            Cell::new(it.result.as_deref().unwrap_or_default()),
            Cell::new(source),
            Cell::new(&it.target.project),
            Cell::new(it.attempts).set_alignment(CellAlignment::Right),
            Cell::new(time(it.changed)),
        ]);
    }
    format!("{out}\n")
}

/// All that is known of one job, a line a fact.
#[must_use]
pub fn job_details(job: &QueuedJob) -> String {
    let target = &job.target;
    let branches: Vec<&str> = target.branches.iter().map(BranchName::as_str).collect();
    let mut out = String::new();
    let mut line = |name: &str, value: String| {
        if !value.is_empty() {
            let _ = writeln!(out, "{name:<12}{}", printable(&value));
        }
    };
    let state = match &job.result {
        Some(result) => format!("{} ({result})", job.state),
        None => job.state.to_string(),
    };
    line("job", job.id.to_string());
    line("source", job.source.clone());
    line("state", state);
    line("project", target.project.to_string());
    line("branches", branches.join(" "));
    line("sandbox", job.sandbox.clone());
    line("registry", job.registry.clone());
    line("priority", job.priority.to_string());
    line("background", yes(job.background));
    line(
        "git",
        if target.making.no_git { "no" } else { "" }.to_owned(),
    );
    line("dist", target.making.dist.clone());
    line("compression", target.making.compression.to_string());
    line("attempts", job.attempts.to_string());
    let crashes = (job.crashes > 0).then(|| job.crashes.to_string());
    line("crashes", crashes.unwrap_or_default());
    line("added", time(job.added));
    line("changed", time(job.changed));
    line("due", job.due.map(time).unwrap_or_default());
    if let Some(record) = &job.record {
        record_details(record, &mut line);
    }
    out
}

fn record_details(record: &Record, line: &mut dyn FnMut(&str, String)) {
    let package = record.package.as_deref().unwrap_or_default();
    let evr = record.evr.as_deref().unwrap_or_default();
    let name = format!("{package}-{evr}");
    line("package", name.trim_matches('-').to_owned());
    for (branch, commit) in &record.branch_commits {
        line("branch", format!("{branch} {commit}"));
    }
    for (branch, failure) in &record.branch_failures {
        line("branch", format!("{branch}: {failure}"));
    }
    let srpm = record.srpm.as_ref();
    let srpm = srpm.map(|it| it.display().to_string());
    line("srpm", srpm.unwrap_or_default());
    let stages = Stage::ALL.iter().filter_map(|it| {
        let seconds = record.stages.get(it.as_str())?;
        Some(format!("{it} {seconds:.3} s"))
    });
    let stages: Vec<String> = stages.collect();
    line(
        "took",
        format!("{:.3} s ({})", record.seconds, stages.join(", ")),
    );
    line("failure", record.message.clone().unwrap_or_default());
    line("hint", record.hint().unwrap_or_default().to_owned());
    for warning in &record.warnings {
        line("warning", warning.clone());
    }
}

/// What a job waits for, a sentence a line.
#[must_use]
pub fn reasons(job: &QueuedJob, reasons: &[Reason], now: Timestamp) -> String {
    let mut out = format!("job {} {} is {}", job.id, printable(&job.source), job.state);
    out.push('\n');
    for it in reasons {
        let text = match it {
            Reason::NoWorker => "no worker is running: start one with distmill worker".to_owned(),
            Reason::Limit { limit, at_most } => {
                format!("{limit} is reached: {at_most} at once")
            }
            Reason::Turn {
                in_sandbox: 0,
                in_all: 0,
                ..
            } => "it is the next one".to_owned(),
            Reason::Turn {
                in_sandbox,
                in_all,
                seconds,
            } => {
                let estimate = seconds.map_or_else(String::new, |it| {
                    format!(", in about {}", length(Duration::from_secs(it)))
                });
                format!(
                    "{in_sandbox} jobs of its sandbox are before it, about {in_all} in all{estimate}"
                )
            }
            Reason::RetryAt { due } => {
                let left = Duration::try_from(due.duration_since(now)).unwrap_or_default();
                let result = job.result.as_deref().unwrap_or("failed");
                format!(
                    "attempt {} ended with {result}; the next one comes at {}, in {}",
                    job.attempts,
                    time(*due),
                    length(left)
                )
            }
            Reason::Running { worker, since } => {
                let worker = worker.map_or_else(|| "?".to_owned(), |it| it.to_string());
                format!("worker {worker} has had it since {}", time(*since))
            }
            Reason::Ended { state } => ended(job, *state),
        };
        let _ = writeln!(out, "  {text}");
    }
    out
}

fn ended(job: &QueuedJob, state: State) -> String {
    let mut out = match state {
        State::Poison => "it was set aside".to_owned(),
        State::Cancelled => "it was taken out of the queue".to_owned(),
        _ => job.result.clone().unwrap_or_default(),
    };
    if let Some(record) = &job.record
        && let Some(message) = &record.message
    {
        let _ = write!(out, ": {}", printable(message));
    }
    if state.may_retry() {
        let _ = write!(out, "\n  put it back with distmill queue retry {}", job.id);
    }
    out
}

/// Words and how often each came.
#[must_use]
pub fn counts_table(title: &str, counts: &BTreeMap<String, u64>) -> String {
    let mut out = table(&[title, "jobs"]);
    for (word, count) in counts {
        let count = Cell::new(count).set_alignment(CellAlignment::Right);
        out.add_row(vec![Cell::new(word), count]);
    }
    format!("{out}\n")
}

/// The queue in numbers.
#[must_use]
pub fn stats_tables(stats: &Stats) -> String {
    let right = |it: u64| Cell::new(it).set_alignment(CellAlignment::Right);
    let mut states = table(&["state", "jobs"]);
    let done: u64 = stats.done.values().sum();
    let failed: u64 = stats.failed.values().sum();
    for (name, count) in [
        ("queued", stats.queued),
        ("queued, background", stats.queued_background),
        ("leased", stats.leased),
        ("retry-at", stats.retry),
        ("done", done),
        ("failed", failed),
        ("cancelled", stats.cancelled),
        ("poison", stats.poison),
    ] {
        states.add_row(vec![Cell::new(name), right(count)]);
    }
    let mut out = format!("{states}\n");
    if done + failed > 0 {
        let mut results = table(&["result", "jobs"]);
        for (name, count) in stats.done.iter().chain(&stats.failed) {
            results.add_row(vec![Cell::new(name), right(*count)]);
        }
        let _ = writeln!(out, "\n{results}");
    }
    let _ = writeln!(
        out,
        "\n{} workers; {} attempts ended within ten minutes; the queue takes {}",
        stats.workers,
        stats.recent,
        BinaryBytes(stats.size_bytes)
    );
    out
}

fn yes(value: bool) -> String {
    if value { "yes" } else { "" }.to_owned()
}

fn time(time: Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M:%SZ").to_string()
}

fn length(duration: Duration) -> String {
    match duration.as_secs() {
        seconds @ 0..60 => format!("{seconds} s"),
        _ => FormattedDuration(duration).to_string(),
    }
}
