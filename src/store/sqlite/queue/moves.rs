//! Jobs that are moved by hand: out of the queue, and back into it.

use super::super::column;
use super::find::Condition;
use super::finish::forget_key;
use super::lanes::{self, Gains};
use super::row::{self, JOB_FROM};
use super::tally::Tally;
use crate::event::JobId;
use crate::import::queue::{CANCELLED, Filter, LaneId, State};
use jiff::Timestamp;
use rusqlite::{Connection, Result, params, params_from_iter};

/// A job that may be moved.
struct Candidate {
    id: JobId,
    lane: LaneId,
    state: State,
    result: Option<String>,
}

fn candidates(
    sql: &Connection,
    filter: &Filter,
    may: impl Fn(State) -> bool,
) -> Result<Vec<Candidate>> {
    let Condition { text, values } = Condition::of(filter);
    let states: Vec<String> = State::ALL
        .into_iter()
        .filter(|it| may(*it))
        .map(|it| it.number().to_string())
        .collect();
    let limit = filter.limit.unwrap_or(i64::MAX.unsigned_abs());
    sql.prepare(&format!(
        "SELECT j.id, j.lane, j.state, j.result FROM {JOB_FROM}
         WHERE {text} AND j.state IN ({}) ORDER BY j.id LIMIT {limit}",
        states.join(", ")
    ))?
    .query_map(params_from_iter(values), |it| {
        Ok(Candidate {
            id: column::number(it, 0)?,
            lane: it.get(1)?,
            state: row::state(it, 2)?,
            result: it.get(3)?,
        })
    })?
    .collect()
}

/// See [`JobQueue::cancel`](crate::import::queue::JobQueue::cancel).
pub(super) fn cancel(sql: &Connection, filter: &Filter, now: Timestamp) -> Result<u64> {
    let found = candidates(sql, filter, State::may_cancel)?;
    let mut tally = Tally::default();
    let mut change = sql.prepare_cached(
        "UPDATE jobs SET state = ?2, result = ?3, due = NULL, changed = ?4 WHERE id = ?1",
    )?;
    for it in &found {
        change.execute(params![
            it.id.cast_signed(),
            State::Cancelled.number(),
            CANCELLED,
            now.as_millisecond()
        ])?;
        forget_key(sql, it.id)?;
        if it.state == State::Queued {
            lanes::lose(sql, it.lane)?;
        }
        tally.count(State::Cancelled, CANCELLED, 1);
    }
    tally.write(sql, now)?;
    Ok(found.len() as u64)
}

/// See [`JobQueue::retry`](crate::import::queue::JobQueue::retry).
pub(super) fn retry(sql: &Connection, filter: &Filter, now: Timestamp) -> Result<u64> {
    let found = candidates(sql, filter, State::may_retry)?;
    let mut tally = Tally::default();
    let mut gains = Gains::default();
    // The same job may have been added anew meanwhile: then that one is the job.
    let mut change = sql.prepare_cached(
        "UPDATE OR IGNORE jobs SET state = 0, key = coalesce(spare_key, key), attempts = 0, crashes = 0, result = NULL,
             due = NULL, changed = ?2
         WHERE id = ?1",
    )?;
    let mut count = 0;
    for it in found {
        if change.execute(params![it.id.cast_signed(), now.as_millisecond()])? == 0 {
            continue;
        }
        count += 1;
        gains.add(it.lane);
        if !it.state.is_open() {
            tally.count(it.state, it.result.as_deref().unwrap_or_default(), -1);
        }
    }
    gains.write(sql)?;
    tally.write(sql, now)?;
    Ok(count)
}
