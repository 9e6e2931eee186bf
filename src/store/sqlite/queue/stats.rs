//! The queue in numbers.

use super::super::column;
use super::{row, tally};
use crate::import::queue::{State, Stats};
use jiff::Timestamp;
use rusqlite::{Connection, Params, Result, params};

/// See [`JobQueue::stats`](crate::import::queue::JobQueue::stats).
pub(super) fn stats(sql: &Connection, now: Timestamp) -> Result<Stats> {
    let queued = "SELECT coalesce(sum(queued), 0) FROM flows WHERE queued > 0 AND background = ?1";
    let alive = "SELECT count(*) FROM workers WHERE until > ?1";
    let bytes = "SELECT page_count * page_size FROM pragma_page_count, pragma_page_size";
    let mut stats = Stats {
        queued: count(sql, queued, [false])?,
        queued_background: count(sql, queued, [true])?,
        leased: count(sql, "SELECT count(*) FROM jobs WHERE state = 1", [])?,
        retry: count(sql, "SELECT count(*) FROM jobs WHERE state = 2", [])?,
        workers: count(sql, alive, params![now.as_millisecond()])?,
        recent: tally::pace(sql, now)?.ended,
        size_bytes: count(sql, bytes, [])?,
        ..Stats::default()
    };
    let mut ends = sql.prepare_cached("SELECT state, result, count FROM tally WHERE count > 0")?;
    let mut ends = ends.query([])?;
    while let Some(it) = ends.next()? {
        let (result, count): (String, u64) = (it.get(1)?, column::number(it, 2)?);
        match row::state(it, 0)? {
            State::Done => {
                stats.done.insert(result, count);
            }
            State::Failed => {
                stats.failed.insert(result, count);
            }
            State::Cancelled => stats.cancelled += count,
            State::Poison => stats.poison += count,
            State::Queued | State::Leased | State::Retry => {}
        }
    }
    Ok(stats)
}

fn count(sql: &Connection, text: &str, params: impl Params) -> Result<u64> {
    sql.prepare_cached(text)?
        .query_one(params, |it| column::number(it, 0))
}
