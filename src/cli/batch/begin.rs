//! A run's jobs on their way into the queue.

use super::plan::Plan;
use super::since::{self, Since, Span};
use crate::cli::jobs::{AT_ONCE, Entry, Shared};
use crate::cli::worker::OwnRun;
use crate::import::queue::{Added, JobQueue};
use crate::store::SqliteQueue;
use crate::ui;
use jiff::Timestamp;

/// The run, how many jobs it has, and how many could not be added.
pub(super) struct Begun {
    pub(super) run: OwnRun,
    pub(super) jobs: usize,
    pub(super) new: usize,
    pub(super) refused: usize,
}

/// Begins the run, or goes on with it: adds what is not in it yet. Then all is queued up to the
/// state of the registry that it began at.
pub(super) fn begin(
    queue: &SqliteQueue,
    plan: &Plan,
    entries: &[Entry],
    span: Option<&Span>,
) -> anyhow::Result<Begun> {
    let is_change = plan.since != Since::Ever;
    if let (true, Some(known)) = (is_change, queue.find_run(Some(&plan.name))?)
        && known.about != plan.about
    {
        // A source is in a run once: what changed again would be passed over.
        anyhow::bail!(
            "the run {} is there already, of {}: give another --run, or none",
            known.name,
            known.about
        );
    }
    let run = queue.begin_run(&plan.name, &plan.about, Timestamp::now())?;
    if let Some(to) = span.and_then(|it| it.to.as_deref()) {
        since::begin(queue, run.id, to)?;
    }
    let shared = Shared {
        target: plan.target.clone().into(),
        sandbox: format!("batch {}", plan.name).into(),
        priority: 0,
        background: true,
        run: Some(run.id),
    };
    let mut begun = Begun {
        run: OwnRun::new(run.id, queue.count_run(run.id)?),
        jobs: 0,
        new: 0,
        refused: 0,
    };
    for chunk in entries.chunks(AT_ONCE) {
        let mut jobs = Vec::with_capacity(chunk.len());
        for entry in chunk {
            match shared.job(entry) {
                Ok(job) => jobs.push(job),
                Err(failure) => {
                    begun.refused += 1;
                    let text = ui::printable(&entry.text);
                    let message = ui::printable(&failure.message);
                    ui::notice(&format!("refused: {text}: {}: {message}", failure.code));
                }
            }
        }
        let added = queue.add(&jobs, Timestamp::now())?;
        let new = added.iter().filter(|it| matches!(it, Added::New(_)));
        begun.new += new.count();
        begun.jobs += added.len();
    }
    if let Some(note) = &plan.note {
        since::end(queue, note, run.id)?;
    }
    Ok(begun)
}
