//! `distmill build list|show|log|why|stats`: looks, and changes nothing.

use super::arguments::{BuildArguments, FilterArguments, ListArguments, LogArguments};
use super::plan::{Builders, Plan};
use crate::alloc::ticket::Tags;
use crate::build::entry::{Build, BuildId};
use crate::build::state::State;
use crate::build::store::{BuildStore as _, Filter};
use crate::cli::exit::{Exit, UsageError};
use crate::cli::farm::Farm;
use crate::model::{Code, Project};
use crate::store::SqliteBuilds;
use crate::ui;
use anyhow::Context as _;
use serde::Serialize;
use serde_json::json;
use std::fs::File;
use std::io::{self, Read as _};
use std::time::Duration;

/// Builds in a table for people, unless they ask for more.
const ROWS: u64 = 50;

/// Builds that are read at once where all are asked for.
const PAGE: u64 = 1000;

/// How often a log that is followed is looked at.
const STEP: Duration = Duration::from_millis(200);

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

/// Prints the log as it is; with `--follow` what comes until the build has ended.
pub(super) fn log(
    store: &SqliteBuilds,
    plan: &Plan,
    arguments: &LogArguments,
) -> anyhow::Result<Exit> {
    let id = arguments.build;
    let find = || -> anyhow::Result<Build> {
        let build = store.build(id)?;
        build.with_context(|| format!("there is no build {id}: distmill build list shows them"))
    };
    let mut build = find()?;
    let mut file: Option<File> = None;
    loop {
        // What is written before the build ends is read after its end was seen.
        let is_open = build.state().is_open();
        if file.is_none() {
            file = open_log(plan, &build)?;
        }
        if let Some(file) = &mut file {
            io::copy(file, &mut io::stdout().lock()).or_else(closed)?;
        }
        if !is_open || !arguments.follow {
            let missing = || format!("build {id} is {} and has no log yet", build.state());
            file.with_context(missing)?;
            return Ok(Exit::Success);
        }
        std::thread::sleep(STEP);
        build = find()?;
    }
}

/// A reader that went away has seen enough.
fn closed(error: io::Error) -> io::Result<u64> {
    match error.kind() {
        io::ErrorKind::BrokenPipe => Ok(0),
        _ => Err(error),
    }
}

fn open_log(plan: &Plan, build: &Build) -> anyhow::Result<Option<File>> {
    let path = plan.results.log(build);
    match File::open(&path) {
        Ok(mut file) => {
            // Nothing is read here; it only tells a folder from a file.
            file.read_exact(&mut []).context("cannot read the log")?;
            Ok(Some(file))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}

pub(super) fn why(
    store: &SqliteBuilds,
    plan: &Plan,
    json: bool,
    arguments: &BuildArguments,
) -> anyhow::Result<Exit> {
    each(&arguments.builds, |id| {
        let Some(build) = store.build(id)? else {
            return Ok(false);
        };
        let reasons = reasons(store, plan, &build)?;
        let state = build.state();
        if json {
            print_json(&json!({"build": id, "state": state, "reasons": reasons}));
            return Ok(true);
        }
        let package = ui::printable(&build.what.package);
        ui::print(&format!("build {id} {package} is {state}\n"));
        for reason in reasons {
            ui::print(&format!("  {}\n", ui::printable(&reason)));
        }
        Ok(true)
    })
}

/// What a build waits for, or how it ended, in sentences.
fn reasons(store: &SqliteBuilds, plan: &Plan, build: &Build) -> anyhow::Result<Vec<String>> {
    let mut out = Vec::new();
    let trace = &build.trace;
    let state = build.state();
    if state.is_open() && store.lock()?.is_some() {
        out.push("nobody dispatches builds: start distmill build run".to_owned());
    }
    if build.is_unwanted && state.is_open() {
        out.push("it is being cancelled".to_owned());
    }
    match state {
        State::Queued => queued(store, build, &mut out)?,
        State::Waiting => {
            let ticket = trace.ticket.as_deref().unwrap_or("that is being taken");
            let tags = trace.tags.join(", ");
            out.push(format!(
                "it waits since {} for a builder with the tags {tags}: ticket {ticket}",
                build.changed.strftime("%Y-%m-%d %H:%M:%SZ")
            ));
            out.extend(nowhere(plan, build));
        }
        State::Running => {
            let builder = trace.builder.as_deref().unwrap_or("?");
            let since = build.changed.strftime("%Y-%m-%d %H:%M:%SZ");
            out.push(format!("builder {builder} has had it since {since}"));
        }
        State::Finished => out.push("it was built".to_owned()),
        State::Failed | State::Cancelled | State::SetAside => {
            let code = build.code.as_deref().unwrap_or_default();
            let message = trace.message.as_deref().unwrap_or_default();
            out.push(format!("{code}: {message}"));
            if let Some(code) = Code::named(code) {
                out.push(format!("hint: {}", code.hint()));
            }
            out.push(format!(
                "put it back with distmill build retry {}",
                build.id
            ));
        }
    }
    if !trace.lost.is_empty() {
        out.push(format!("builders that it lost: {}", trace.lost.join(", ")));
    }
    if !plan.settings.targets.contains_key(&build.what.target) {
        let target = &build.what.target;
        out.push(format!("the configuration has no target {target}"));
    }
    Ok(out)
}

/// Said of a build for which no pool of our own has all the tags.
fn nowhere(plan: &Plan, build: &Build) -> Option<String> {
    let Builders::Farm(folder) = &plan.builders else {
        return None;
    };
    let farm = Farm::at(folder);
    let (pools, _) = farm.pools(&farm.pool_texts().ok()?).ok()?;
    let wanted = Tags::new(&build.trace.tags);
    let fits = pools.iter().any(|it| it.1.offer().score(&wanted).is_some());
    let folder = folder.display();
    (!fits).then(|| format!("no pool in {folder} has all of these tags: it waits for ever"))
}

fn queued(store: &SqliteBuilds, build: &Build, out: &mut Vec<String>) -> anyhow::Result<()> {
    if let Some(due) = build.due {
        let why = build.trace.message.as_deref().unwrap_or("it is to pause");
        let due = due.strftime("%Y-%m-%d %H:%M:%SZ");
        out.push(format!("it comes back at {due}: {why}"));
    }
    let before = store.count(&Filter {
        states: Some(vec![State::Queued]),
        ..Filter::default()
    })?;
    let taken = store.count(&Filter {
        states: Some(vec![State::Waiting, State::Running]),
        ..Filter::default()
    })?;
    let (queued, taken): (u64, u64) = (before.values().sum(), taken.values().sum());
    out.push(format!(
        "it waits for its turn: {queued} builds are queued, {taken} have a builder or wait for one"
    ));
    Ok(())
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

fn print_json(value: &impl Serialize) {
    let text = serde_json::to_string(value).expect("values of builds have keys that JSON has");
    ui::print(&format!("{text}\n"));
}
