//! One run of the importer.

use super::arguments::Arguments;
use super::plan::destination;
use crate::cli::build::{Builds, Item, item_of};
use crate::cli::exit::{Exit, UsageError};
use crate::cli::jobs::{plan, work_through};
use crate::cli::logging;
use crate::config::Storage;
use crate::import::root::{Places, Root};
use crate::model::Project;
use crate::sync::{Disks, hold, unlocked};
use crate::ui;
use anyhow::Context as _;
use std::sync::Mutex;

pub(in crate::cli) fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let storage = arguments.storage.storage(Some(&arguments.cgit));
    let mut mistakes = Vec::new();
    let to = destination(&arguments, &mut mistakes);
    let builds = builds(&arguments, &storage, &mut mistakes);
    let plan = plan(&arguments.sources, arguments.jobs, to, mistakes);
    let plan = plan.map_err(|all| UsageError("import", all))?;
    let places = Places::find(&storage)?;
    let root = Root::open_at(places)?;
    logging::start(&root.logs(), "import")?;
    let Some(mut builds) = builds else {
        return work_through(plan, root, &|_| ());
    };
    builds.open()?;
    let disks = Disks::of(root.with_incoming())?;
    let project = Project::parse(&arguments.project)?;
    let items: Mutex<Vec<Item>> = Mutex::default();
    let exit = work_through(plan, root, &|outcome| {
        let mut items = hold(&items);
        items.extend(item_of(&project, outcome));
    })?;
    let items = unlocked(items);
    disks
        .flush()
        .context("what was imported could not be flushed to the disk: nothing is built")?;
    builds.queue(&items)?;
    let new = builds.counts().new;
    ui::notice(&format!(
        "{new} builds queued: distmill build run builds them"
    ));
    Ok(exit)
}

/// How what is imported is built, if it is to be.
fn builds(arguments: &Arguments, storage: &Storage, mistakes: &mut Vec<String>) -> Option<Builds> {
    if !arguments.build {
        if arguments.targets.is_said() {
            let text = "--target and --build-again say how to build: give --build as well";
            mistakes.push(text.to_owned());
        }
        return None;
    }
    Builds::check(
        &storage.root,
        storage.git.as_deref(),
        &arguments.targets,
        &arguments.project,
        None,
        mistakes,
    )
}
