//! One run of the importer: the real parts wired together, jobs in, outcomes out.

use super::arguments::Arguments;
use super::plan::plan;
use crate::cli::exit::{Exit, UsageError};
use crate::cli::sources::Entry;
use crate::cli::{logging, signals};
use crate::event::JobId;
use crate::import::job::{Job, SourceError};
use crate::import::outcome::{Outcome, Report as _};
use crate::import::pipeline::{Importer, outcome_of_failure};
use crate::import::root::Root;
use crate::model::Code;
use crate::net::Client;
use crate::sync::StopToken;
use crate::ui::{Display, Format};
use crate::worker::Pool;
use anyhow::Context as _;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::thread::available_parallelism;

pub(in crate::cli) fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let format = match arguments.json {
        true => Format::Json,
        false => Format::Text,
    };
    let (root, quiet) = (arguments.root.clone(), arguments.quiet);
    let threads = arguments.jobs.unwrap_or_else(default_threads);
    let plan = plan(arguments).map_err(UsageError)?;

    let root = Root::open(&root)?;
    logging::start(&root.logs(), "import")?;
    let stop = StopToken::default();
    let client = Client::new(plan.net, stop.clone());
    let total = plan.entries.len() as u64;
    tracing::info!(jobs = total, threads, "import begins");

    let display = Arc::new(Display::new(total, format, quiet, stop.clone()));
    let say = Arc::clone(&display);
    let signals = signals::listen(stop.clone(), Arc::new(move |text| say.notice(text)))
        .context("cannot listen for signals")?;
    let importer = Importer::new(plan.settings, root, client, stop.clone());
    let not_begun = work(plan.entries, threads, &importer, &display, &stop);
    drop(signals);

    let unread = display.is_unread();
    let display = Arc::into_inner(display).expect("the threads that showed something have ended");
    let summary = display.finish(not_begun);
    tracing::info!(summary = summary.short(), not_begun, "import ends");
    Ok(match (not_begun, summary.failed) {
        // Whoever read the results has seen enough.
        _ if unread => Exit::Success,
        (0, 0) => Exit::Success,
        (0, _) if !stop.is_stopped() => Exit::Failure,
        _ => Exit::Interrupted,
    })
}

/// Runs all jobs; the number of those that a stop left out.
fn work(
    entries: Vec<Entry>,
    threads: NonZeroUsize,
    importer: &Importer,
    display: &Display,
    stop: &StopToken,
) -> u64 {
    let numbered = (1..).zip(entries);
    let left = Pool::new(threads).run(
        numbered,
        stop,
        |(id, entry): &(JobId, Entry)| match &entry.source {
            Ok(source) => {
                let source = source.clone();
                importer.import(&Job { id: *id, source }, display)
            }
            Err(error) => refused(*id, &entry.text, error),
        },
        |(id, entry), result| {
            let outcome = result.unwrap_or_else(|panic| {
                outcome_of_failure(id, &entry.text, Code::InternalError, panic.0)
            });
            log(&outcome);
            display.report(&outcome);
        },
    );
    left.len() as u64
}

fn refused(id: JobId, text: &str, error: &SourceError) -> Outcome {
    outcome_of_failure(id, text, error.code(), error.to_string())
}

fn log(outcome: &Outcome) {
    let package = outcome.package.as_ref();
    let package = package.map(|it| format!("{}-{}", it.name, it.evr));
    let state = outcome.state.as_str();
    let seconds = outcome.elapsed.as_secs_f64();
    let (job, source, size_bytes) = (outcome.id, &outcome.source, outcome.size_bytes);
    for warning in &outcome.warnings {
        tracing::warn!(job, source, warning, "job warns");
    }
    match outcome.failure() {
        None => tracing::info!(job, source, package, state, size_bytes, seconds, "job ends"),
        Some(failure) => {
            let (code, message) = (failure.code.as_str(), &failure.message);
            tracing::warn!(
                job, source, package, state, code, message, seconds, "job ends"
            );
        }
    }
}

fn default_threads() -> NonZeroUsize {
    let processors = available_parallelism().unwrap_or(NonZeroUsize::MIN);
    processors.saturating_mul(const { NonZeroUsize::new(2).expect("two is not zero") })
}
