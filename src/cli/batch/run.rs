//! One call of `distmill batch`.

use super::arguments::{Arguments, BatchArguments};
use super::begin::{Begun, begin};
use super::plan::{Origin, Plan, plan};
use super::predict::predict;
use super::select::{Taken, entries};
use super::since::{Since, Span};
use crate::cli::build::{Builds, TargetsArguments};
use crate::cli::exit::{Exit, UsageError};
use crate::cli::jobs::Entry;
use crate::cli::{logging, queue, worker};
use crate::import::pipeline::Importer;
use crate::import::root::{Places, Root};
use crate::net::Client;
use crate::store::SqliteQueue;
use crate::sync::StopToken;
use crate::ui;
use anyhow::Context as _;

pub(in crate::cli) fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    if arguments.targets.is_said() && !arguments.rebuild {
        let text = "--target and --build-again say how to build: give --rebuild as well";
        return Err(UsageError("batch", vec![text.to_owned()]).into());
    }
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
        let client = plan.work.client_without_cache();
        // It writes nothing: where there is no queue, nothing was noted.
        let queue = queue::open(&plan.storage.root).ok();
        return with_entries(plan, root, &client, queue.as_ref(), |plan, found| {
            let queue = queue.as_ref();
            predict(&plan, found.entries, found.importer, queue, found.stop)
        });
    }
    let root = Root::open_at(Places::find(&plan.storage)?)?;
    logging::start(&root.logs(), command)?;
    let client = plan.work.client(&root);
    let mut queue = SqliteQueue::open(&root.queue())?;
    let begun = with_entries(plan, root.clone(), &client, Some(&queue), |plan, found| {
        let begun = begin(&queue, &plan, &found.entries, found.span.as_ref())?;
        Ok((plan, begun))
    });
    let (plan, begun) = begun?;
    work(plan, &begun, root, &client, &mut queue)
}

/// What a batch is made of.
struct Found<'a> {
    entries: Vec<Entry>,
    /// Where they are from a registry: its states.
    span: Option<Span>,
    importer: &'a Importer,
    stop: &'a StopToken,
}

/// Finds the sources out, and does something with them.
fn with_entries<T>(
    mut plan: Plan,
    root: Root,
    client: &Client,
    queue: Option<&SqliteQueue>,
    then: impl FnOnce(Plan, Found<'_>) -> anyhow::Result<T>,
) -> anyhow::Result<T> {
    let stop = StopToken::default();
    let client = client.with_stop(stop.clone());
    let importer = Importer::new(plan.work.import.clone(), root, client, stop.clone());
    let origin = std::mem::replace(&mut plan.origin, Origin::Entries(Vec::new()));
    let (all, span) = match origin {
        Origin::Entries(entries) => (entries, None),
        Origin::Registry(ecosystem) => {
            let note = plan.note.as_deref().unwrap_or_default();
            let from = plan.since.from(queue, note)?;
            let found = importer.names(ecosystem, from.as_deref())?;
            let to = found.serial;
            let span = Span { from, to };
            say_span(&mut plan, &span, found.names.len(), found.is_all)?;
            (entries(ecosystem, found.names), Some(span))
        }
    };
    let count = all.len();
    let taken = plan.selection.apply(all);
    say_taken(&plan, &taken, count);
    let found = Found {
        entries: taken.entries,
        span,
        importer: &importer,
        stop: &stop,
    };
    then(plan, found)
}

/// Says how many names of the lists are there; none is most often a mistake.
fn say_taken(plan: &Plan, taken: &Taken, all: usize) {
    if taken.matched == 0 && all > 0 {
        ui::notice(&format!("warning: none of {all} names matches a --match"));
    }
    let (first, names) = (taken.first, plan.selection.first.len());
    match (first, names) {
        (_, 0) => {}
        (0, _) => ui::notice(&format!(
            "warning: none of the {names} names of --top is there"
        )),
        _ if plan.quiet => {}
        _ => ui::notice(&format!(
            "{first} of the {names} names of --top are there and come first"
        )),
    }
}

/// Says what the registry lists; what changed since a state of it becomes a run of its own.
fn say_span(plan: &mut Plan, span: &Span, count: usize, is_all: bool) -> anyhow::Result<()> {
    let to = span.to.as_deref();
    if plan.since == Since::Ever {
        if let (Some(to), false) = (to, plan.quiet) {
            ui::notice(&format!("the registry lists {count} names, up to {to}"));
        }
        return Ok(());
    }
    let to = to.context("the registry lists names without serials: leave --since out")?;
    let from = span.from.as_deref().unwrap_or("the beginning");
    plan.about = format!("{}, changed since {from}, up to {to}", plan.about);
    if !plan.is_named {
        plan.name = format!("{}-since-{}-to-{to}", plan.name, from.replace(' ', "-"));
        if let Some(builds) = &mut plan.builds {
            builds.count_to(&plan.name);
        }
    }
    if !plan.quiet {
        let why = match (is_all, &span.from) {
            (true, _) => ": the registry made its list anew since, so that all count as changed",
            (_, None) => ": nothing was noted of an earlier run, so that all are taken",
            _ => "",
        };
        ui::notice(&format!(
            "{count} names changed at the registry since {from}, up to {to}{why}"
        ));
    }
    Ok(())
}

fn work(
    plan: Plan,
    begun: &Begun,
    root: Root,
    client: &Client,
    queue: &mut SqliteQueue,
) -> anyhow::Result<Exit> {
    if !plan.quiet {
        let name = &plan.name;
        ui::notice(&match begun.jobs {
            0 => format!("run {name} has no jobs"),
            jobs => format!(
                "run {name}: {jobs} jobs, {} of them new; distmill report {name} shows what came of \
                 them",
                begun.new
            ),
        });
    }
    let mut builds = plan.builds;
    if let Some(builds) = &mut builds {
        if builds.open()? {
            ui::notice(
                "another process dispatches the builds of this root: what is imported is queued for it",
            );
        }
        begun.run.queue_builds(queue, builds)?;
    }
    let (work, quiet) = (plan.work, plan.quiet);
    let own = Some(&begun.run);
    let exit = worker::work(work, quiet, root, client, queue, own, builds.as_ref())?;
    if let (Some(builds), false) = (&builds, quiet) {
        say_builds(builds);
    }
    Ok(match (exit, begun.refused) {
        (Exit::Success, 1..) => Exit::Failure,
        (exit, _) => exit,
    })
}

/// Says what became of the builds that the run came to.
fn say_builds(builds: &Builds) {
    let counts = builds.counts();
    if !builds.is_dispatched() {
        let (new, open) = (counts.new, counts.open);
        ui::notice(&format!(
            "{new} builds queued, {open} were queued before: distmill build run builds them"
        ));
    }
    if counts.finished + counts.failed > 0 {
        let (finished, failed) = (counts.finished, counts.failed);
        ui::notice(&format!(
            "not built again: {finished} builds that had finished and {failed} that had failed; with \
             --build-again another run builds them anew"
        ));
    }
}
