//! `--dry-run`: what the registry says of each source, and nothing made.

use super::plan::Plan;
use crate::cli::exit::Exit;
use crate::cli::jobs::Entry;
use crate::cli::signals;
use crate::import::outcome::Failure;
use crate::import::pipeline::Importer;
use crate::import::queue::{Filter, JobQueue as _, State, pages};
use crate::import::source::Release;
use crate::store::SqliteQueue;
use crate::sync::{StopToken, hold, unlocked};
use crate::ui::{self, Display};
use crate::worker::Pool;
use anyhow::Context as _;
use serde_json::json;
use std::collections::{BTreeMap, HashMap};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// What is counted for a source that would be imported.
const IMPORT: &str = "import";

/// What is counted for a source that has ended in the run: it would not be begun again.
const ENDED: &str = "ended";

/// What would become of a source.
enum Foreseen<'a> {
    /// It would be imported; from a registry, this release.
    Import(Option<Box<Release>>),
    /// It has ended in the run, with this result.
    Ended(&'a str),
}

type Prediction<'a> = Result<Foreseen<'a>, Failure>;

/// What has ended in a run, with its result, by source.
fn ended(queue: &SqliteQueue, run: &str) -> anyhow::Result<HashMap<String, String>> {
    let mut out = HashMap::new();
    let Some(run) = queue.find_run(Some(run))? else {
        return Ok(out);
    };
    let ended = State::ALL.into_iter().filter(|it| !it.is_open());
    let filter = Filter {
        run: Some(run.id),
        states: Some(ended.collect()),
        ..Filter::default()
    };
    for jobs in pages(filter, |it| queue.find(it)) {
        let with_result = jobs?.into_iter().map(|it| {
            let result = it.result.unwrap_or_else(|| it.state.to_string());
            (it.source, result)
        });
        out.extend(with_result);
    }
    Ok(out)
}

/// Predicts the outcome of each entry.
pub(super) fn predict(
    plan: &Plan,
    entries: Vec<Entry>,
    importer: &Importer,
    queue: Option<&SqliteQueue>,
    stop: &StopToken,
) -> anyhow::Result<Exit> {
    let total = entries.len() as u64;
    let display = Display::new(total, plan.work.format, plan.quiet, stop.clone());
    let display = Arc::new(display);
    let say = Arc::clone(&display);
    let _signals = signals::listen(stop.clone(), Arc::new(move |text| say.notice(text)))
        .context("cannot listen for signals")?;
    if !plan.quiet {
        display.notice(
            "what the registry says is predicted; whether all is there already (unchanged), licenses \
             and what is in the archives are told by the import alone",
        );
    }
    let known = queue.map_or_else(|| Ok(HashMap::new()), |queue| ended(queue, &plan.name))?;
    let done = AtomicU64::new(0);
    let counts: Mutex<BTreeMap<String, u64>> = Mutex::default();
    let left = Pool::new(plan.work.work.threads).run(
        entries,
        stop,
        |entry: &Entry| -> Prediction<'_> {
            let source = entry.source.as_ref().map_err(|error| Failure {
                code: error.code(),
                message: error.to_string(),
            })?;
            if let Some(result) = known.get(&source.to_string()) {
                return Ok(Foreseen::Ended(result));
            }
            let release = importer.predict(source);
            let release = release.map_err(|it| Failure::from(&it))?;
            Ok(Foreseen::Import(release.map(Box::new)))
        },
        |entry, result| {
            let Ok(prediction) = result else {
                return display.notice(&format!("{}: a panic; see the log", entry.text));
            };
            let word = match &prediction {
                Ok(Foreseen::Import(_)) => IMPORT.to_owned(),
                Ok(Foreseen::Ended(_)) => ENDED.to_owned(),
                Err(failure) => failure.code.to_string(),
            };
            let ended = done.fetch_add(1, Ordering::Relaxed) + 1;
            // Where nobody reads it, nothing more is asked.
            display.result(&line(&entry, &prediction, plan.json), ended);
            let mut counts = hold(&counts);
            *counts.entry(word).or_default() += 1;
        },
    );
    display.end();
    let counts = unlocked(counts);
    if !plan.json {
        ui::print(&format!("\n{}", ui::counts_table("predicted", &counts)));
    }
    Ok(match left.is_empty() || ui::is_closed() {
        true => Exit::Success,
        false => Exit::Interrupted,
    })
}

fn line(entry: &Entry, prediction: &Prediction<'_>, json: bool) -> String {
    let source = &entry.text;
    if json {
        let object = match prediction {
            Ok(Foreseen::Ended(result)) => json!({
                "source": source, "predicted": ENDED, "result": result,
            }),
            Ok(Foreseen::Import(release)) => json!({
                "source": source,
                "predicted": IMPORT,
                "version": release.as_ref().map(|it| &it.version),
                "file": release.as_ref().map(|it| &it.file_name),
                "size_bytes": release.as_ref().and_then(|it| it.size),
            }),
            Err(failure) => json!({
                "source": source, "predicted": failure.code, "failure": failure,
            }),
        };
        return format!("{object}\n");
    }
    let source = ui::printable(source);
    match prediction {
        Ok(Foreseen::Ended(result)) => format!("ended     {source}  {result}\n"),
        Ok(Foreseen::Import(Some(release))) => format!(
            "import    {source}  {}\n",
            ui::printable(&release.file_name)
        ),
        Ok(Foreseen::Import(None)) => format!("import    {source}\n"),
        Err(it) => format!(
            "fail      {source}  {}: {}\n",
            it.code,
            ui::printable(&it.message)
        ),
    }
}
