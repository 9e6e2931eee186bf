//! One run of a worker.

use super::arguments::Arguments;
use super::own::OwnRun;
use super::plan::{Plan, Room, plan, settings_of};
use crate::cli::build::{Builds, item_of};
use crate::cli::exit::{Exit, UsageError};
use crate::cli::jobs::log_outcome;
use crate::cli::{logging, queue, signals};
use crate::event::{Event, EventSink, Silent};
use crate::import::job::Job;
use crate::import::outcome::{Outcome, Report as _};
use crate::import::pipeline::{Importer, outcome_of_failure};
use crate::import::queue::{Abandoned, Claim, JobQueue as _, Next, RunId};
use crate::import::root::{Places, Root};
use crate::model::Code;
use crate::net::Client;
use crate::store::SqliteQueue;
use crate::sync::{Disks, StopToken};
use crate::ui::Display;
use crate::worker::{Disposal, QueueWorker};
use anyhow::Context as _;
use jiff::Timestamp;
use std::sync::Arc;

pub(in crate::cli) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let Arguments {
        storage,
        follow,
        work: how,
    } = arguments;
    let storage = storage.storage(Some(&how.cgit));
    let plan = plan(&storage.root, how, Room::Shared, *follow, Vec::new())
        .map_err(|all| UsageError("worker", all))?;
    if !follow {
        // A mistyped root would be made, and there is nothing to do in it.
        queue::check(&storage.root)?;
    }
    let root = Root::open_at(Places::find(&storage)?)?;
    logging::start(&root.logs(), "worker")?;
    let mut queue = SqliteQueue::open(&root.queue())?;
    let client = plan.client(&root);
    work(plan, how.run.quiet, root, &client, &mut queue, None, None)
}

/// Works the queue of a root off; all of it, or until the last job of a run has ended. Then only
/// what came of that run is shown and counts.
pub(in crate::cli) fn work(
    mut plan: Plan,
    quiet: bool,
    root: Root,
    client: &Client,
    queue: &mut SqliteQueue,
    own: Option<&OwnRun>,
    builds: Option<&Builds>,
) -> anyhow::Result<Exit> {
    if let Err(error) = queue.listen() {
        // Without a watch it looks by itself now and then.
        tracing::warn!(%error, "jobs that others add are found late");
    }
    let queue = &*queue;
    let workers = root.workers();
    let stop = StopToken::default();
    plan.work.run = own.map(|it| it.id);
    let run = plan.work.run;
    let open_now = || match own {
        Some(own) => own.open(queue),
        None => Ok(queue.stats(Timestamp::now())?.open()),
    };
    let open = open_now()?;
    tracing::info!(jobs = open, threads = plan.work.threads, "run begins");
    let display = Display::new(open, plan.format, quiet, stop.clone());
    let display = Arc::new(display.with_own_numbers());
    let say = Arc::clone(&display);
    let signals = signals::listen(stop.clone(), Arc::new(move |text| say.notice(text)))
        .context("cannot listen for signals")?;
    let disks = Disks::of(root.with_incoming())?;
    let client = client.with_stop(stop.clone());
    let importer = Importer::new(plan.import, root, client, stop.clone());
    let worker = QueueWorker {
        queue,
        folder: &workers,
        settings: &plan.work,
        stop: &stop,
        flush: &|| disks.flush(),
        report: &|claim, outcome, disposal| {
            if run.is_some() && claim.run != run {
                return log_disposal(claim, outcome, disposal);
            }
            report(&display, claim, outcome, disposal);
            if let (Some(builds), Disposal::Kept(Next::Done)) = (builds, disposal) {
                queue_builds(&display, builds, claim, outcome);
                own.map(|it| it.mark(claim.id));
            }
        },
        found: &|abandoned| found(&display, queue, run, abandoned),
    };
    let import = |claim: &Claim| {
        let settings = settings_of(importer.settings(), &claim.target);
        let importer = importer.with(settings, stop.with_limit(plan.import_timeout));
        let job = Job {
            id: claim.id,
            source: claim.source.clone(),
            digest: claim.digest,
        };
        let sink: &dyn EventSink = match run.is_none() || claim.run == run {
            true => &*display,
            false => &Silent,
        };
        importer.import(&job, sink)
    };
    let worked = drive(&worker, queue, &display, own, builds, import);
    drop(signals);

    let unread = display.is_unread();
    let counts = display.builds();
    let not_built = counts.all() - counts.count(crate::build::state::State::Finished);
    if let Some(own) = own {
        own.sum(queue, &display)?;
    }
    let left = match stop.is_draining() && !plan.work.follow {
        true => open_now()?,
        false => 0,
    };
    let display = Arc::into_inner(display).expect("the threads that showed something have ended");
    let summary = display.finish(left);
    tracing::info!(summary = summary.short(), left, "run ends");
    worked?;
    Ok(match (left, summary.failed + not_built) {
        _ if unread => Exit::Success,
        _ if stop.is_stopped() => Exit::Interrupted,
        (0, 0) => Exit::Success,
        (0, _) => Exit::Failure,
        _ => Exit::Interrupted,
    })
}

