//! Reads a run's jobs page by page, and writes the report.

use super::arguments::{Arguments, Form};
use crate::build::entry::Build;
use crate::build::store::{BuildStore as _, Filter as Builds};
use crate::cli::build::open_present;
use crate::cli::exit::{Exit, UsageError};
use crate::cli::queue::{find_run, open};
use crate::import::queue::{Filter, JobQueue as _, QueuedJob, Run, RunId, pages};
use crate::store::{SqliteBuilds, SqliteQueue};
use crate::ui::{self, Comparison, Gatherer};
use anyhow::Context as _;
use std::fs;
use std::path::Path;

/// Jobs that are read at once.
const PAGE: u64 = 1000;

pub(in crate::cli) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let compared = compared(arguments)?;
    let queue = open(&arguments.root)?;
    let form = match arguments.json {
        true => Form::Json,
        false => arguments.format,
    };
    let text = match compared {
        None => report(&arguments.root, &queue, arguments.run.as_deref(), form)?,
        Some((one, two)) => {
            let one = find_run(&queue, Some(one))?;
            let two = find_run(&queue, Some(two))?;
            compare(&arguments.root, &queue, &one, &two, form)?
        }
    };
    match &arguments.output {
        None => ui::print(&text),
        Some(path) => {
            fs::write(path, text).with_context(|| format!("cannot write {}", path.display()))?;
        }
    }
    Ok(Exit::Success)
}

/// The runs that are compared, the first one first; none where one is reported.
fn compared(arguments: &Arguments) -> anyhow::Result<Option<(&str, &str)>> {
    match (&arguments.run, &*arguments.compare) {
        (_, []) => Ok(None),
        (Some(one), [two]) | (None, [one, two]) => Ok(Some((one, two))),
        _ => {
            let text = "--compare takes two runs: --compare RUN OTHER, or RUN --compare OTHER";
            Err(UsageError("report", vec![text.to_owned()]).into())
        }
    }
}

/// The builds of a run.
fn of_run(run: &Run) -> Builds {
    Builds {
        run: Some(run.name.clone()),
        ..Builds::default()
    }
}

/// The report on a run; where none was ever begun, on all jobs.
fn report(
    root: &Path,
    queue: &SqliteQueue,
    name: Option<&str>,
    form: Form,
) -> anyhow::Result<String> {
    let all = match (name, queue.find_run(name)?) {
        (None, None) => all_jobs(queue)?,
        _ => None,
    };
    let (run, builds, id) = match all {
        Some(run) => (run, Builds::default(), None),
        None => {
            let run = find_run(queue, name)?;
            let (builds, id) = (of_run(&run), run.id);
            (run, builds, Some(id))
        }
    };
    let mut gatherer = Gatherer::new(run);
    each(queue, id, |it| gatherer.add(it))?;
    let mut report = gatherer.finish();
    if let Ok(store) = open_present(root) {
        report.add_builds(store.count(&builds)?);
    }
    Ok(match form {
        Form::Markdown => report.markdown(),
        Form::Html => report.html(),
        Form::Json => format!("{}\n", serde_json::to_string_pretty(&report)?),
    })
}

/// All jobs of a queue without runs, as if they were one.
fn all_jobs(queue: &SqliteQueue) -> anyhow::Result<Option<Run>> {
    let one = Filter {
        limit: Some(1),
        ..Filter::default()
    };
    Ok(queue.find(&one)?.first().map(|it| Run {
        id: 0,
        name: "of all jobs".to_owned(),
        about: "no batch was begun: all jobs of the queue".to_owned(),
        begun: it.added,
    }))
}

fn compare(
    root: &Path,
    queue: &SqliteQueue,
    one: &Run,
    two: &Run,
    form: Form,
) -> anyhow::Result<String> {
    let mut comparison = Comparison::new(&one.name, &two.name);
    each(queue, Some(one.id), |it| comparison.before(it))?;
    each(queue, Some(two.id), |it| comparison.after(it))?;
    if let Ok(builds) = open_present(root) {
        each_build(&builds, one, |it| comparison.build_before(it))?;
        each_build(&builds, two, |it| comparison.build_after(it))?;
    }
    let changes = comparison.finish();
    Ok(match form {
        Form::Markdown => changes.markdown(),
        Form::Html => changes.html(),
        Form::Json => format!("{}\n", serde_json::to_string_pretty(&changes)?),
    })
}

fn each(
    queue: &SqliteQueue,
    run: Option<RunId>,
    mut take: impl FnMut(&QueuedJob),
) -> anyhow::Result<()> {
    let filter = Filter {
        run,
        ..Filter::default()
    };
    for jobs in pages(filter, |it| queue.history(it)) {
        jobs?.iter().for_each(&mut take);
    }
    Ok(())
}

fn each_build(store: &SqliteBuilds, run: &Run, mut take: impl FnMut(&Build)) -> anyhow::Result<()> {
    let mut filter = Builds {
        limit: Some(PAGE),
        ..of_run(run)
    };
    loop {
        let builds = store.find(&filter)?;
        let Some(last) = builds.last() else {
            return Ok(());
        };
        filter.after = Some(last.id);
        builds.iter().for_each(&mut take);
    }
}
