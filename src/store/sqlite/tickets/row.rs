//! Between rows and values.

use super::super::column::{damaged, json, number};
use crate::alloc::resource::{Offer, Resource, ResourceId, ResourceState, Seed};
use crate::alloc::ticket::{Request, Tags, Ticket, TicketId, TicketState};
use jiff::Timestamp;
use rusqlite::types::Type;
use rusqlite::{Error, Result, Row};
use std::sync::Arc;

/// The columns of a ticket, in the order in which [`ticket`] takes them.
pub(super) const TICKET: &str =
    "id, state, tags, sandbox, owner, priority, resource, taken, served, ended, reason";

/// The columns of a resource, in the order in which [`resource`] takes them.
pub(super) const RESOURCE: &str = "id, state, name, pool, id_in_pool, counters, offer, data, \
    ticket, sandbox, begun, up, entered, released, releases, checked, failed_checks, \
    failed_deletions, ended";

/// A ticket.
pub(super) fn ticket(row: &Row<'_>) -> Result<Ticket> {
    let tags: Vec<String> = json(row, 2)?;
    let request = Request {
        tags: Tags::new(tags),
        sandbox: text(row, 3)?,
        owner: text(row, 4)?,
        priority: row.get(5)?,
    };
    let state: String = row.get(1)?;
    let state = TicketState::named(&state).ok_or_else(|| unknown(1, &state))?;
    let resource = row.get::<_, Option<i64>>(6)?;
    let mut ticket = Ticket::new(TicketId(number(row, 0)?), request, time(row, 7)?);
    ticket.served = maybe_time(row, 8)?;
    ticket.ended = maybe_time(row, 9)?;
    ticket.reason = row.get(10)?;
    Ok(ticket.restored(state, resource.map(|it| ResourceId(it.cast_unsigned()))))
}

/// A resource.
pub(super) fn resource(row: &Row<'_>) -> Result<Resource> {
    let offer: Vec<(String, i64)> = json(row, 6)?;
    let seed = Seed {
        id: ResourceId(number(row, 0)?),
        name: row.get::<_, String>(2)?.into(),
        pool: row.get::<_, String>(3)?.into(),
        id_in_pool: row.get(4)?,
        counters: json(row, 5)?,
        offer: Offer::new(offer),
    };
    let state: String = row.get(1)?;
    let state = ResourceState::named(&state).ok_or_else(|| unknown(1, &state))?;
    let ticket = row.get::<_, Option<i64>>(8)?;
    let mut resource = Resource::new(seed, time(row, 10)?);
    resource.data = row.get::<_, Vec<u8>>(7)?.into();
    resource.sandbox = text(row, 9)?;
    resource.up = maybe_time(row, 11)?;
    resource.entered = maybe_time(row, 12)?;
    resource.released = maybe_time(row, 13)?;
    resource.releases = row.get(14)?;
    resource.checked = maybe_time(row, 15)?;
    resource.failed_checks = row.get(16)?;
    resource.failed_deletions = row.get(17)?;
    resource.ended = maybe_time(row, 18)?;
    Ok(resource.restored(state, ticket.map(|it| TicketId(it.cast_unsigned()))))
}

/// A time as it is kept.
pub(super) fn nanoseconds(time: Timestamp) -> i64 {
    // It ends in 2262; what is kept are times of now.
    i64::try_from(time.as_nanosecond()).unwrap_or(i64::MAX)
}

fn text(row: &Row<'_>, column: usize) -> Result<Option<Arc<str>>> {
    Ok(row.get::<_, Option<String>>(column)?.map(Arc::from))
}

fn time(row: &Row<'_>, column: usize) -> Result<Timestamp> {
    let nanoseconds: i64 = row.get(column)?;
    Timestamp::from_nanosecond(nanoseconds.into()).map_err(damaged(column))
}

fn maybe_time(row: &Row<'_>, column: usize) -> Result<Option<Timestamp>> {
    match row.get_ref(column)?.data_type() {
        Type::Null => Ok(None),
        _ => time(row, column).map(Some),
    }
}

fn unknown(column: usize, word: &str) -> Error {
    let problem = format!("{word:?} is no state");
    Error::FromSqlConversionFailure(column, Type::Text, problem.into())
}