/// Runs a worker, with what is shown of a run of one's own, and with builds, beside it.
fn drive(
    worker: &QueueWorker<'_>,
    queue: &SqliteQueue,
    display: &Display,
    own: Option<&OwnRun>,
    builds: Option<&Builds>,
    import: impl Fn(&Claim) -> Outcome + Sync,
) -> anyhow::Result<()> {
    let work = || match own {
        Some(own) => own.watch(queue, display, || worker.run(import)),
        None => worker.run(import),
    };
    let Some(builds) = builds else {
        return Ok(work()?);
    };
    let ((worked, queued), built) = builds.beside(display, worker.stop, || {
        let worked = work();
        let queued = own.map_or(Ok(()), |own| own.queue_builds(queue, builds));
        (worked, queued)
    });
    worked?;
    queued?;
    built
}

/// Queues the builds of what was imported and made durable.
fn queue_builds(display: &Display, builds: &Builds, claim: &Claim, outcome: &Outcome) {
    let item = item_of(&claim.target.project, outcome);
    let Some(item) = item else { return };
    if let Err(error) = builds.queue(&[item]) {
        let job = claim.id;
        tracing::error!(job, %error, "builds cannot be queued");
        display.notice(&format!(
            "error: the builds of {} cannot be queued: {error}; the same command again does it",
            outcome.source
        ));
    }
}

/// Logs how an attempt ended.
fn log_disposal(claim: &Claim, outcome: &Outcome, disposal: Disposal) {
    let (job, source) = (claim.id, &outcome.source);
    match disposal {
        Disposal::Kept(Next::Done | Next::Failed) => log_outcome(outcome),
        Disposal::Kept(Next::Retry(due)) => {
            let (attempt, failure) = (claim.attempt, text_of(outcome));
            tracing::warn!(job, source, attempt, failure, %due, "job is tried again");
        }
        Disposal::Kept(Next::Wait(due)) => {
            let failure = text_of(outcome);
            tracing::info!(job, source, failure, %due, "job waits for the end of a pause");
        }
        Disposal::GivenBack => tracing::info!(job, source, "job is given back"),
        Disposal::Lost => tracing::warn!(job, source, "job was taken over by others"),
    }
}

/// The failure in one line.
fn text_of(outcome: &Outcome) -> String {
    let failure = outcome.failure();
    let failure = failure.map(|it| format!("{}: {}", it.code, it.message));
    failure.unwrap_or_default()
}

/// Shows how an attempt ended; one that is not the last is only a warning.
fn report(display: &Display, claim: &Claim, outcome: &Outcome, disposal: Disposal) {
    log_disposal(claim, outcome, disposal);
    let (job, source) = (claim.id, &outcome.source);
    let warning = match disposal {
        Disposal::Kept(Next::Done | Next::Failed) => return display.report(outcome),
        Disposal::Kept(Next::Retry(due)) => {
            let (attempt, failure) = (claim.attempt, text_of(outcome));
            let due = due.strftime("%H:%M:%SZ");
            format!("{source}: {failure}; attempt {attempt}, the next one at {due}")
        }
        Disposal::Kept(Next::Wait(_)) | Disposal::GivenBack => return,
        Disposal::Lost => {
            format!("{source}: job {job} was taken over by another worker meanwhile")
        }
    };
    display.emit(Event::Warning(job, warning));
}

/// Shows what dead workers left behind; what was set aside is a failure of this run.
fn found(display: &Display, queue: &SqliteQueue, run: Option<RunId>, abandoned: &Abandoned) {
    let Abandoned { requeued, poisoned } = abandoned;
    if !requeued.is_empty() {
        let count = requeued.len();
        display.notice(&format!(
            "{count} jobs of a worker that died are back in the queue"
        ));
    }
    for id in poisoned {
        let job = queue.job(*id).ok().flatten();
        let source = job.as_ref().map_or("", |it| &it.source);
        let record = job.as_ref().and_then(|it| it.record.as_ref());
        let message = record.and_then(|it| it.message.clone());
        let message = message.unwrap_or_default();
        display.notice(&format!("job {id} is set aside: {message}"));
        let outcome = outcome_of_failure(*id, source, Code::Crashed, message);
        log_outcome(&outcome);
        if run.is_none() || job.is_some_and(|it| it.run == run) {
            display.report(&outcome);
        }
    }
}
