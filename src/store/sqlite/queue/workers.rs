//! Workers and their leases.

use super::super::column;
use crate::import::queue::{Worker, WorkerId, WorkerRow};
use jiff::Timestamp;
use rusqlite::{Connection, Result, params};

pub(super) fn enlist(sql: &Connection, worker: &Worker, until: Timestamp) -> Result<WorkerId> {
    sql.prepare_cached("INSERT INTO workers (until, body) VALUES (?1, ?2)")?
        .execute(params![until.as_millisecond(), column::to_json(worker)?])?;
    Ok(sql.last_insert_rowid().unsigned_abs())
}

pub(super) fn renew(sql: &Connection, worker: WorkerId, until: Timestamp) -> Result<bool> {
    let renewed = sql
        .prepare_cached("UPDATE workers SET until = ?2 WHERE id = ?1")?
        .execute(params![worker.cast_signed(), until.as_millisecond()])?;
    Ok(renewed > 0)
}

pub(super) fn workers(sql: &Connection) -> Result<Vec<WorkerRow>> {
    sql.prepare_cached(
        "SELECT w.id, w.body, w.until,
             (SELECT count(*) FROM jobs WHERE state = 1 AND worker = w.id)
         FROM workers w ORDER BY w.id",
    )?
    .query_map([], |it| {
        Ok(WorkerRow {
            id: column::number(it, 0)?,
            worker: column::json(it, 1)?,
            until: column::time(it.get(2)?, 2)?,
            leased: column::number(it, 3)?,
        })
    })?
    .collect()
}
