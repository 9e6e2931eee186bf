//! The place of one job among the others.

use super::{claim, find, tally, workers};
use crate::event::JobId;
use crate::import::queue::{Flow, Line, QueuedJob, Standing, State, ahead};
use jiff::Timestamp;
use rusqlite::{Connection, Result, params};

/// See [`JobQueue::standing`](crate::import::queue::JobQueue::standing).
pub(super) fn standing(sql: &Connection, id: JobId, now: Timestamp) -> Result<Option<Standing>> {
    let Some(job) = find::job(sql, id)? else {
        return Ok(None);
    };
    let line = match job.state {
        State::Queued => line(sql, &job)?,
        _ => Line::default(),
    };
    Ok(Some(Standing {
        in_lane: line.in_lane,
        in_all: ahead(&line),
        running: claim::running(sql)?,
        workers: workers::workers(sql)?,
        pace: tally::pace(sql, now)?,
        job,
    }))
}

fn line(sql: &Connection, job: &QueuedJob) -> Result<Line> {
    let flow = Flow {
        owner: job.target.owner().to_owned(),
        background: job.background,
    };
    let (lane, rank): (i64, i64) = sql
        .prepare_cached("SELECT lane, rank FROM jobs WHERE id = ?1")?
        .query_one([job.id.cast_signed()], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let count = |row: &rusqlite::Row<'_>| row.get::<_, i64>(0).map(i64::unsigned_abs);
    let in_lane = sql
        .prepare_cached(
            "SELECT count(*) FROM jobs WHERE state = 0 AND lane = ?1 AND (rank, id) < (?2, ?3)",
        )?
        .query_one(params![lane, rank, job.id.cast_signed()], count)?;
    let lanes = sql
        .prepare_cached(
            "SELECT queued FROM lanes
             WHERE queued > 0 AND owner = ?1 AND background = ?2 AND id <> ?3",
        )?
        .query_map(params![flow.owner, flow.background, lane], count)?
        .collect::<Result<_>>()?;
    let flows = sql
        .prepare_cached(
            "SELECT sum(queued), owner, background FROM flows WHERE queued > 0
             AND NOT (owner = ?1 AND background = ?2) GROUP BY owner, background",
        )?
        .query_map(params![flow.owner, flow.background], |row| {
            let other = Flow {
                owner: row.get(1)?,
                background: row.get(2)?,
            };
            Ok((count(row)?, other.cost()))
        })?
        .collect::<Result<_>>()?;
    Ok(Line {
        in_lane,
        lanes,
        flows,
        cost: flow.cost(),
    })
}
