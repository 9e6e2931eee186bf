//! `distmill queue add`.

use super::arguments::AddArguments;
use crate::cli::exit::{Exit, UsageError};
use crate::cli::jobs::{AT_ONCE, Entry, Shared, check_line, expand};
use crate::import::outcome::Failure;
use crate::import::queue::{Added, JobQueue, NewJob};
use crate::import::root::queue_of;
use crate::store::SqliteQueue;
use crate::ui;
use jiff::Timestamp;
use serde_json::json;
use std::fmt::Write as _;
use std::path::Path;

/// With more jobs than that, each is not worth a line for people.
const LINES: usize = 20;

#[derive(Default)]
struct Counts {
    new: usize,
    known: usize,
    refused: usize,
}

pub(super) fn run(root: &Path, json: bool, arguments: AddArguments) -> anyhow::Result<Exit> {
    let (entries, shared) = plan(arguments).map_err(|all| UsageError("queue add", all))?;
    let queue = SqliteQueue::open(&queue_of(root))?;
    let is_shown = json || entries.len() <= LINES;
    let mut counts = Counts::default();
    for entries in entries.chunks(AT_ONCE) {
        let jobs: Vec<_> = entries.iter().map(|it| shared.job(it)).collect();
        let good: Vec<NewJob> = jobs.iter().flatten().cloned().collect();
        let mut added = queue.add(&good, Timestamp::now())?.into_iter();
        let mut text = String::new();
        for (entry, job) in entries.iter().zip(jobs) {
            let result = job.map(|_| added.next().expect("every job has its answer"));
            counts.add(&result);
            if is_shown || result.is_err() {
                text.push_str(&line(&entry.text, &result, json));
            }
        }
        ui::print(&text);
    }
    let Counts {
        new,
        known,
        refused,
    } = counts;
    if !json {
        ui::print(&format!(
            "{new} jobs added, {known} were there already, {refused} refused\n"
        ));
    }
    Ok(match refused {
        0 => Exit::Success,
        _ => Exit::Failure,
    })
}

fn plan(arguments: AddArguments) -> Result<(Vec<Entry>, Shared), Vec<String>> {
    let mut mistakes = Vec::new();
    let project = arguments.target.project.clone();
    let target = arguments.target.check(&mut mistakes);
    let sandbox = arguments.sandbox.unwrap_or(project);
    check_line("--sandbox", &sandbox, &mut mistakes);
    let entries = expand(&arguments.sources).map_err(|all| mistakes.extend(all));
    let (Some(target), Ok(entries), []) = (target, entries, &mistakes[..]) else {
        return Err(mistakes);
    };
    let shared = Shared {
        target: target.into(),
        sandbox: sandbox.into(),
        priority: arguments.priority,
        background: arguments.background,
        run: None,
    };
    Ok((entries, shared))
}

impl Counts {
    const fn add(&mut self, result: &Result<Added, Failure>) {
        match result {
            Ok(Added::New(_)) => self.new += 1,
            Ok(Added::Known(..)) => self.known += 1,
            Err(_) => self.refused += 1,
        }
    }
}

fn line(source: &str, result: &Result<Added, Failure>, json: bool) -> String {
    if json {
        let object = match result {
            Ok(Added::New(id)) => json!({"source": source, "job": id, "added": true}),
            Ok(Added::Known(id, state)) => {
                json!({"source": source, "job": id, "added": false, "state": state})
            }
            Err(failure) => json!({"source": source, "added": false, "failure": failure}),
        };
        return format!("{object}\n");
    }
    let source = ui::printable(source);
    let mut out = String::new();
    let _ = match result {
        Ok(Added::New(id)) => writeln!(out, "added    {id:>6}  {source}"),
        Ok(Added::Known(id, state)) if state.may_retry() && !state.is_open() => writeln!(
            out,
            "known    {id:>6}  {source}  ({state}; put it back with distmill queue retry {id})"
        ),
        Ok(Added::Known(id, state)) => writeln!(out, "known    {id:>6}  {source}  ({state})"),
        Err(failure) => writeln!(
            out,
            "refused          {source}\n                 {}: {}",
            failure.code,
            ui::printable(&failure.message)
        ),
    };
    out
}
