//! Builds that are asked for.

use super::super::column::number;
use super::row::{self, BUILD};
use crate::build::entry::{Build, BuildId};
use crate::build::store::{Counts, Filter, TicketName};
use crate::model::Project;
use rusqlite::types::Value;
use rusqlite::{Connection, OptionalExtension as _, Result, Row, params_from_iter};
use std::fmt::Write as _;

/// The condition that a filter is, and its values.
fn condition(filter: &Filter) -> (String, Vec<Value>) {
    let mut text = "1".to_owned();
    let mut values: Vec<Value> = Vec::new();
    let mut any_of = |column: &str, all: Vec<Value>| {
        let marks = vec!["?"; all.len()].join(", ");
        let _ = write!(text, " AND {column} IN ({marks})");
        values.extend(all);
    };
    if let Some(ids) = &filter.builds {
        any_of("id", ids.iter().map(|it| it.cast_signed().into()).collect());
    }
    if let Some(states) = &filter.states {
        let numbers = states.iter().map(|it| i64::from(it.number()).into());
        any_of("state", numbers.collect());
    }
    let project = filter.project.as_ref();
    for (column, wanted) in [
        ("owner", project.map(Project::owner)),
        ("project", project.map(Project::name)),
        ("owner", filter.owner.as_deref()),
        ("code", filter.code.as_deref()),
        ("package", filter.package.as_deref()),
        ("target", filter.target.as_deref()),
    ] {
        if let Some(wanted) = wanted {
            any_of(column, vec![wanted.to_owned().into()]);
        }
    }
    if let Some(run) = &filter.run {
        text.push_str(" AND id IN (SELECT build FROM runs WHERE run = ?)");
        values.push(run.clone().into());
    }
    if let Some(after) = filter.after {
        let _ = write!(text, " AND id > {after}");
    }
    let open = |states: &Vec<_>| {
        states
            .iter()
            .all(|it: &crate::build::state::State| it.is_open())
    };
    if filter.states.as_ref().is_some_and(open) {
        // Says what the index says, so that it is used.
        text.push_str(" AND state < 3");
    }
    (text, values)
}

pub(super) fn find(sql: &Connection, filter: &Filter) -> Result<Vec<Build>> {
    let (text, values) = condition(filter);
    let limit = filter
        .limit
        .map_or(-1, |it| i64::try_from(it).unwrap_or(-1));
    sql.prepare_cached(&format!(
        "SELECT {BUILD} FROM builds WHERE {text} ORDER BY id LIMIT {limit}"
    ))?
    .query_map(params_from_iter(values), row::build)?
    .collect()
}

pub(super) fn build(sql: &Connection, id: BuildId) -> Result<Option<Build>> {
    sql.prepare_cached(&format!("SELECT {BUILD} FROM builds WHERE id = ?1"))?
        .query_one([id.cast_signed()], row::build)
        .optional()
}

pub(super) fn changed(sql: &Connection, after: u64, limit: usize) -> Result<Vec<(u64, Build)>> {
    let limit = i64::try_from(limit).unwrap_or(i64::MAX);
    sql.prepare_cached(&format!(
        "SELECT {BUILD}, touch FROM builds WHERE touch > ?1 ORDER BY touch LIMIT ?2"
    ))?
    .query_map([after.cast_signed(), limit], |it| {
        Ok((number(it, 19)?, row::build(it)?))
    })?
    .collect()
}

pub(super) fn last_change(sql: &Connection) -> Result<u64> {
    sql.prepare_cached("SELECT value FROM numbers WHERE name = 'touch'")?
        .query_one([], |it| number(it, 0))
}

pub(super) fn count(sql: &Connection, filter: &Filter) -> Result<Counts> {
    let (text, values) = condition(filter);
    sql.prepare(&format!(
        "SELECT state, code, count(*) FROM builds WHERE {text} GROUP BY state, code"
    ))?
    .query_map(params_from_iter(values), |it| {
        Ok(((row::state(it, 0)?, it.get(1)?), number(it, 2)?))
    })?
    .collect()
}

pub(super) fn tickets(sql: &Connection) -> Result<Vec<(TicketName, BuildId)>> {
    let ticket = |row: &Row<'_>| {
        let (giver, ticket) = (row.get(0)?, row.get(1)?);
        Ok((TicketName { giver, ticket }, number(row, 2)?))
    };
    sql.prepare("SELECT giver, ticket, build FROM tickets ORDER BY build, giver, ticket")?
        .query_map([], ticket)?
        .collect()
}
