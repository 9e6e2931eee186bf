//! Runs: batches of jobs that belong together, and what is noted for later ones.

use super::super::column;
use super::row;
use crate::import::queue::{Run, RunCounts, RunId};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Result, Row, params};

pub(super) fn begin(sql: &Connection, name: &str, about: &str, now: Timestamp) -> Result<Run> {
    sql.prepare_cached("INSERT OR IGNORE INTO runs (name, about, begun) VALUES (?1, ?2, ?3)")?
        .execute(params![name, about, now.as_millisecond()])?;
    sql.prepare_cached("SELECT id, name, about, begun FROM runs WHERE name = ?1")?
        .query_one([name], run)
}

pub(super) fn find(sql: &Connection, name: Option<&str>) -> Result<Option<Run>> {
    sql.prepare_cached(
        "SELECT id, name, about, begun FROM runs WHERE ?1 IS NULL OR name = ?1
         ORDER BY id DESC LIMIT 1",
    )?
    .query_one([name], run)
    .optional()
}

pub(super) fn count(sql: &Connection, run: RunId) -> Result<RunCounts> {
    let mut rows = sql.prepare_cached(
        "SELECT state, result, count(*) FROM jobs WHERE run = ?1 GROUP BY state, result",
    )?;
    let counts = rows.query_map([run.cast_signed()], |it| {
        let key = (row::state(it, 0)?, it.get(1)?);
        Ok((key, column::number(it, 2)?))
    })?;
    Ok(RunCounts(counts.collect::<Result<_>>()?))
}

pub(super) fn note(sql: &Connection, name: &str) -> Result<Option<String>> {
    sql.prepare_cached("SELECT text FROM notes WHERE name = ?1")?
        .query_one([name], |it| it.get(0))
        .optional()
}

pub(super) fn set_note(sql: &Connection, name: &str, text: &str) -> Result<()> {
    sql.prepare_cached("INSERT OR REPLACE INTO notes (name, text) VALUES (?1, ?2)")?
        .execute([name, text])?;
    Ok(())
}

fn run(it: &Row<'_>) -> Result<Run> {
    Ok(Run {
        id: column::number(it, 0)?,
        name: it.get(1)?,
        about: it.get(2)?,
        begun: column::time(it.get(3)?, 3)?,
    })
}
