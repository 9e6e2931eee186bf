//! What waits, as the choice of turns asks for it.

use crate::event::JobId;
use crate::import::queue::{Backlog, Flow, FlowTurn, LaneId, LaneTurn};
use rusqlite::{Connection, Result, params};

/// Reads within one transaction.
pub(super) struct Waiting<'a>(pub(super) &'a Connection);

impl Backlog for Waiting<'_> {
    type Error = rusqlite::Error;

    fn registries(&mut self) -> Result<Vec<String>> {
        // From one to the next by the index: there are few registries and many flows.
        let mut next = self
            .0
            .prepare_cached("SELECT min(registry) FROM flows WHERE queued > 0 AND registry > ?1")?;
        let mut out: Vec<String> = Vec::new();
        loop {
            let last = out.last().map(String::as_str).unwrap_or_default();
            match next.query_one([last], |row| row.get::<_, Option<String>>(0))? {
                Some(registry) => out.push(registry),
                None => return Ok(out),
            }
        }
    }

    fn flows(&mut self, registry: &str, count: usize) -> Result<Vec<FlowTurn>> {
        self.0
            .prepare_cached(
                "SELECT owner, background, turn, clock FROM flows
                 WHERE queued > 0 AND registry = ?1 ORDER BY turn, owner, background LIMIT ?2",
            )?
            .query_map(params![registry, limit(count)], |row| {
                Ok(FlowTurn {
                    flow: Flow {
                        owner: row.get(0)?,
                        background: row.get(1)?,
                    },
                    turn: row.get(2)?,
                    clock: row.get(3)?,
                })
            })?
            .collect()
    }

    fn lanes(&mut self, registry: &str, flow: &Flow, count: usize) -> Result<Vec<LaneTurn>> {
        self.0
            .prepare_cached(
                "SELECT id, sandbox, turn, queued FROM lanes
                 WHERE queued > 0 AND owner = ?1 AND background = ?2 AND registry = ?3
                 ORDER BY turn, id LIMIT ?4",
            )?
            .query_map(
                params![flow.owner, flow.background, registry, limit(count)],
                |row| {
                    Ok(LaneTurn {
                        lane: row.get(0)?,
                        sandbox: row.get(1)?,
                        turn: row.get(2)?,
                        queued: row.get::<_, i64>(3)?.unsigned_abs(),
                    })
                },
            )?
            .collect()
    }

    fn jobs(&mut self, lane: LaneId, skip: usize, count: usize) -> Result<Vec<JobId>> {
        self.0
            .prepare_cached(
                "SELECT id FROM jobs WHERE state = 0 AND lane = ?1
                 ORDER BY rank, id LIMIT ?3 OFFSET ?2",
            )?
            .query_map(params![lane, limit(skip), limit(count)], |row| {
                row.get::<_, i64>(0).map(i64::unsigned_abs)
            })?
            .collect()
    }
}

fn limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
