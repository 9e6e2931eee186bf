//! Builds that are added and moved.

use super::super::column::to_json;
use super::read::{find, last_change};
use super::row;
use crate::build::entry::{Build, BuildId, NewBuild, Trace};
use crate::build::state::State;
use crate::build::store::{Added, Filter, Move, TicketChange};
use crate::model::Project;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension as _, Result, params};

/// The number of a change that begins now.
fn touch(sql: &Connection) -> Result<i64> {
    let next = last_change(sql)?.cast_signed() + 1;
    sql.prepare_cached("UPDATE numbers SET value = ?1 WHERE name = 'touch'")?
        .execute([next])?;
    Ok(next)
}

pub(super) fn add(
    sql: &Connection,
    builds: &[NewBuild],
    again: bool,
    now: Timestamp,
) -> Result<Vec<Added>> {
    builds
        .iter()
        .map(|it| add_one(sql, it, again, now))
        .collect()
}

fn add_one(sql: &Connection, new: &NewBuild, again: bool, now: Timestamp) -> Result<Added> {
    let key = new.key();
    let known = sql
        .prepare_cached("SELECT id, state FROM builds WHERE key = ?1")?
        .query_one([&key], |it| {
            Ok((it.get::<_, i64>(0)?.unsigned_abs(), row::state(it, 1)?))
        })
        .optional()?;
    if let Some((id, state)) = known {
        let is_its = |run: &String| -> Result<bool> {
            sql.prepare_cached("SELECT 1 FROM runs WHERE run = ?1 AND build = ?2")?
                .exists(params![run, id.cast_signed()])
        };
        let is_its = new.run.as_ref().map_or(Ok(false), is_its)?;
        if !again || state.is_open() || is_its {
            count_to(sql, new, id)?;
            return Ok(Added::Known(id, state));
        }
        // The last of its like has the key.
        sql.prepare_cached("UPDATE builds SET key = NULL WHERE id = ?1")?
            .execute([id.cast_signed()])?;
    }
    let trace = to_json(&Trace::default())?;
    let now = now.as_millisecond();
    sql.prepare_cached(
        "INSERT INTO builds (key, owner, project, package, evr, commit_id, srpm, target, sandbox,
             priority, background, run, state, unwanted, added, changed, trace, touch)
         VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, 0, 0, ?13, ?13, ?14, ?15)",
    )?
    .execute(params![
        key,
        new.project.owner(),
        new.project.name(),
        new.package,
        new.evr,
        new.commit,
        new.srpm.to_string_lossy(),
        new.target,
        new.sandbox,
        new.priority,
        new.background,
        new.run,
        now,
        trace,
        touch(sql)?
    ])?;
    let id = sql.last_insert_rowid().unsigned_abs();
    count_to(sql, new, id)?;
    Ok(Added::New(id))
}

/// A build belongs to the run from now on.
fn count_to(sql: &Connection, new: &NewBuild, id: BuildId) -> Result<()> {
    if let Some(run) = &new.run {
        sql.prepare_cached("INSERT OR IGNORE INTO runs VALUES (?1, ?2)")?
            .execute(params![run, id.cast_signed()])?;
    }
    Ok(())
}

pub(super) fn write(
    sql: &Connection,
    moves: &[Move],
    tickets: &[TicketChange],
) -> Result<Vec<BuildId>> {
    let mut lost = Vec::new();
    for it in moves {
        if !set(sql, &it.build, it.from)? {
            lost.push(it.build.id);
        }
    }
    let mut take = sql.prepare_cached("INSERT OR REPLACE INTO tickets VALUES (?1, ?2, ?3)")?;
    let mut close = sql.prepare_cached("DELETE FROM tickets WHERE giver = ?1 AND ticket = ?2")?;
    for it in tickets {
        match it {
            TicketChange::Taken(name, build) => {
                take.execute(params![name.giver, name.ticket, build.cast_signed()])?;
            }
            TicketChange::Closed(name) => {
                close.execute([&name.giver, &name.ticket])?;
            }
        }
    }
    Ok(lost)
}

/// Writes where a build stands, if it is still where it was. Whether somebody wants it is never
/// taken back.
fn set(sql: &Connection, build: &Build, from: State) -> Result<bool> {
    let count = sql
        .prepare_cached(
            "UPDATE builds SET state = ?3, code = ?4, unwanted = max(unwanted, ?5), changed = ?6,
                 due = ?7, trace = ?8
             WHERE id = ?1 AND state = ?2",
        )?
        .execute(params![
            build.id.cast_signed(),
            from.number(),
            build.state().number(),
            build.code,
            build.is_unwanted,
            build.changed.as_millisecond(),
            build.due.map(Timestamp::as_millisecond),
            to_json(&build.trace)?
        ])?;
    Ok(count > 0)
}

/// The builds that a filter means and that may be changed so; no others are read.
fn meant(sql: &Connection, filter: &Filter, may: fn(State) -> bool) -> Result<Vec<Build>> {
    let said = filter.states.as_deref().unwrap_or(&State::ALL);
    let states = said.iter().copied().filter(|it| may(*it)).collect();
    find(
        sql,
        &Filter {
            states: Some(states),
            ..filter.clone()
        },
    )
}

pub(super) fn cancel(sql: &Connection, filter: &Filter, now: Timestamp) -> Result<u64> {
    let builds = meant(sql, filter, State::is_open)?;
    for it in &builds {
        let mut build = it.clone();
        build.is_unwanted = true;
        if it.state() == State::Queued {
            let moved = build.cancel(now);
            moved.expect("a queued build can be cancelled");
        }
        change(sql, &build, it.state())?;
    }
    Ok(builds.len() as u64)
}

pub(super) fn retry(sql: &Connection, filter: &Filter, now: Timestamp) -> Result<u64> {
    let builds = meant(sql, filter, State::may_retry)?;
    for it in &builds {
        let mut build = it.clone();
        build.retry(now).expect("its state allows it");
        sql.prepare_cached("UPDATE builds SET unwanted = 0 WHERE id = ?1")?
            .execute([it.id.cast_signed()])?;
        change(sql, &build, it.state())?;
    }
    Ok(builds.len() as u64)
}

/// A change that the dispatcher is to see.
fn change(sql: &Connection, build: &Build, from: State) -> Result<()> {
    set(sql, build, from)?;
    sql.prepare_cached("UPDATE builds SET touch = ?2 WHERE id = ?1")?
        .execute([build.id.cast_signed(), touch(sql)?])
        .map(|_| ())
}

pub(super) fn remove(sql: &Connection, project: &Project) -> Result<Vec<BuildId>> {
    let ids: Vec<i64> = sql
        .prepare("DELETE FROM builds WHERE owner = ?1 AND project = ?2 RETURNING id")?
        .query_map([project.owner(), project.name()], |it| it.get(0))?
        .collect::<Result<_>>()?;
    let mut of_runs = sql.prepare("DELETE FROM runs WHERE build = ?1")?;
    for id in &ids {
        of_runs.execute([id])?;
    }
    Ok(ids.into_iter().map(i64::unsigned_abs).collect())
}
