//! `distmill build why`: what builds wait for, or how they ended.

use super::arguments::BuildArguments;
use super::look::{each, print_json};
use super::plan::{Builders, Plan};
use crate::alloc::ticket::Tags;
use crate::build::entry::Build;
use crate::build::state::State;
use crate::build::store::{BuildStore as _, Filter};
use crate::cli::exit::Exit;
use crate::cli::farm::Farm;
use crate::model::Code;
use crate::store::SqliteBuilds;
use crate::ui;
use serde_json::json;

pub(super) fn run(
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
        State::Queued => queued(store, plan, build, &mut out)?,
        State::Waiting => {
            let ticket = trace.ticket.as_deref().unwrap_or("that is being taken");
            let tags = trace.tags.join(", ");
            out.push(format!(
                "it waits since {} for a builder with the tags {tags}: ticket {ticket}",
                build.changed.strftime("%Y-%m-%d %H:%M:%SZ")
            ));
            out.extend(nowhere(plan, &trace.tags));
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
fn nowhere(plan: &Plan, tags: &[String]) -> Option<String> {
    let Builders::Farm(folder) = &plan.builders else {
        return None;
    };
    let farm = Farm::at(folder);
    let (pools, _) = farm.pools(&farm.pool_texts().ok()?).ok()?;
    let wanted = Tags::new(tags);
    let fits = pools.iter().any(|it| it.1.offer().score(&wanted).is_some());
    let (folder, tags) = (folder.display(), tags.join(", "));
    (!fits).then(|| {
        format!("no pool in {folder} has all of these tags: it waits for ever; they are {tags}")
    })
}

fn queued(
    store: &SqliteBuilds,
    plan: &Plan,
    build: &Build,
    out: &mut Vec<String>,
) -> anyhow::Result<()> {
    if let Some(due) = build.due {
        let why = build.trace.message.as_deref().unwrap_or("it is to pause");
        let due = due.strftime("%Y-%m-%d %H:%M:%SZ");
        out.push(format!("it comes back at {due}: {why}"));
    }
    let count = |owner: Option<&str>| -> anyhow::Result<u64> {
        let counts = store.count(&Filter {
            states: Some(vec![State::Queued]),
            owner: owner.map(str::to_owned),
            ..Filter::default()
        })?;
        Ok(counts.values().sum())
    };
    let owner = build.what.project.owner();
    let (queued, own) = (count(None)?, count(Some(owner))?);
    let taken = store.find(&Filter {
        states: Some(vec![State::Waiting, State::Running]),
        ..Filter::default()
    })?;
    out.push(format!(
        "it waits for its turn: {queued} builds are queued, {own} of them of {owner}; {} have a \
         builder or wait for one",
        taken.len()
    ));
    if let Some(target) = plan.settings.target(build) {
        let tags = plan.settings.tags(build, target);
        limits(plan, build, &tags, &taken, out);
        out.extend(nowhere(plan, &tags));
    }
    Ok(())
}

/// Says which limits hold a build back, with these builds that have a ticket.
fn limits(plan: &Plan, build: &Build, tags: &[String], taken: &[Build], out: &mut Vec<String>) {
    let (limits, what) = (&plan.settings.limits, &build.what);
    let architecture = |it: &Build| {
        let target = plan.settings.target(it);
        target.map(|it| it.architecture.clone()).unwrap_or_default()
    };
    let mut check = |name: &str, most: Option<u32>, fits: &dyn Fn(&Build) -> bool| {
        let count = taken.iter().filter(|it| fits(it)).count();
        if let Some(most) = most.filter(|it| count >= *it as usize) {
            out.push(format!(
                "limits.{name} = {most} holds it back: so many have one"
            ));
        }
    };
    let is_owner = |it: &Build| it.what.project.owner() == what.project.owner();
    check("total", limits.total, &|_| true);
    check("owner", limits.owner, &is_owner);
    check("sandbox", limits.sandbox, &|it| {
        is_owner(it) && it.what.sandbox == what.sandbox
    });
    let own = architecture(build);
    let most = limits.architectures.get(&own).copied();
    let name = format!("architectures.{own}");
    check(&name, most, &|it| architecture(it) == own);
    for tag in tags {
        let most = limits.tags.get(tag).copied();
        check(&format!("tags.{tag}"), most, &|it| {
            it.trace.tags.contains(tag)
        });
    }
}
