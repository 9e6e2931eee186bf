//! What is kept: one row a change.

use super::row::{RESOURCE, TICKET, nanoseconds};
use crate::alloc::resource::Resource;
use crate::alloc::store::Change;
use crate::alloc::ticket::Ticket;
use rusqlite::{Connection, Result, params};
use serde::Serialize;

/// See [`TicketStore::write`](crate::alloc::store::TicketStore::write).
pub(super) fn write(sql: &Connection, changes: &[Change]) -> Result<()> {
    for change in changes {
        match change {
            Change::Ticket(it) => ticket(sql, it)?,
            Change::Resource(it) => resource(sql, it)?,
            Change::Stats(pool, stats) => {
                sql.prepare_cached("INSERT OR REPLACE INTO pool_stats VALUES (?1, ?2)")?
                    .execute(params![&**pool, json(stats)])?;
            }
            Change::Pool(pool) => {
                sql.prepare_cached("INSERT OR REPLACE INTO pools VALUES (?1, ?2)")?
                    .execute(params![pool.name, json(&**pool)])?;
            }
            Change::PoolGone(name) => {
                sql.prepare_cached("DELETE FROM pools WHERE name = ?1")?
                    .execute(params![&**name])?;
            }
        }
    }
    Ok(())
}

/// Placeholders for so many columns.
fn places(count: usize) -> String {
    let places: Vec<String> = (1..=count).map(|it| format!("?{it}")).collect();
    places.join(", ")
}

fn ticket(sql: &Connection, ticket: &Ticket) -> Result<()> {
    let places = places(11);
    let query = format!("INSERT OR REPLACE INTO tickets ({TICKET}) VALUES ({places})");
    let request = &ticket.request;
    sql.prepare_cached(&query)?.execute(params![
        ticket.id.0.cast_signed(),
        ticket.state().as_str(),
        json(&request.tags),
        request.sandbox.as_deref(),
        request.owner.as_deref(),
        request.priority,
        ticket.resource().map(|it| it.0.cast_signed()),
        nanoseconds(ticket.taken),
        ticket.served.map(nanoseconds),
        ticket.ended.map(nanoseconds),
        ticket.reason,
    ])?;
    Ok(())
}

fn resource(sql: &Connection, resource: &Resource) -> Result<()> {
    let places = places(19);
    let query = format!("INSERT OR REPLACE INTO resources ({RESOURCE}) VALUES ({places})");
    let offer: Vec<(&str, i64)> = resource.offer.iter().collect();
    sql.prepare_cached(&query)?.execute(params![
        resource.id.0.cast_signed(),
        resource.state().as_str(),
        &*resource.name,
        &*resource.pool,
        resource.id_in_pool,
        json(&resource.counters),
        json(&offer),
        &*resource.data,
        resource.ticket().map(|it| it.0.cast_signed()),
        resource.sandbox.as_deref(),
        nanoseconds(resource.begun),
        resource.up.map(nanoseconds),
        resource.entered.map(nanoseconds),
        resource.released.map(nanoseconds),
        resource.releases,
        resource.checked.map(nanoseconds),
        resource.failed_checks,
        resource.failed_deletions,
        resource.ended.map(nanoseconds),
    ])?;
    Ok(())
}

fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).expect("these values have only texts for keys")
}
