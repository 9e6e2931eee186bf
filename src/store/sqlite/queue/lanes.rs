//! Jobs that come to wait in a lane, and those that leave it: counts and turns follow.

use crate::import::queue::{Flow, LaneId};
use rusqlite::{Connection, OptionalExtension as _, Result, params};
use std::collections::BTreeMap;

/// How many jobs came to wait in each lane.
#[derive(Debug, Default)]
pub(super) struct Gains(BTreeMap<LaneId, i64>);

/// A lane by what it is for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct LaneName {
    pub(super) flow: Flow,
    pub(super) sandbox: String,
    pub(super) registry: String,
}

impl Gains {
    pub(super) fn add(&mut self, lane: LaneId) {
        *self.0.entry(lane).or_default() += 1;
    }

    pub(super) fn write(self, sql: &Connection) -> Result<()> {
        let clock = clock(sql)?;
        self.0
            .into_iter()
            .try_for_each(|(lane, count)| gain(sql, lane, count, clock))
    }
}

/// The turn that was served last.
pub(super) fn clock(sql: &Connection) -> Result<i64> {
    sql.prepare_cached("SELECT value FROM numbers WHERE name = 'clock'")?
        .query_one([], |row| row.get(0))
}

/// The number and the last rank of a lane, which is made if it is missing.
pub(super) fn find_or_make(sql: &Connection, name: &LaneName) -> Result<(LaneId, i64)> {
    let LaneName {
        flow,
        sandbox,
        registry,
    } = name;
    let known = sql
        .prepare_cached(
            "SELECT id, last_rank FROM lanes
             WHERE owner = ?1 AND background = ?2 AND sandbox = ?3 AND registry = ?4",
        )?
        .query_one(
            params![flow.owner, flow.background, sandbox, registry],
            |row| Ok((row.get(0)?, row.get(1)?)),
        )
        .optional()?;
    if let Some(known) = known {
        return Ok(known);
    }
    sql.prepare_cached(
        "INSERT INTO lanes (owner, background, sandbox, registry, queued, turn, last_rank)
         VALUES (?1, ?2, ?3, ?4, 0, coalesce((
             SELECT max(turn) FROM lanes WHERE owner = ?1 AND background = ?2 AND sandbox = ?3
         ), 0), 0)",
    )?
    .execute(params![flow.owner, flow.background, sandbox, registry])?;
    Ok((sql.last_insert_rowid(), 0))
}

pub(super) fn set_last_rank(sql: &Connection, lane: LaneId, rank: i64) -> Result<()> {
    sql.prepare_cached("UPDATE lanes SET last_rank = ?2 WHERE id = ?1")?
        .execute(params![lane, rank])
        .map(|_| ())
}

fn name_of(sql: &Connection, lane: LaneId) -> Result<LaneName> {
    sql.prepare_cached("SELECT owner, background, sandbox, registry FROM lanes WHERE id = ?1")?
        .query_one([lane], |row| {
            Ok(LaneName {
                flow: Flow {
                    owner: row.get(0)?,
                    background: row.get(1)?,
                },
                sandbox: row.get(2)?,
                registry: row.get(3)?,
            })
        })
}

/// `count` jobs came to wait in a lane. A flow or a sandbox of which nothing waited before takes
/// its place behind what is served now.
fn gain(sql: &Connection, lane: LaneId, count: i64, clock: i64) -> Result<()> {
    let LaneName {
        flow,
        sandbox,
        registry,
    } = name_of(sql, lane)?;
    let (owner, background) = (&flow.owner, flow.background);
    let (queued, turn, flow_clock): (i64, i64, i64) = sql
        .prepare_cached(
            "SELECT coalesce(sum(queued), 0), coalesce(max(turn), 0), coalesce(max(clock), 0)
             FROM flows WHERE owner = ?1 AND background = ?2",
        )?
        .query_one(params![owner, background], |row| {
            Ok((row.get(0)?, row.get(1)?, row.get(2)?))
        })?;
    sql.prepare_cached(
        "INSERT INTO flows (owner, background, registry, queued, turn, clock)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6)
         ON CONFLICT DO UPDATE SET queued = queued + ?4",
    )?
    .execute(params![
        owner, background, registry, count, turn, flow_clock
    ])?;
    if queued == 0 {
        sql.prepare_cached("UPDATE flows SET turn = ?3 WHERE owner = ?1 AND background = ?2")?
            .execute(params![owner, background, flow.first_turn(turn, clock)])?;
    }
    let (queued, turn): (i64, i64) = sql
        .prepare_cached(
            "SELECT sum(queued), max(turn) FROM lanes
             WHERE owner = ?1 AND background = ?2 AND sandbox = ?3",
        )?
        .query_one(params![owner, background, sandbox], |row| {
            Ok((row.get(0)?, row.get(1)?))
        })?;
    if queued == 0 {
        sql.prepare_cached(
            "UPDATE lanes SET turn = ?4 WHERE owner = ?1 AND background = ?2 AND sandbox = ?3",
        )?
        .execute(params![
            owner,
            background,
            sandbox,
            Flow::first_sandbox_turn(turn, flow_clock)
        ])?;
    }
    sql.prepare_cached("UPDATE lanes SET queued = queued + ?2 WHERE id = ?1")?
        .execute(params![lane, count])
        .map(|_| ())
}

/// A job left a lane otherwise than by its turn.
pub(super) fn lose(sql: &Connection, lane: LaneId) -> Result<()> {
    sql.prepare_cached("UPDATE lanes SET queued = queued - 1 WHERE id = ?1")?
        .execute([lane])?;
    sql.prepare_cached(
        "UPDATE flows SET queued = queued - 1 WHERE (owner, background, registry) =
             (SELECT owner, background, registry FROM lanes WHERE id = ?1)",
    )?
    .execute([lane])
    .map(|_| ())
}
