//! Jobs that are added.

use super::super::column;
use super::lanes::{self, Gains, LaneName};
use super::row;
use crate::import::queue::{Added, Flow, LaneId, NewJob, State, Target, line_of};
use crate::model::BranchName;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Result, params};
use std::collections::HashMap;
use std::sync::Arc;

/// What was looked up once in a batch.
#[derive(Default)]
struct Known {
    targets: HashMap<Arc<Target>, i64>,
    lanes: HashMap<LaneName, OpenLane>,
}

#[derive(Clone, Copy)]
struct OpenLane {
    id: LaneId,
    last_rank: i64,
    is_changed: bool,
}

/// Adds all jobs; see [`JobQueue::add`](crate::import::queue::JobQueue::add).
pub(super) fn add(sql: &Connection, jobs: &[NewJob], now: Timestamp) -> Result<Vec<Added>> {
    let mut known = Known::default();
    let mut gains = Gains::default();
    let mut out = Vec::with_capacity(jobs.len());
    for job in jobs {
        out.push(insert(sql, job, now, &mut known, &mut gains)?);
    }
    for lane in known.lanes.values().filter(|it| it.is_changed) {
        lanes::set_last_rank(sql, lane.id, lane.last_rank)?;
    }
    gains.write(sql)?;
    Ok(out)
}

fn insert(
    sql: &Connection,
    job: &NewJob,
    now: Timestamp,
    known: &mut Known,
    gains: &mut Gains,
) -> Result<Added> {
    let key = job.key();
    let target = match known.targets.get(&job.target) {
        Some(id) => *id,
        None => {
            let id = target(sql, &job.target)?;
            known.targets.insert(Arc::clone(&job.target), id);
            id
        }
    };
    let name = LaneName {
        flow: Flow {
            owner: job.target.owner().to_owned(),
            background: job.background,
        },
        sandbox: job.sandbox.to_string(),
        registry: line_of(&job.source).to_owned(),
    };
    let lane = match known.lanes.get_mut(&name) {
        Some(lane) => lane,
        None => {
            let (id, last_rank) = lanes::find_or_make(sql, &name)?;
            known.lanes.entry(name).or_insert(OpenLane {
                id,
                last_rank,
                is_changed: false,
            })
        }
    };
    let inserted = sql
        .prepare_cached(
            "INSERT INTO jobs (key, spare_key, source, target, lane, priority, rank, state, attempts,
                 crashes, added, changed, run, digest)
             VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, 0, 0, 0, ?8, ?8, ?9, ?10) ON CONFLICT DO NOTHING",
        )?
        .execute(params![
            key.0,
            (!job.is_fixed()).then_some(key.0),
            job.source.to_string(),
            target,
            lane.id,
            job.priority,
            lane.last_rank + 1 + i64::from(job.priority),
            now.as_millisecond(),
            job.run.map(u64::cast_signed),
            job.digest.map(|it| it.0)
        ])?;
    if inserted == 0 {
        let (id, state) = same(sql, key.0)?;
        return Ok(Added::Known(id, state));
    }
    lane.last_rank += 1;
    lane.is_changed = true;
    gains.add(lane.id);
    Ok(Added::New(sql.last_insert_rowid().unsigned_abs()))
}

/// The job that is the same.
fn same(sql: &Connection, key: [u8; 16]) -> Result<(u64, State)> {
    sql.prepare_cached("SELECT id, state FROM jobs WHERE key = ?1")?
        .query_one([key], |it| Ok((column::number(it, 0)?, row::state(it, 1)?)))
}

/// The number of a target, which is added if it is missing.
fn target(sql: &Connection, target: &Target) -> Result<i64> {
    let branches: Vec<&str> = target.branches.iter().map(BranchName::as_str).collect();
    let columns = params![
        target.project.to_string(),
        branches.join(" "),
        column::to_json(&target.making)?
    ];
    let known = sql
        .prepare_cached(
            "SELECT id FROM targets WHERE project = ?1 AND branches = ?2 AND making = ?3",
        )?
        .query_one(columns, |row| row.get(0))
        .optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    sql.prepare_cached("INSERT INTO targets (project, branches, making) VALUES (?1, ?2, ?3)")?
        .execute(columns)?;
    Ok(sql.last_insert_rowid())
}
