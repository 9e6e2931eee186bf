//! One call of `distmill batch`.

use super::arguments::Arguments;
use super::begin::begin;
use super::plan::{Origin, Plan, plan};
use super::predict::predict;
use super::select::entries;
use crate::cli::exit::{Exit, UsageError};
use crate::cli::jobs::Entry;
use crate::cli::{logging, worker};
use crate::import::pipeline::Importer;
use crate::import::root::{Places, Root};
use crate::net::Client;
use crate::store::SqliteQueue;
use crate::sync::StopToken;
use crate::ui;
use anyhow::Context as _;

pub(in crate::cli) fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let is_dry = arguments.dry_run;
    let plan = plan(arguments).map_err(|all| UsageError("batch", all))?;
    if is_dry {
        let nowhere = tempfile::tempdir().context("cannot make a temporary folder")?;
        let root = Root::open_folder(nowhere.path())?;
        let client = plan.work.client_without_cache();
        return with_entries(plan, root, &client, |plan, entries, importer, stop| {
            predict(&plan, entries, importer, stop)
        });
    }
    let root = Root::open_at(Places::find(&plan.storage)?)?;
    logging::start(&root.logs(), "batch")?;
    let client = plan.work.client(&root);
    with_entries(plan, root.clone(), &client, |plan, entries, _, _| {
        work(plan, &entries, root, &client)
    })
}

/// Finds the sources out, and does something with them.
fn with_entries(
    mut plan: Plan,
    root: Root,
    client: &Client,
    then: impl FnOnce(Plan, Vec<Entry>, &Importer, &StopToken) -> anyhow::Result<Exit>,
) -> anyhow::Result<Exit> {
    let stop = StopToken::default();
    let client = client.with_stop(stop.clone());
    let importer = Importer::new(plan.work.import.clone(), root, client, stop.clone());
    let origin = std::mem::replace(&mut plan.origin, Origin::Entries(Vec::new()));
    let all = match origin {
        Origin::Entries(entries) => entries,
        Origin::Registry(ecosystem) => entries(ecosystem, importer.names(ecosystem)?),
    };
    let entries = plan.selection.apply(all);
    then(plan, entries, &importer, &stop)
}

fn work(plan: Plan, entries: &[Entry], root: Root, client: &Client) -> anyhow::Result<Exit> {
    let mut queue = SqliteQueue::open(&root.queue())?;
    let begun = begin(&queue, &plan, entries)?;
    if !plan.quiet {
        let name = &plan.name;
        ui::notice(&format!(
            "run {name}: {} jobs, {} of them new; distmill report {name} shows what came of them",
            begun.jobs, begun.new
        ));
    }
    let exit = worker::work(plan.work, plan.quiet, root, client, &mut queue)?;
    Ok(match (exit, begun.refused) {
        (Exit::Success, 1..) => Exit::Failure,
        (exit, _) => exit,
    })
}
