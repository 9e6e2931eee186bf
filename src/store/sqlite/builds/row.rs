//! Between rows and builds.

use super::super::column::{damaged, json, number, time};
use crate::build::entry::{Build, NewBuild};
use crate::build::state::State;
use crate::model::Project;
use rusqlite::{Error, Result, Row};

/// The columns of a build, in the order in which [`build`] takes them.
pub(super) const BUILD: &str = "id, owner, project, package, evr, commit_id, srpm, target, sandbox, \
    priority, background, run, state, code, unwanted, added, changed, due, trace";

/// A build of a row of [`BUILD`].
pub(super) fn build(row: &Row<'_>) -> Result<Build> {
    let (owner, project): (String, String) = (row.get(1)?, row.get(2)?);
    let srpm: String = row.get(6)?;
    let what = NewBuild {
        project: Project::new(&owner, &project).map_err(damaged(2))?,
        package: row.get(3)?,
        evr: row.get(4)?,
        commit: row.get(5)?,
        srpm: srpm.into(),
        target: row.get(7)?,
        sandbox: row.get(8)?,
        priority: row.get(9)?,
        background: row.get(10)?,
        run: row.get(11)?,
    };
    let due: Option<i64> = row.get(17)?;
    let mut build = Build::new(number(row, 0)?, what, time(row.get(15)?, 15)?);
    build.code = row.get(13)?;
    build.is_unwanted = row.get(14)?;
    build.changed = time(row.get(16)?, 16)?;
    build.due = due.map(|it| time(it, 17)).transpose()?;
    build.trace = json(row, 18)?;
    Ok(build.restored(state(row, 12)?))
}

pub(super) fn state(row: &Row<'_>, at: usize) -> Result<State> {
    let number: u8 = row.get(at)?;
    State::of_number(number).ok_or(Error::IntegralValueOutOfRange(at, number.into()))
}
