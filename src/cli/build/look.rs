//! `distmill build list|show|stats`: looks, and changes nothing.

use super::arguments::{BuildArguments, FilterArguments, ListArguments};
use crate::build::entry::BuildId;
use crate::build::store::{BuildStore as _, Filter};
use crate::cli::exit::{Exit, UsageError};
use crate::model::Project;
use crate::store::SqliteBuilds;
use crate::ui;
use serde::Serialize;
use serde_json::json;

/// Builds in a table for people, unless they ask for more.
const ROWS: u64 = 50;

/// Builds that are read at once where all are asked for.
const PAGE: u64 = 1000;

/// Checks what was said about builds.
pub(super) fn filter(arguments: &FilterArguments, command: &'static str) -> anyhow::Result<Filter> {
    let project = arguments.project.as_deref().map(Project::parse).transpose();
    let project = project.map_err(|error| UsageError(command, vec![error.to_string()]))?;
    let states = &arguments.states;
    Ok(Filter {
        states: (!states.is_empty()).then(|| states.clone()),
        code: arguments.code.clone(),
        project,
        owner: arguments.owner.clone(),
        package: arguments.package.clone(),
        target: arguments.target.clone(),
        run: arguments.run.clone(),
        ..Filter::default()
    })
}

pub(super) fn list(
    store: &SqliteBuilds,
    json: bool,
    arguments: &ListArguments,
) -> anyhow::Result<Exit> {
    let mut filter = filter(&arguments.filter, "build list")?;
    filter.after = arguments.after;
    if !json {
        let rows = arguments.limit.unwrap_or(ROWS);
        filter.limit = Some(rows.saturating_add(1));
        let mut builds = store.find(&filter)?;
        let is_more = builds.len() as u64 > rows;
        builds.truncate(usize::try_from(rows).unwrap_or(usize::MAX));
        ui::print(&ui::builds_table(&builds));
        if let (true, Some(last)) = (is_more, builds.last()) {
            let after = last.id;
            ui::print(&format!(
                "\nthere are more: --after {after} goes on, --limit N shows more at once\n"
            ));
        }
        return Ok(Exit::Success);
    }
    let mut left = arguments.limit.unwrap_or(u64::MAX);
    loop {
        filter.limit = Some(PAGE.min(left));
        let builds = store.find(&filter)?;
        let Some(last) = builds.last() else {
            return Ok(Exit::Success);
        };
        filter.after = Some(last.id);
        left -= builds.len() as u64;
        builds.iter().for_each(print_json);
        if ui::is_closed() {
            return Ok(Exit::Success);
        }
    }
}

pub(super) fn show(
    store: &SqliteBuilds,
    json: bool,
    arguments: &BuildArguments,
) -> anyhow::Result<Exit> {
    each(&arguments.builds, |id| {
        let Some(build) = store.build(id)? else {
            return Ok(false);
        };
        match json {
            true => print_json(&build),
            false => ui::print(&format!("{}\n", ui::build_details(&build))),
        }
        Ok(true)
    })
}

pub(super) fn stats(
    store: &SqliteBuilds,
    json: bool,
    arguments: &FilterArguments,
) -> anyhow::Result<Exit> {
    let counts = store.count(&filter(arguments, "build stats")?)?;
    if !json {
        ui::print(&ui::counts_of_builds(&counts));
        return Ok(Exit::Success);
    }
    for ((state, code), count) in counts {
        print_json(&json!({"state": state, "code": code, "builds": count}));
    }
    Ok(Exit::Success)
}

/// Does something with each build; says of which there is none.
pub(super) fn each(
    builds: &[BuildId],
    mut look: impl FnMut(BuildId) -> anyhow::Result<bool>,
) -> anyhow::Result<Exit> {
    let mut missing = Vec::new();
    for id in builds {
        if !look(*id)? {
            missing.push(id.to_string());
        }
    }
    match missing.is_empty() {
        true => Ok(Exit::Success),
        false => anyhow::bail!(
            "there is no build {}: distmill build list shows their numbers",
            missing.join(", ")
        ),
    }
}

pub(super) fn print_json(value: &impl Serialize) {
    let text = serde_json::to_string(value).expect("values of builds have keys that JSON has");
    ui::print(&format!("{text}\n"));
}
