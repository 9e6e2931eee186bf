//! What builds left of a project: their results and repositories for dnf, and the builds themselves.

use crate::build::results::Results;
use crate::build::state::State;
use crate::build::store::{BuildStore as _, Filter};
use crate::cli::build::{PlanArguments, open_present, plan};
use crate::import::root::builds_of;
use crate::model::Project;
use crate::store::SqliteBuilds;
use anyhow::Context as _;
use jiff::Timestamp;
use std::fs;
use std::io;
use std::path::Path;
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a process that dispatches may take to end the builds of a project.
const PATIENCE: Duration = Duration::from_secs(60);

/// Between two looks whether they have ended.
const STEP: Duration = Duration::from_millis(50);

/// The builds of a root.
pub(super) struct Builds {
    store: Option<SqliteBuilds>,
    results: Results,
}

impl Builds {
    /// Opens them; mistakes in their configuration are told.
    pub(super) fn open(root: &Path, arguments: &PlanArguments) -> anyhow::Result<Self> {
        let mut mistakes = Vec::new();
        let plan = plan(root, None, arguments, &mut mistakes);
        let plan = plan.with_context(|| mistakes.join("; "))?;
        let is_there = SqliteBuilds::file(&builds_of(root)).exists();
        Ok(Self {
            store: is_there.then(|| open_present(root)).transpose()?,
            results: plan.results,
        })
    }

    /// How many builds a project has.
    pub(super) fn count(&self, project: &Project) -> anyhow::Result<u64> {
        let counts = self.store.as_ref().map(|it| it.count(&of(project)));
        Ok(counts.transpose()?.map_or(0, |it| it.values().sum()))
    }

    /// Whether there is anything of a project.
    pub(super) fn has(&self, project: &Project) -> anyhow::Result<bool> {
        Ok(self.results.project(project).exists() || self.count(project)? > 0)
    }

    /// Removes all of a project. Builds that are open are cancelled first.
    pub(super) fn remove(&self, project: &Project) -> anyhow::Result<()> {
        if let Some(store) = &self.store {
            end(store, project)?;
            for id in store.remove(project)? {
                self.results.forget(id);
            }
        }
        let folder = self.results.project(project);
        match fs::remove_dir_all(&folder) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(error).with_context(|| format!("cannot remove {}", folder.display()))
            }
            _ => {
                // The owner's folder goes with the last project.
                let _ = folder.parent().map(fs::remove_dir);
                Ok(())
            }
        }
    }
}

fn of(project: &Project) -> Filter {
    Filter {
        project: Some(project.clone()),
        ..Filter::default()
    }
}

/// Cancels what is open, and waits for who dispatches.
fn end(store: &SqliteBuilds, project: &Project) -> anyhow::Result<()> {
    store.cancel(&of(project), Timestamp::now())?;
    let open = Filter {
        states: Some(vec![State::Waiting, State::Running]),
        ..of(project)
    };
    let end = Instant::now() + PATIENCE;
    while store.count(&open)?.values().sum::<u64>() > 0 {
        // Where nobody dispatches, what a killed process left is of nobody any more.
        if store.lock()?.is_some() {
            return Ok(());
        }
        let text = "they are being cancelled: try again once they have ended";
        anyhow::ensure!(
            Instant::now() < end,
            "builds of {project} still run; {text}"
        );
        sleep(STEP);
    }
    Ok(())
}
