//! Jobs that are handed out.

use super::super::column;
use super::backlog::Stored;
use super::lanes::{Gains, clock};
use super::row;
use crate::event::JobId;
use crate::import::job::Source;
use crate::import::queue::{
    Claim, ClaimLimits, Claimed, HOSTS, Plan, Running, SandboxTurn, Target, WorkerId, host_of, pick,
};
use crate::model::Sha256;
use jiff::Timestamp;
use rusqlite::{Connection, Result, params};
use std::collections::HashMap;
use std::sync::Arc;

/// How many jobs whose time has come are put back in one go.
const DUE_AT_ONCE: i64 = 10_000;

/// Hands jobs out; see [`JobQueue::claim`](crate::import::queue::JobQueue::claim).
pub(super) fn claim(
    sql: &Connection,
    worker: WorkerId,
    room: usize,
    limits: &ClaimLimits,
    now: Timestamp,
) -> Result<Claimed> {
    let has_lease: bool = sql
        .prepare_cached("SELECT EXISTS (SELECT 1 FROM workers WHERE id = ?1)")?
        .query_one([worker.cast_signed()], |row| row.get(0))?;
    if !has_lease {
        return Ok(Claimed::default());
    }
    requeue_due(sql, now)?;
    let plan = pick(&mut Stored(sql), running(sql)?, limits, room, clock(sql)?)?;
    let mut targets = HashMap::new();
    let jobs = plan
        .picks
        .iter()
        .map(|it| lease(sql, it.job, worker, now, &mut targets))
        .collect::<Result<_>>()?;
    if !plan.picks.is_empty() {
        move_on(sql, &plan)?;
    }
    Ok(Claimed {
        has_lease,
        jobs,
        is_more: sql
            .prepare_cached("SELECT EXISTS (SELECT 1 FROM flows WHERE queued > 0)")?
            .query_one([], |row| row.get(0))?,
        due: next_due(sql)?,
    })
}

/// What runs, by all workers together.
pub(super) fn running(sql: &Connection) -> Result<Running> {
    let mut running = Running::default();
    let mut rows = sql.prepare_cached(
        "SELECT l.owner, l.sandbox, l.registry, j.source FROM jobs j INDEXED BY jobs_leased
         JOIN lanes l ON l.id = j.lane WHERE j.state = 1",
    )?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        let (owner, sandbox) = (row.get_ref(0)?.as_str()?, row.get_ref(1)?.as_str()?);
        match row.get_ref(2)?.as_str()? {
            HOSTS => running.add(owner, sandbox, &host_of(row.get_ref(3)?.as_str()?)),
            registry => running.add(owner, sandbox, registry),
        }
    }
    Ok(running)
}

/// Puts jobs whose time has come back into their lanes.
fn requeue_due(sql: &Connection, now: Timestamp) -> Result<()> {
    let mut due = sql.prepare_cached(
        "UPDATE jobs SET state = 0, due = NULL, changed = ?1 WHERE id IN
             (SELECT id FROM jobs WHERE state = 2 AND due <= ?1 ORDER BY due LIMIT ?2)
         RETURNING lane",
    )?;
    let mut lanes = due.query(params![now.as_millisecond(), DUE_AT_ONCE])?;
    let mut gains = Gains::default();
    while let Some(row) = lanes.next()? {
        gains.add(row.get(0)?);
    }
    drop(lanes);
    gains.write(sql)
}

fn next_due(sql: &Connection) -> Result<Option<Timestamp>> {
    let due: Option<i64> = sql
        .prepare_cached("SELECT min(due) FROM jobs WHERE state = 2")?
        .query_one([], |row| row.get(0))?;
    due.map(|it| column::time(it, 0)).transpose()
}

fn lease(
    sql: &Connection,
    job: JobId,
    worker: WorkerId,
    now: Timestamp,
    targets: &mut HashMap<i64, Arc<Target>>,
) -> Result<Claim> {
    type Leased = (String, i64, u32, Option<[u8; 32]>, Option<i64>);
    let (source, target, attempt, digest, run): Leased = sql
        .prepare_cached(
            "UPDATE jobs SET state = 1, worker = ?2, attempts = attempts + 1, changed = ?3
             WHERE id = ?1 RETURNING source, target, attempts, digest, run",
        )?
        .query_one(
            params![
                job.cast_signed(),
                worker.cast_signed(),
                now.as_millisecond()
            ],
            |it| Ok((it.get(0)?, it.get(1)?, it.get(2)?, it.get(3)?, it.get(4)?)),
        )?;
    let target = match targets.get(&target) {
        Some(known) => Arc::clone(known),
        None => {
            let found = sql
                .prepare_cached("SELECT project, branches, making FROM targets WHERE id = ?1")?
                .query_one([target], |it| row::target(it, 0))?;
            targets.insert(target, Arc::clone(&found));
            found
        }
    };
    Ok(Claim {
        id: job,
        source: Source::kept(&source).map_err(column::damaged(0))?,
        digest: digest.map(Sha256),
        target,
        run: run.map(i64::unsigned_abs),
        attempt,
    })
}

/// Writes down where counts and turns stand after the plan.
fn move_on(sql: &Connection, plan: &Plan) -> Result<()> {
    let mut taken = sql.prepare_cached("UPDATE lanes SET queued = queued - ?2 WHERE id = ?1")?;
    for (lane, count) in &plan.lanes {
        taken.execute(params![lane, count.cast_signed()])?;
    }
    let mut turn = sql.prepare_cached(
        "UPDATE lanes SET turn = ?4 WHERE owner = ?1 AND background = ?2 AND sandbox = ?3",
    )?;
    for SandboxTurn {
        flow,
        sandbox,
        turn: next,
    } in &plan.sandboxes
    {
        turn.execute(params![flow.owner, flow.background, sandbox, next])?;
    }
    let mut turn = sql.prepare_cached(
        "UPDATE flows SET turn = ?3, clock = ?4 WHERE owner = ?1 AND background = ?2",
    )?;
    for it in &plan.flows {
        turn.execute(params![
            it.flow.owner,
            it.flow.background,
            it.turn,
            it.clock
        ])?;
    }
    let mut taken = sql.prepare_cached(
        "UPDATE flows SET queued = queued - ?4
         WHERE owner = ?1 AND background = ?2 AND registry = ?3",
    )?;
    for (registry, flow, count) in &plan.shares {
        taken.execute(params![
            flow.owner,
            flow.background,
            registry,
            count.cast_signed()
        ])?;
    }
    sql.prepare_cached("UPDATE numbers SET value = ?1 WHERE name = 'clock'")?
        .execute([plan.clock])
        .map(|_| ())
}
