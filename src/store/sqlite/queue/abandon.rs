//! The jobs of a worker that is gone.

use super::super::column;
use super::finish::forget_key;
use super::lanes::{self, Gains};
use super::tally::Tally;
use crate::event::JobId;
use crate::import::queue::{Abandoned, CRASHED, LaneId, Record, State, WorkerId};
use jiff::Timestamp;
use rusqlite::{Connection, Result, params};
use std::collections::HashSet;

/// A job that the worker had.
struct Orphan {
    id: JobId,
    lane: LaneId,
    crashes: u32,
}

/// Takes a worker out; see [`JobQueue::abandon`](crate::import::queue::JobQueue::abandon).
pub(super) fn abandon(
    sql: &Connection,
    worker: WorkerId,
    running: Option<&[JobId]>,
    crashes: u32,
    now: Timestamp,
) -> Result<Abandoned> {
    let orphans: Vec<Orphan> = sql
        .prepare_cached("SELECT id, lane, crashes FROM jobs WHERE state = 1 AND worker = ?1")?
        .query_map([worker.cast_signed()], |it| {
            Ok(Orphan {
                id: column::number(it, 0)?,
                lane: it.get(1)?,
                crashes: it.get(2)?,
            })
        })?
        .collect::<Result<_>>()?;
    let running: Option<HashSet<JobId>> = running.map(|it| it.iter().copied().collect());
    let ran = |it: &Orphan| running.as_ref().is_none_or(|all| all.contains(&it.id));
    let mut out = Abandoned::default();
    let mut gains = Gains::default();
    let mut tally = Tally::default();
    for it in orphans {
        if !ran(&it) {
            give_back(sql, it.id, now)?;
        } else if it.crashes + 1 < crashes {
            to_the_end(sql, &it, now)?;
        } else {
            set_aside(sql, &it, now)?;
            forget_key(sql, it.id)?;
            tally.count(State::Poison, CRASHED, 1);
            out.poisoned.push(it.id);
            continue;
        }
        gains.add(it.lane);
        out.requeued.push(it.id);
    }
    gains.write(sql)?;
    tally.write(sql, now)?;
    sql.prepare_cached("DELETE FROM workers WHERE id = ?1")?
        .execute([worker.cast_signed()])?;
    Ok(out)
}

/// As if it had never been handed out.
fn give_back(sql: &Connection, job: JobId, now: Timestamp) -> Result<()> {
    sql.prepare_cached(
        "UPDATE jobs SET state = 0, attempts = attempts - 1, worker = NULL, changed = ?2
         WHERE id = ?1",
    )?
    .execute(params![job.cast_signed(), now.as_millisecond()])
    .map(|_| ())
}

/// Behind all others of its lane: what takes the process down shall not keep them from running.
fn to_the_end(sql: &Connection, it: &Orphan, now: Timestamp) -> Result<()> {
    let last: i64 = sql
        .prepare_cached("SELECT last_rank FROM lanes WHERE id = ?1")?
        .query_one([it.lane], |row| row.get(0))?;
    lanes::set_last_rank(sql, it.lane, last + 1)?;
    sql.prepare_cached(
        "UPDATE jobs SET state = 0, crashes = crashes + 1, rank = ?3, worker = NULL, changed = ?2
         WHERE id = ?1",
    )?
    .execute(params![it.id.cast_signed(), now.as_millisecond(), last + 1])
    .map(|_| ())
}

fn set_aside(sql: &Connection, it: &Orphan, now: Timestamp) -> Result<()> {
    let (job, record) = (it.id.cast_signed(), Record::crashed(it.crashes + 1));
    sql.prepare_cached("INSERT OR REPLACE INTO records VALUES (?1, ?2)")?
        .execute(params![job, column::to_json(&record)?])?;
    sql.prepare_cached(
        "UPDATE jobs SET state = ?3, crashes = crashes + 1, result = ?4, worker = NULL,
             changed = ?2
         WHERE id = ?1",
    )?
    .execute(params![
        job,
        now.as_millisecond(),
        State::Poison.number(),
        CRASHED
    ])
    .map(|_| ())
}
