//! Counts of jobs that ended, gathered over a transaction and written at its end.

use crate::import::queue::State;
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
                "INSERT INTO minutes VALUES (?1, ?2) ON CONFLICT DO UPDATE SET ended = ended + ?2",
            )?
            .execute(params![now.as_second().div_euclid(60), self.attempts])?;
        }
        Ok(())
    }
}

/// How many attempts ended within the last ten minutes.
pub(super) fn recent(sql: &Connection, now: Timestamp) -> Result<u64> {
    let minute = now.as_second().div_euclid(60);
    let count: i64 = sql
        .prepare_cached("SELECT coalesce(sum(ended), 0) FROM minutes WHERE minute > ?1 - 10")?
        .query_one([minute], |row| row.get(0))?;
    Ok(count.unsigned_abs())
}
