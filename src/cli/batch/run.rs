//! One call of `distmill batch`.

use super::arguments::{Arguments, BatchArguments};
use super::begin::begin;
use super::plan::{Origin, Plan, plan};
use super::predict::predict;
use super::select::entries;
use crate::cli::build::{Builds, Item, TargetsArguments, item_of_job};
use crate::cli::exit::{Exit, UsageError};
use crate::cli::jobs::Entry;
use crate::cli::{logging, worker};
use crate::import::pipeline::Importer;
use crate::import::queue::{Filter, JobQueue as _, State};
use crate::import::root::{Places, Root};
use crate::net::Client;
use crate::store::SqliteQueue;
use crate::sync::StopToken;
use crate::ui;
use anyhow::Context as _;

/// Jobs that are read at once.
const PAGE: u64 = 1000;

pub(in crate::cli) fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let builds = arguments.rebuild.then_some((arguments.targets, false));
    work_through(arguments.batch, builds, "batch")
}

/// Works a batch through. What is imported is built for these targets, by this process or by others.
pub(in crate::cli) fn work_through(
    arguments: BatchArguments,
    builds: Option<(TargetsArguments, bool)>,
    command: &'static str,
) -> anyhow::Result<Exit> {
    let is_dry = arguments.dry_run;
    let plan = plan(arguments, builds).map_err(|all| UsageError(command, all))?;
    if is_dry {
        let nowhere = tempfile::tempdir().context("cannot make a temporary folder")?;
        let root = Root::open_folder(nowhere.path())?;
        return with_entries(plan, root, |plan, entries, importer, stop| {
            predict(&plan, entries, importer, stop)
        });
    }
    let root = Root::open_at(Places::find(&plan.storage)?)?;
    logging::start(&root.logs(), command)?;
    with_entries(plan, root.clone(), |plan, entries, _, _| {
        work(plan, &entries, root)
    })
}

/// Finds the sources out, and does something with them.
fn with_entries(
    mut plan: Plan,
    root: Root,
    then: impl FnOnce(Plan, Vec<Entry>, &Importer, &StopToken) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    let stop = StopToken::default();
    let client = Client::new(plan.work.net.clone(), stop.clone());
    let importer = Importer::new(plan.work.import.clone(), root, client, stop.clone());
    let origin = std::mem::replace(&mut plan.origin, Origin::Entries(Vec::new()));
    let all = match origin {
        Origin::Entries(entries) => entries,
        Origin::Registry(ecosystem) => entries(ecosystem, importer.names(ecosystem)?),
    };
    let entries = plan.selection.apply(all);
    then(plan, entries, &importer, &stop)
}

/// Queues the builds of what the run imported before: a process that died may not have come to it.
fn catch_up(queue: &SqliteQueue, run: &str, builds: &Builds) -> anyhow::Result<()> {
    let mut filter = Filter {
        run: queue.find_run(Some(run))?.map(|it| it.id),
        states: Some(vec![State::Done]),
        limit: Some(PAGE),
        ..Filter::default()
    };
    loop {
        let jobs = queue.history(&filter)?;
        let Some(last) = jobs.last() else {
            return Ok(());
        };
        filter.after = Some(last.id);
        let items: Vec<Item> = jobs.iter().filter_map(item_of_job).collect();
        builds.queue(&items)?;
    }
}

fn work(plan: Plan, entries: &[Entry], root: Root) -> anyhow::Result<Exit> {
    let mut queue = SqliteQueue::open(&root.queue())?;
    let begun = begin(&queue, &plan, entries)?;
    if !plan.quiet {
        let name = &plan.name;
        ui::notice(&format!(
            "run {name}: {} jobs, {} of them new; distmill report {name} shows what came of them",
            begun.jobs, begun.new
        ));
    }
    let mut builds = plan.builds;
    if let Some(builds) = &mut builds {
        builds.open()?;
        catch_up(&queue, &plan.name, builds)?;
    }
    let exit = worker::work(plan.work, plan.quiet, root, &mut queue, builds.as_ref())?;
    Ok(match (exit, begun.refused) {
        (Exit::Success, 1..) => Exit::Failure,
        (exit, _) => exit,
    })
}
