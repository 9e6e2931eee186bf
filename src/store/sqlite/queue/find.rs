//! Jobs that are asked for.

use super::row::{self, JOB, JOB_FROM};
use crate::event::JobId;
use crate::import::queue::{Filter, QueuedJob, Record, State};
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Result, params_from_iter};
use std::fmt::Write as _;

/// The states that jobs are looked for in among many others. They, and failures, have indices of
/// their own, which a condition uses only if it has that of the index word for word.
const BAD: [State; 4] = [State::Retry, State::Failed, State::Cancelled, State::Poison];

/// The condition that a filter is, on `j`, `l` and `t` as in [`JOB_FROM`].
#[derive(Debug, Default)]
pub(super) struct Condition {
    pub(super) text: String,
    pub(super) values: Vec<Value>,
}

impl Condition {
    pub(super) fn of(filter: &Filter) -> Self {
        let mut it = Self {
            text: "1".to_owned(),
            values: Vec::new(),
        };
        if let Some(jobs) = &filter.jobs {
            it.any_of("j.id", jobs.iter().map(|id| id.cast_signed().into()));
        }
        if let Some(states) = &filter.states {
            let numbers: Vec<_> = states.iter().map(|it| it.number().to_string()).collect();
            let _ = write!(it.text, " AND j.state IN ({})", numbers.join(", "));
            if states.iter().all(|it| BAD.contains(it)) {
                it.text.push_str(" AND j.state IN (2, 4, 5, 6)");
            }
        }
        if let Some(result) = &filter.result
            && !["imported", "unchanged"].contains(&result.as_str())
        {
            let failures = " AND j.result NOT IN ('imported', 'unchanged')";
            it.text.push_str(failures);
        }
        let project = filter.project.as_ref().map(ToString::to_string);
        for (column, text) in [
            ("j.result", filter.result.clone()),
            ("t.project", project),
            ("l.owner", filter.owner.clone()),
            ("l.sandbox", filter.sandbox.clone()),
        ] {
            if let Some(text) = text {
                it.any_of(column, std::iter::once(text.into()));
            }
        }
        if let Some(run) = filter.run {
            let _ = write!(it.text, " AND j.run = {run}");
        }
        if let Some(after) = filter.after {
            let _ = write!(it.text, " AND j.id > {after}");
        }
        it
    }

    fn any_of(&mut self, column: &str, values: impl Iterator<Item = Value>) {
        let before = self.values.len();
        self.values.extend(values);
        let marks = vec!["?"; self.values.len() - before].join(", ");
        let _ = write!(self.text, " AND {column} IN ({marks})");
    }
}

pub(super) fn find(sql: &Connection, filter: &Filter) -> Result<Vec<QueuedJob>> {
    let Condition { mut text, values } = Condition::of(filter);
    let _ = write!(text, " ORDER BY j.id");
    if let Some(limit) = filter.limit {
        let limit = limit.min(i64::MAX.unsigned_abs());
        let _ = write!(text, " LIMIT {limit}");
    }
    sql.prepare(&format!("SELECT {JOB} FROM {JOB_FROM} WHERE {text}"))?
        .query_map(params_from_iter(values), row::job)?
        .collect()
}

/// The same with their records.
pub(super) fn history(sql: &Connection, filter: &Filter) -> Result<Vec<QueuedJob>> {
    let mut jobs = find(sql, filter)?;
    for it in &mut jobs {
        it.record = record(sql, it.id)?;
    }
    Ok(jobs)
}

fn record(sql: &Connection, job: JobId) -> Result<Option<Record>> {
    sql.prepare_cached("SELECT body FROM records WHERE job = ?1")?
        .query_one([job.cast_signed()], |it| row::record(it, 0))
        .optional()
}

pub(super) fn job(sql: &Connection, id: JobId) -> Result<Option<QueuedJob>> {
    let id = id.cast_signed();
    let found = sql
        .prepare_cached(&format!("SELECT {JOB} FROM {JOB_FROM} WHERE j.id = ?1"))?
        .query_one([id], row::job)
        .optional()?;
    let Some(mut job) = found else {
        return Ok(None);
    };
    job.record = record(sql, job.id)?;
    Ok(Some(job))
}
