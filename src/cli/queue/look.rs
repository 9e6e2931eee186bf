//! `distmill queue list|show|why|stats`: looks, and changes nothing.

use super::arguments::{FilterArguments, JobArguments, ListArguments};
use super::open::open;
use crate::cli::exit::{Exit, UsageError};
use crate::event::JobId;
use crate::import::queue::{Filter, JobQueue, Run, pages};
use crate::import::root::workers_of;
use crate::model::Project;
use crate::store::SqliteQueue;
use crate::ui;
use crate::worker::Presence;
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;
use std::path::Path;

/// Jobs in a table for people, unless they ask for more.
const ROWS: u64 = 50;

/// Checks what was said about jobs.
///
/// # Errors
/// Every mistake.
pub(super) fn filter(
    queue: &SqliteQueue,
    arguments: &FilterArguments,
    command: &'static str,
) -> anyhow::Result<Filter> {
    let project = arguments.project.as_deref().map(Project::parse);
    let project = project.transpose();
    let project = project.map_err(|error| UsageError(command, vec![error.to_string()]))?;
    let states = arguments.states.clone();
    let run = arguments.run.as_deref();
    let run = run.map(|it| find_run(queue, Some(it))).transpose()?;
    Ok(Filter {
        states: (!states.is_empty()).then_some(states),
        result: arguments.code.clone(),
        project,
        owner: arguments.owner.clone(),
        sandbox: arguments.sandbox.clone(),
        run: run.map(|it| it.id),
        ..Filter::default()
    })
}

/// The run of this name, or the last one.
///
/// # Errors
/// When there is none.
pub(in crate::cli) fn find_run(queue: &SqliteQueue, name: Option<&str>) -> anyhow::Result<Run> {
    queue.find_run(name)?.ok_or_else(|| match name {
        Some(name) => anyhow::anyhow!("there is no run {name}"),
        None => anyhow::anyhow!("there is no run yet: distmill batch begins one"),
    })
}

pub(super) fn list(
    queue: &SqliteQueue,
    json: bool,
    arguments: &ListArguments,
) -> anyhow::Result<Exit> {
    let mut filter = filter(queue, &arguments.filter, "queue list")?;
    filter.after = arguments.after;
    if !json {
        let rows = arguments.limit.unwrap_or(ROWS);
        filter.limit = Some(rows.saturating_add(1));
        let mut jobs = queue.find(&filter)?;
        let is_more = jobs.len() as u64 > rows;
        jobs.truncate(usize::try_from(rows).unwrap_or(usize::MAX));
        ui::print(&ui::jobs_table(&jobs));
        if let (true, Some(last)) = (is_more, jobs.last()) {
            let after = last.id;
            ui::print(&format!(
                "\nthere are more: --after {after} goes on, --limit N shows more at once\n"
            ));
        }
        return Ok(Exit::Success);
    }
    filter.limit = arguments.limit;
    for jobs in pages(filter, |it| queue.find(it)) {
        jobs?.iter().for_each(print_json);
        if ui::is_closed() {
            break;
        }
    }
    Ok(Exit::Success)
}

pub(super) fn show(
    queue: &SqliteQueue,
    json: bool,
    arguments: &JobArguments,
) -> anyhow::Result<Exit> {
    each(&arguments.jobs, |id| {
        let Some(job) = queue.job(id)? else {
            return Ok(false);
        };
        match json {
            true => print_json(&job),
            false => ui::print(&format!("{}\n", ui::job_details(&job))),
        }
        Ok(true)
    })
}

pub(super) fn why(root: &Path, json: bool, arguments: &JobArguments) -> anyhow::Result<Exit> {
    let queue = open(root)?;
    each(&arguments.jobs, |id| {
        let now = Timestamp::now();
        let Some(standing) = queue.standing(id, now)? else {
            return Ok(false);
        };
        let job = &standing.job;
        let reasons = standing.reasons(now);
        let dead = job
            .worker
            .filter(|it| Presence::is_dead(&workers_of(root), *it));
        match json {
            true => print_json(&json!({
                "job": job.id, "source": job.source, "state": job.state, "reasons": reasons,
                "is_worker_dead": dead.is_some(),
            })),
            false => {
                ui::print(&ui::reasons(job, &reasons, now));
                if let Some(worker) = dead {
                    ui::print(&format!(
                        "  the process of worker {worker} is dead: the next worker takes the job over\n"
                    ));
                }
            }
        }
        Ok(true)
    })
}

pub(super) fn stats(queue: &SqliteQueue, json: bool) -> anyhow::Result<Exit> {
    let stats = queue.stats(Timestamp::now())?;
    match json {
        true => print_json(&stats),
        false => ui::print(&ui::stats_tables(&stats)),
    }
    Ok(Exit::Success)
}

/// Does something with each job; says of which there is none.
pub(super) fn each(
    jobs: &[JobId],
    mut look: impl FnMut(JobId) -> anyhow::Result<bool>,
) -> anyhow::Result<Exit> {
    let mut missing = Vec::new();
    for id in jobs {
        if !look(*id)? {
            missing.push(id.to_string());
        }
    }
    match missing.is_empty() {
        true => Ok(Exit::Success),
        false => anyhow::bail!(
            "there is no job {}: distmill queue list shows their numbers",
            missing.join(", ")
        ),
    }
}

pub(super) fn print_json(value: &impl Serialize) {
    let text = serde_json::to_string(value).expect("values of the queue have keys that JSON has");
    ui::print(&format!("{text}\n"));
}
