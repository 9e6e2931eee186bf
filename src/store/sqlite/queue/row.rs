//! Between rows and values.

use super::super::column::{damaged, json, number, time};
use crate::import::queue::{HOSTS, QueuedJob, Record, State, Target, host_of};
use crate::model::{BranchName, Project};
use rusqlite::{Error, Result, Row};
use std::sync::Arc;

/// The columns of a job, in the order in which [`job`] takes them.
pub(super) const JOB: &str = "j.id, j.source, t.project, t.branches, t.making, l.sandbox, \
    l.registry, j.priority, l.background, j.state, j.attempts, j.crashes, j.result, j.worker, \
    j.added, j.changed, j.due, j.run";

/// Where they come from.
pub(super) const JOB_FROM: &str =
    "jobs j JOIN lanes l ON l.id = j.lane JOIN targets t ON t.id = j.target";

/// A job of a row of [`JOB`].
pub(super) fn job(row: &Row<'_>) -> Result<QueuedJob> {
    let worker: Option<i64> = row.get(13)?;
    let due: Option<i64> = row.get(16)?;
    let run: Option<i64> = row.get(17)?;
    let source: String = row.get(1)?;
    let registry = match row.get_ref(6)?.as_str()? {
        HOSTS => host_of(&source),
        registry => registry.to_owned(),
    };
    Ok(QueuedJob {
        id: number(row, 0)?,
        source,
        target: target(row, 2)?,
        sandbox: row.get(5)?,
        registry,
        priority: row.get(7)?,
        background: row.get(8)?,
        run: run.map(i64::unsigned_abs),
        state: state(row, 9)?,
        attempts: row.get(10)?,
        crashes: row.get(11)?,
        result: row.get(12)?,
        worker: worker.map(i64::unsigned_abs),
        added: time(row.get(14)?, 14)?,
        changed: time(row.get(15)?, 15)?,
        due: due.map(|it| time(it, 16)).transpose()?,
        record: None,
    })
}

/// A target of three columns.
pub(super) fn target(row: &Row<'_>, at: usize) -> Result<Arc<Target>> {
    let project: String = row.get(at)?;
    let branches: String = row.get(at + 1)?;
    let branches = branches.split_whitespace().map(BranchName::new);
    Ok(Arc::new(Target {
        project: Project::parse(&project).map_err(damaged(at))?,
        branches: branches
            .collect::<Result<_, _>>()
            .map_err(damaged(at + 1))?,
        making: json(row, at + 2)?,
    }))
}

pub(super) fn state(row: &Row<'_>, at: usize) -> Result<State> {
    let number: u8 = row.get(at)?;
    State::of_number(number).ok_or(Error::IntegralValueOutOfRange(at, number.into()))
}

pub(super) fn record(row: &Row<'_>, at: usize) -> Result<Record> {
    json(row, at)
}
