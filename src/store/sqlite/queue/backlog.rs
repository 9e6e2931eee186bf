//! What waits, as the choice of turns asks for it.

use crate::import::queue::{Backlog, Flow, FlowTurn, HOSTS, LaneId, LaneTurn, Waiting, host_of};
use rusqlite::{Connection, Result, Row, params};

/// Reads within one transaction.
pub(super) struct Stored<'a>(pub(super) &'a Connection);

const JOBS: &str = "SELECT id FROM jobs WHERE state = 0 AND lane = ?1
     ORDER BY rank, id LIMIT ?3 OFFSET ?2";
const HOST_JOBS: &str = "SELECT id, source FROM jobs WHERE state = 0 AND lane = ?1
     ORDER BY rank, id LIMIT ?3 OFFSET ?2";

impl Backlog for Stored<'_> {
    type Error = rusqlite::Error;

    fn registries(&mut self) -> Result<Vec<String>> {
        // From one to the next by the index: there are few lines and many flows.
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

    fn jobs(
        &mut self,
        registry: &str,
        lane: LaneId,
        skip: usize,
        count: usize,
    ) -> Result<Vec<Waiting>> {
        // The index alone answers where the source is not asked for.
        let is_of_host = registry == HOSTS;
        let text = match is_of_host {
            true => HOST_JOBS,
            false => JOBS,
        };
        let waiting = |row: &Row<'_>| {
            let host = match is_of_host {
                true => Some(host_of(row.get_ref(1)?.as_str()?)),
                false => None,
            };
            let job = row.get::<_, i64>(0)?.unsigned_abs();
            Ok(Waiting { job, host })
        };
        self.0
            .prepare_cached(text)?
            .query_map(params![lane, limit(skip), limit(count)], waiting)?
            .collect()
    }
}

fn limit(count: usize) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}
