//! One run: the real parts wired together, jobs in, outcomes out.

use super::plan::Plan;
use super::sources::Entry;
use crate::cli::exit::Exit;
use crate::cli::signals;
use crate::event::JobId;
use crate::import::job::{Job, SourceError};
use crate::import::outcome::{Outcome, Report as _};
use crate::import::pipeline::{Destination, Importer, outcome_of_failure};
use crate::import::root::Root;
use crate::model::Code;
use crate::net::Client;
use crate::sync::StopToken;
use crate::ui::Display;
use crate::worker::Pool;
use anyhow::Context as _;
use std::num::NonZeroUsize;
use std::sync::Arc;

/// Runs all jobs of a plan; `ended` is told of each.
pub(in crate::cli) fn work_through(
    mut plan: Plan,
    root: Root,
    ended: &(dyn Fn(&Outcome) + Sync),
) -> anyhow::Result<Exit> {
    let (entries, threads) = (std::mem::take(&mut plan.entries), plan.threads);
    let total = entries.len() as u64;
    tracing::info!(jobs = total, threads, "run begins");
    show(plan, root, total, |importer, display, stop| {
        work(entries, threads, importer, display, stop, ended)
    })
}

/// Sets everything up, does the work, and shows what came of it. The work tells how many jobs a
/// stop left out.
pub(in crate::cli) fn show(
    plan: Plan,
    root: Root,
    total: u64,
    work: impl FnOnce(&Importer, &Display, &StopToken) -> u64,
) -> anyhow::Result<Exit> {
    let stop = StopToken::default();
    let mut net = plan.net;
    if let Destination::Project { .. } = plan.settings.destination {
        net.cache_folder = Some(root.pages());
    }
    let client = Client::new(net, stop.clone());
    let display = Display::new(total, plan.format, plan.quiet, stop.clone());
    let display = Arc::new(display);
    let say = Arc::clone(&display);
    let signals = signals::listen(stop.clone(), Arc::new(move |text| say.notice(text)))
        .context("cannot listen for signals")?;
    let importer = Importer::new(plan.settings, root, client, stop.clone());
    let not_begun = work(&importer, &display, &stop);
    drop(signals);

    let unread = display.is_unread();
    let display = Arc::into_inner(display).expect("the threads that showed something have ended");
    let summary = display.finish(not_begun);
    tracing::info!(summary = summary.short(), not_begun, "run ends");
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
    ended: &(dyn Fn(&Outcome) + Sync),
) -> u64 {
    let numbered = (1..).zip(entries);
    let left = Pool::new(threads).run(
        numbered,
        stop,
        |(id, entry): &(JobId, Entry)| match &entry.source {
            Ok(source) => {
                let job = Job {
                    id: *id,
                    source: source.clone(),
                    digest: None,
                };
                importer.import(&job, display)
            }
            Err(error) => refused(*id, &entry.text, error),
        },
        |(id, entry), result| {
            let outcome = result.unwrap_or_else(|panic| {
                outcome_of_failure(id, &entry.text, Code::InternalError, panic.0)
            });
            log_outcome(&outcome);
            display.report(&outcome);
            ended(&outcome);
        },
    );
    left.len() as u64
}

fn refused(id: JobId, text: &str, error: &SourceError) -> Outcome {
    outcome_of_failure(id, text, error.code(), error.to_string())
}

/// Logs how a job ended.
pub(in crate::cli) fn log_outcome(outcome: &Outcome) {
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
