//! Counts of jobs that ended, gathered over a transaction and written at its end.

use super::super::column::time;
use crate::import::queue::{Pace, State};
use jiff::Timestamp;
use rusqlite::{Connection, Result, params};
use std::collections::BTreeMap;

/// What changed in the counts.
#[derive(Debug, Default)]
pub(super) struct Tally {
    ends: BTreeMap<(u8, String), i64>,
    attempts: i64,
}

impl Tally {
    /// A job came to this end, or (`by` -1) left it.
    pub(super) fn count(&mut self, state: State, result: &str, by: i64) {
        let key = (state.number(), result.to_owned());
        *self.ends.entry(key).or_default() += by;
    }

    /// An attempt ended.
    pub(super) const fn attempt(&mut self) {
        self.attempts += 1;
    }

    pub(super) fn write(self, sql: &Connection, now: Timestamp) -> Result<()> {
        let mut add = sql.prepare_cached(
            "INSERT INTO tally VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET count = count + ?3",
        )?;
        for ((state, result), by) in self.ends {
            add.execute(params![state, result, by])?;
        }
        if self.attempts > 0 {
            sql.prepare_cached(
                "INSERT INTO minutes (minute, ended, first) VALUES (?1, ?2, ?3)
                 ON CONFLICT DO UPDATE SET ended = ended + ?2",
            )?
            .execute(params![
                now.as_second().div_euclid(60),
                self.attempts,
                now.as_millisecond()
            ])?;
        }
        Ok(())
    }
}

/// The pace of the last ten minutes.
pub(super) fn pace(sql: &Connection, now: Timestamp) -> Result<Pace> {
    let minute = now.as_second().div_euclid(60);
    let (count, first): (i64, Option<i64>) = sql
        .prepare_cached(
            "SELECT coalesce(sum(ended), 0), min(coalesce(first, minute * 60000)) FROM minutes
             WHERE minute > ?1 - 10",
        )?
        .query_one([minute], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let first = first.map(|it| time(it, 1)).transpose()?;
    Ok(Pace::new(count.unsigned_abs(), first, now))
}
