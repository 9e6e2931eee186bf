//! Results that are taken, and jobs that are given back.

use super::super::column;
use super::lanes::Gains;
use super::tally::Tally;
use crate::event::JobId;
use crate::import::queue::{Ended, Next, State, WorkerId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Result, params};

/// Takes results; see [`JobQueue::finish`](crate::import::queue::JobQueue::finish).
pub(super) fn finish(
    sql: &Connection,
    worker: WorkerId,
    ended: &[Ended],
    now: Timestamp,
) -> Result<Vec<JobId>> {
    let mut lost = Vec::new();
    let mut tally = Tally::default();
    let mut change = sql.prepare_cached(
        "UPDATE jobs SET state = ?3, result = ?4, worker = NULL, changed = ?5, due = ?6,
             attempts = attempts - ?7
         WHERE id = ?1 AND state = 1 AND worker = ?2 RETURNING spare_key IS NOT NULL",
    )?;
    let mut keep = sql.prepare_cached("INSERT OR REPLACE INTO records VALUES (?1, ?2)")?;
    for it in ended {
        let (state, due) = match it.next {
            Next::Done => (State::Done, None),
            Next::Failed => (State::Failed, None),
            Next::Retry(due) | Next::Wait(due) => (State::Retry, Some(due.as_millisecond())),
        };
        let result = it.record.result();
        let of = params![
            it.id.cast_signed(),
            worker.cast_signed(),
            state.number(),
            result,
            now.as_millisecond(),
            due,
            matches!(it.next, Next::Wait(_))
        ];
        let Some(is_for_now) = change
            .query_one(of, |row| row.get::<_, bool>(0))
            .optional()?
        else {
            lost.push(it.id);
            continue;
        };
        if is_for_now && !state.is_open() {
            forget_key(sql, it.id)?;
        }
        if it.record.is_void() {
            let void = "UPDATE jobs SET spare_key = key, key = NULL
                 WHERE id = ?1 AND spare_key IS NULL AND run IS NULL";
            sql.prepare_cached(void)?.execute([it.id.cast_signed()])?;
        }
        keep.execute(params![it.id.cast_signed(), column::to_json(&it.record)?])?;
        if !matches!(it.next, Next::Wait(_)) {
            tally.attempt();
        }
        if !state.is_open() {
            tally.count(state, result, 1);
        }
    }
    tally.write(sql, now)?;
    Ok(lost)
}

/// A job ended: the same may be added anew, unless it is the same for good.
pub(super) fn forget_key(sql: &Connection, job: JobId) -> Result<()> {
    sql.prepare_cached("UPDATE jobs SET key = NULL WHERE id = ?1 AND spare_key IS NOT NULL")?
        .execute([job.cast_signed()])
        .map(|_| ())
}

/// Gives jobs back; see [`JobQueue::release`](crate::import::queue::JobQueue::release).
pub(super) fn release(
    sql: &Connection,
    worker: WorkerId,
    jobs: &[JobId],
    now: Timestamp,
) -> Result<()> {
    let mut gains = Gains::default();
    let mut change = sql.prepare_cached(
        "UPDATE jobs SET state = 0, attempts = attempts - 1, worker = NULL, changed = ?3
         WHERE id = ?1 AND state = 1 AND worker = ?2 RETURNING lane",
    )?;
    for job in jobs {
        let of = params![
            job.cast_signed(),
            worker.cast_signed(),
            now.as_millisecond()
        ];
        if let Some(lane) = change.query_one(of, |row| row.get(0)).optional()? {
            gains.add(lane);
        }
    }
    gains.write(sql)
}
