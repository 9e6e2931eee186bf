//! `distmill build cancel|retry`: moves builds by hand.

use super::arguments::ChangeArguments;
use super::look::filter;
use crate::build::state::State;
use crate::build::store::{BuildStore as _, Filter};
use crate::cli::exit::{Exit, UsageError};
use crate::store::SqliteBuilds;
use crate::ui;
use jiff::Timestamp;
use serde_json::json;

pub(super) fn cancel(
    store: &SqliteBuilds,
    json: bool,
    arguments: &ChangeArguments,
) -> anyhow::Result<Exit> {
    let filter = meant(arguments, "build cancel")?;
    check(store, arguments, State::is_open, "cancelled")?;
    let count = store.cancel(&filter, Timestamp::now())?;
    say(json, "cancelled", count, "builds cancelled");
    Ok(Exit::Success)
}

pub(super) fn retry(
    store: &SqliteBuilds,
    json: bool,
    arguments: &ChangeArguments,
) -> anyhow::Result<Exit> {
    let filter = meant(arguments, "build retry")?;
    check(store, arguments, State::may_retry, "put back")?;
    let count = store.retry(&filter, Timestamp::now())?;
    say(json, "queued", count, "builds put back");
    Ok(Exit::Success)
}

fn say(json: bool, key: &str, count: u64, text: &str) {
    match json {
        true => ui::print(&format!("{}\n", json!({key: count}))),
        false => ui::print(&format!("{count} {text}\n")),
    }
}

/// The builds that are meant. Nothing said is a mistake: nobody means all builds by that.
fn meant(arguments: &ChangeArguments, command: &'static str) -> anyhow::Result<Filter> {
    let ChangeArguments {
        builds,
        filter: said,
        all,
    } = arguments;
    if builds.is_empty() && *said == super::arguments::FilterArguments::default() && !all {
        let text =
            "say which builds: their numbers, an option such as --code or --target, or --all";
        return Err(UsageError(command, vec![text.to_owned()]).into());
    }
    let mut filter = filter(said, command)?;
    filter.builds = (!builds.is_empty()).then(|| builds.clone());
    Ok(filter)
}

/// Builds that are named must be there, and in a state that allows it.
fn check(
    store: &SqliteBuilds,
    arguments: &ChangeArguments,
    may: impl Fn(State) -> bool,
    what: &str,
) -> anyhow::Result<()> {
    let mut wrong = Vec::new();
    super::look::each(&arguments.builds, |id| {
        let state = store.build(id)?.map(|it| it.state());
        let refused = state.filter(|it| !may(*it));
        wrong.extend(refused.map(|it| format!("build {id} is {it}")));
        Ok(state.is_some())
    })?;
    match wrong.is_empty() {
        true => Ok(()),
        false => anyhow::bail!("{} and cannot be {what}", wrong.join(", ")),
    }
}
