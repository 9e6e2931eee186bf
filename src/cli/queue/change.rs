//! `distmill queue cancel|retry` and `distmill retry`: moves jobs by hand.

use super::arguments::ChangeArguments;
use super::look::{each, filter, find_run, print_json};
use super::open::open;
use crate::cli::exit::{Exit, UsageError};
use crate::import::queue::{Filter, JobQueue, State};
use crate::store::SqliteQueue;
use crate::ui;
use jiff::Timestamp;
use serde_json::json;
use std::path::Path;

pub(super) fn cancel(root: &Path, json: bool, arguments: &ChangeArguments) -> anyhow::Result<Exit> {
    let (queue, filter) = meant(root, arguments, "queue cancel")?;
    check(&queue, arguments, State::may_cancel, "cancelled")?;
    let count = queue.cancel(&filter, Timestamp::now())?;
    match json {
        true => print_json(&json!({"cancelled": count})),
        false => ui::print(&format!("{count} jobs cancelled\n")),
    }
    Ok(Exit::Success)
}

pub(super) fn retry(root: &Path, json: bool, arguments: &ChangeArguments) -> anyhow::Result<Exit> {
    let (queue, filter) = meant(root, arguments, "queue retry")?;
    check(&queue, arguments, State::may_retry, "put back")?;
    put_back(&queue, &filter, json, "")
}

/// The failures of a run (the last one, where none is named) with this code, or all of them.
pub(in crate::cli) fn retry_run(
    root: &Path,
    json: bool,
    run: Option<&str>,
    code: Option<String>,
) -> anyhow::Result<Exit> {
    let queue = open(root)?;
    let run = find_run(&queue, run)?;
    let filter = Filter {
        run: Some(run.id),
        // Who took a job out meant it.
        states: code.is_none().then(|| vec![State::Failed, State::Poison]),
        result: code,
        ..Filter::default()
    };
    put_back(&queue, &filter, json, &format!(" of run {}", run.name))
}

fn put_back(queue: &SqliteQueue, filter: &Filter, json: bool, of: &str) -> anyhow::Result<Exit> {
    let count = queue.retry(filter, Timestamp::now())?;
    match json {
        true => print_json(&json!({"queued": count})),
        false => ui::print(&format!("{count} jobs{of} put back into the queue\n")),
    }
    Ok(Exit::Success)
}

/// The queue, and the jobs of it that are meant. Nothing said is a mistake: nobody means all jobs by that.
fn meant(
    root: &Path,
    arguments: &ChangeArguments,
    command: &'static str,
) -> anyhow::Result<(SqliteQueue, Filter)> {
    if arguments.jobs.is_empty() && arguments.filter.is_empty() && !arguments.all {
        let text = "say which jobs: their numbers, an option such as --code or --sandbox, or --all";
        return Err(UsageError(command, vec![text.to_owned()]).into());
    }
    let queue = open(root)?;
    let mut filter = filter(&queue, &arguments.filter, command)?;
    if !arguments.jobs.is_empty() {
        filter.jobs = Some(arguments.jobs.clone());
    }
    Ok((queue, filter))
}

/// Jobs that are named must be there, and in a state that allows it.
fn check(
    queue: &SqliteQueue,
    arguments: &ChangeArguments,
    may: impl Fn(State) -> bool,
    what: &str,
) -> anyhow::Result<()> {
    let mut wrong = Vec::new();
    each(&arguments.jobs, |id| {
        let job = queue.job(id)?;
        let state = job.as_ref().map(|it| it.state);
        wrong.extend(
            state
                .filter(|it| !may(*it))
                .map(|it| format!("job {id} is {it}")),
        );
        Ok(job.is_some())
    })?;
    match wrong.is_empty() {
        true => Ok(()),
        false => anyhow::bail!("{} and cannot be {what}", wrong.join(", ")),
    }
}
