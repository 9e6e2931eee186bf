//! `--dry-run`: what the registry says of each source, and nothing made.

use super::plan::Plan;
use crate::cli::exit::Exit;
use crate::cli::jobs::Entry;
use crate::cli::signals;
use crate::import::outcome::Failure;
use crate::import::pipeline::Importer;
use crate::import::source::Release;
use crate::sync::{StopLevel, StopToken, hold, unlocked};
use crate::ui;
use crate::worker::Pool;
use anyhow::Context as _;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// What is counted for a source that would be imported.
const IMPORT: &str = "import";

type Prediction = Result<Option<Release>, Failure>;

/// Predicts the outcome of each entry.
pub(super) fn predict(
    plan: &Plan,
    entries: Vec<Entry>,
    importer: &Importer,
    stop: &StopToken,
) -> anyhow::Result<Exit> {
    let _signals =
        signals::listen(stop.clone(), Arc::new(ui::notice)).context("cannot listen for signals")?;
    let counts: Mutex<BTreeMap<String, u64>> = Mutex::default();
    let left = Pool::new(plan.work.work.threads).run(
        entries,
        stop,
        |entry: &Entry| -> Prediction {
            let source = entry.source.as_ref().map_err(|error| Failure {
                code: error.code(),
                message: error.to_string(),
            })?;
            importer.predict(source).map_err(|it| Failure::from(&it))
        },
        |entry, result| {
            let Ok(prediction) = result else {
                return ui::notice(&format!("{}: a panic; see the log", entry.text));
            };
            let word = match &prediction {
                Ok(_) => IMPORT.to_owned(),
                Err(failure) => failure.code.to_string(),
            };
            ui::print(&line(&entry, &prediction, plan.json));
            if ui::is_closed() {
                // Nobody reads it: nothing more is asked.
                stop.raise(StopLevel::Stop);
            }
            let mut counts = hold(&counts);
            *counts.entry(word).or_default() += 1;
        },
    );
    let counts = unlocked(counts);
    if !plan.json {
        ui::print(&format!("\n{}", ui::counts_table("predicted", &counts)));
    }
    Ok(match left.is_empty() || ui::is_closed() {
        true => Exit::Success,
        false => Exit::Interrupted,
    })
}

fn line(entry: &Entry, prediction: &Prediction, json: bool) -> String {
    let source = &entry.text;
    if json {
        let object = match prediction {
            Ok(release) => json!({
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
        Ok(Some(release)) => format!(
            "import    {source}  {}\n",
            ui::printable(&release.file_name)
        ),
        Ok(None) => format!("import    {source}\n"),
        Err(it) => format!(
            "fail      {source}  {}: {}\n",
            it.code,
            ui::printable(&it.message)
        ),
    }
}
