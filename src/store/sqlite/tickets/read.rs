//! What is looked up: all that lives, single rows, lists.

use super::super::column;
use super::row::{self, RESOURCE, TICKET};
use crate::alloc::pool::Pool;
use crate::alloc::resource::{Resource, ResourceId, ResourceState};
use crate::alloc::store::{Living, ResourceFilter, StartStats, TicketFilter};
use crate::alloc::ticket::{Ticket, TicketId, TicketState};
use rusqlite::{Connection, OptionalExtension as _, Result, params, params_from_iter};
use std::fmt::Write as _;
use std::sync::Arc;

/// See [`TicketStore::load`](crate::alloc::store::TicketStore::load).
pub(super) fn load(sql: &Connection) -> Result<Living> {
    let open = TicketFilter {
        states: vec![TicketState::Open],
        ..TicketFilter::default()
    };
    let last = |table: &str| {
        let query = format!("SELECT coalesce(max(id), 0) FROM {table}");
        sql.query_row(&query, [], |row| row.get::<_, i64>(0))
    };
    let stats = sql
        .prepare("SELECT pool, stats FROM pool_stats")?
        .query_map([], |row| {
            let pool: Arc<str> = row.get::<_, String>(0)?.into();
            Ok((pool, column::json::<StartStats>(row, 1)?))
        })?
        .collect::<Result<_>>()?;
    let pools = sql
        .prepare("SELECT settings FROM pools ORDER BY name")?
        .query_map([], |row| Ok(Arc::new(column::json::<Pool>(row, 0)?)))?
        .collect::<Result<_>>()?;
    Ok(Living {
        tickets: tickets(sql, &open)?,
        resources: resources(sql, &ResourceFilter::living())?,
        last_ticket: TicketId(last("tickets")?.cast_unsigned()),
        last_resource: ResourceId(last("resources")?.cast_unsigned()),
        stats,
        pools,
    })
}

/// A ticket in any state.
pub(super) fn ticket(sql: &Connection, id: TicketId) -> Result<Option<Ticket>> {
    sql.prepare_cached(&format!("SELECT {TICKET} FROM tickets WHERE id = ?1"))?
        .query_row(params![id.0.cast_signed()], row::ticket)
        .optional()
}

/// A resource in any state.
pub(super) fn resource(sql: &Connection, id: ResourceId) -> Result<Option<Resource>> {
    sql.prepare_cached(&format!("SELECT {RESOURCE} FROM resources WHERE id = ?1"))?
        .query_row(params![id.0.cast_signed()], row::resource)
        .optional()
}

/// The latest resource of a name.
pub(super) fn resource_named(sql: &Connection, name: &str) -> Result<Option<Resource>> {
    let query =
        format!("SELECT {RESOURCE} FROM resources WHERE name = ?1 ORDER BY id DESC LIMIT 1");
    sql.prepare_cached(&query)?
        .query_row(params![name], row::resource)
        .optional()
}

/// The tickets that fit.
pub(super) fn tickets(sql: &Connection, filter: &TicketFilter) -> Result<Vec<Ticket>> {
    sql.prepare_cached(&ticket_query(filter))?
        .query_map([], row::ticket)?
        .collect()
}

fn ticket_query(filter: &TicketFilter) -> String {
    let mut query = format!("SELECT {TICKET} FROM tickets WHERE TRUE");
    let states = filter.states.iter().map(|it| it.as_str());
    // The term is what lets the index of those that are not closed be used.
    if !filter.states.is_empty() && !filter.states.contains(&TicketState::Closed) {
        query.push_str(" AND state <> 'CLOSED'");
    }
    one_of(&mut query, states);
    match filter.has_resource {
        Some(true) => query.push_str(" AND resource IS NOT NULL"),
        Some(false) => query.push_str(" AND resource IS NULL"),
        None => {}
    }
    order(&mut query, filter.limit);
    query
}

/// The resources that fit.
pub(super) fn resources(sql: &Connection, filter: &ResourceFilter) -> Result<Vec<Resource>> {
    sql.prepare_cached(&resource_query(filter))?
        .query_map(params_from_iter(filter.pool.iter()), row::resource)?
        .collect()
}

fn resource_query(filter: &ResourceFilter) -> String {
    let mut query = format!("SELECT {RESOURCE} FROM resources WHERE TRUE");
    let states = filter.states.iter().map(|it| it.as_str());
    if !filter.states.is_empty() && !filter.states.contains(&ResourceState::Ended) {
        query.push_str(" AND state <> 'ENDED'");
    }
    one_of(&mut query, states);
    if filter.pool.is_some() {
        query.push_str(" AND pool = ?1");
    }
    order(&mut query, filter.limit);
    query
}

/// Adds the states, which are words of ours.
fn one_of<'a>(query: &mut String, states: impl Iterator<Item = &'a str>) {
    let states: Vec<String> = states.map(|it| format!("'{it}'")).collect();
    if !states.is_empty() {
        let _ = write!(query, " AND state IN ({})", states.join(", "));
    }
}

fn order(query: &mut String, limit: Option<usize>) {
    query.push_str(" ORDER BY id");
    if let Some(limit) = limit {
        let _ = write!(query, " LIMIT {limit}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_lives_is_found_without_the_history() {
        let sql = Connection::open_in_memory().unwrap();
        sql.execute_batch(include_str!("schema/1.sql")).unwrap();
        let plan = |query: &str| {
            let query = format!("EXPLAIN QUERY PLAN {query}");
            let steps = sql
                .prepare(&query)
                .unwrap()
                .query_map([], |row| row.get::<_, String>(3))
                .unwrap()
                .collect::<Result<Vec<_>>>();
            steps.unwrap().join("; ")
        };
        let living = ticket_query(&TicketFilter::not_closed());
        assert!(
            plan(&living).contains("INDEX tickets_not_closed"),
            "{}",
            plan(&living)
        );
        let living = resource_query(&ResourceFilter::living());
        assert!(
            plan(&living).contains("INDEX resources_living"),
            "{}",
            plan(&living)
        );
        let named = "SELECT id FROM resources WHERE name = 'x' ORDER BY id DESC LIMIT 1";
        assert!(plan(named).contains("INDEX resources_by_name"));
    }
}
