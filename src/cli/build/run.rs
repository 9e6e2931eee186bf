//! From the subcommand to the builds.

use super::arguments::{Arguments, Command, RunArguments};
use super::plan::{Plan, plan};
use super::work::{Ready, Work, dispatch};
use super::{add, change, log, look, tags, why};
use crate::build::state::State;
use crate::build::store::{BuildStore as _, Filter};
use crate::cli::exit::{Exit, UsageError};
use crate::cli::jobs::format_of;
use crate::cli::{logging, signals};
use crate::import::root::{Root, builds_of};
use crate::store::SqliteBuilds;
use crate::sync::StopToken;
use crate::ui::Display;
use anyhow::Context as _;
use std::num::NonZeroU32;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

pub(in crate::cli) fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let Arguments {
        root,
        json,
        plan: said,
        command,
    } = arguments;
    let mut mistakes = Vec::new();
    let plan = plan(&root, None, &said, &mut mistakes);
    let plan = plan.ok_or(UsageError("build", mistakes))?;
    // A dispatcher says them itself.
    if !matches!(command, Command::Run(_)) {
        plan.warnings
            .iter()
            .for_each(|it| crate::ui::notice(&format!("warning: {it}")));
    }
    let store = || open_present(&root);
    match command {
        Command::Add(arguments) => add::run(&root, &plan, json, &arguments),
        Command::Run(arguments) => run_builds(&root, plan, json, &arguments),
        Command::List(arguments) => look::list(&store()?, json, &arguments),
        Command::Show(arguments) => look::show(&store()?, json, &arguments),
        Command::Log(arguments) => log::run(&store()?, &plan, &arguments),
        Command::Why(arguments) => why::run(&store()?, &plan, json, &arguments),
        Command::Tags(arguments) => tags::run(&plan, json, &arguments),
        Command::Cancel(arguments) => change::cancel(&store()?, json, &arguments),
        Command::Retry(arguments) => change::retry(&store()?, json, &arguments),
        Command::Stats(arguments) => look::stats(&store()?, json, &arguments),
    }
}

/// The builds of a root.
pub(in crate::cli) fn open(root: &Path) -> anyhow::Result<SqliteBuilds> {
    Ok(SqliteBuilds::open(&builds_of(root))?)
}

/// The builds of a root, for who dispatches them.
pub(in crate::cli) fn listening(root: &Path) -> anyhow::Result<SqliteBuilds> {
    let mut store = open(root)?;
    if let Err(error) = store.listen() {
        // Without a watch it looks by itself now and then.
        tracing::warn!(%error, "builds that others add are found late");
    }
    Ok(store)
}

/// The builds of a root that has some: who only looks makes none.
pub(in crate::cli) fn open_present(root: &Path) -> anyhow::Result<SqliteBuilds> {
    let folder = builds_of(root);
    std::fs::metadata(SqliteBuilds::file(&folder)).with_context(|| {
        let root = root.display();
        format!("there are no builds under {root}: add some with distmill build add")
    })?;
    Ok(SqliteBuilds::open(&folder)?)
}

fn run_builds(
    root: &Path,
    mut plan: Plan,
    json: bool,
    arguments: &RunArguments,
) -> anyhow::Result<Exit> {
    plan.settings.follow = arguments.follow;
    if let Some(total) = arguments.max_total {
        plan.settings.limits.total = Some(NonZeroU32::get(total));
    }
    let opened = Root::open(root)?;
    logging::start(&opened.logs(), "build")?;
    let store = listening(root)?;
    let stop = StopToken::default();
    let open = Filter {
        states: Some(State::ALL.into_iter().filter(|it| it.is_open()).collect()),
        ..Filter::default()
    };
    let total = store.count(&open)?.values().sum();
    let display = Display::new(total, format_of(json), arguments.quiet, stop.clone());
    let display = Arc::new(display.of_builds());
    let say = Arc::clone(&display);
    let signals = signals::listen(stop.clone(), Arc::new(move |text| say.notice(text)))
        .context("cannot listen for signals")?;
    let ready = Ready::open(root, &plan, &store)?;
    let ready = ready.context("another process dispatches the builds of this root already")?;
    let work = Work {
        plan: &plan,
        stop: &stop,
        show: &|sight| display.see(&sight),
        more: &AtomicBool::new(false),
    };
    let result = dispatch(&work, &store, ready);
    drop(signals);
    let unread = display.is_unread();
    let counts = display.builds();
    let display = Arc::into_inner(display).expect("the threads that showed something have ended");
    let _ = display.finish(0);
    result?;
    Ok(match counts.all() - counts.count(State::Finished) {
        _ if unread => Exit::Success,
        _ if stop.is_draining() && !plan.settings.follow => Exit::Interrupted,
        _ if plan.settings.follow => Exit::Success,
        0 => Exit::Success,
        _ => Exit::Failure,
    })
}
