//! Builds for what is imported: queued once the commits are durable, and, where the same process
//! builds too, dispatched beside the imports.

use super::add::{Item, Order, queue, targets};
use super::arguments::PlanArguments;
use super::plan::{Plan, plan};
use super::run::{listening, open};
use super::work::{Work, dispatch};
use crate::build::store::{Added, BuildStore as _};
use crate::import::outcome::Outcome;
use crate::import::queue::{QueuedJob, State};
use crate::model::Project;
use crate::store::SqliteBuilds;
use crate::sync::StopToken;
use crate::ui::Display;
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};

/// What the commands that import say about builds.
#[derive(Debug, Default, Clone, Args)]
#[command(next_help_heading = "Builds")]
pub(in crate::cli) struct TargetsArguments {
    /// What to build for; may be given several times [default: every target]
    #[arg(long = "target", value_name = "NAME")]
    pub(in crate::cli) targets: Vec<String>,
    #[command(flatten)]
    pub(in crate::cli) plan: PlanArguments,
}

/// How what is imported is built.
pub(in crate::cli) struct Builds {
    pub(in crate::cli) plan: Plan,
    order: Order,
    root: PathBuf,
    store: Option<SqliteBuilds>,
    /// Whether this process dispatches them.
    dispatches: bool,
}

impl Builds {
    /// Checks what was said; mistakes are added to the list.
    pub(in crate::cli) fn check(
        root: &Path,
        git: Option<&Path>,
        arguments: &TargetsArguments,
        sandbox: &str,
        run: Option<&str>,
        mistakes: &mut Vec<String>,
    ) -> Option<Self> {
        let plan = plan(root, git, &arguments.plan, mistakes)?;
        let order = Order {
            targets: targets(&plan, &arguments.targets, mistakes),
            sandbox: sandbox.to_owned(),
            priority: 0,
            background: run.is_some(),
            run: run.map(str::to_owned),
            again: false,
        };
        Some(Self {
            plan,
            order,
            root: root.to_owned(),
            store: None,
            dispatches: false,
        })
    }

    /// The same, dispatched by this process.
    pub(in crate::cli) fn dispatched(mut self) -> Self {
        self.dispatches = true;
        self
    }

    /// Counts what is queued to a run of another name.
    pub(in crate::cli) fn count_to(&mut self, run: &str) {
        self.order.run = Some(run.to_owned());
    }

    /// Opens the store.
    pub(in crate::cli) fn open(&mut self) -> anyhow::Result<()> {
        self.store = Some(match self.dispatches {
            true => listening(&self.root)?,
            false => open(&self.root)?,
        });
        Ok(())
    }

    /// How many builds a package comes to, at most.
    pub(in crate::cli) fn each(&self) -> u64 {
        self.order.targets.len() as u64
    }

    fn store(&self) -> &SqliteBuilds {
        self.store.as_ref().expect("it was opened before the work")
    }

    /// Queues the builds of packages whose commits are durable. How many are new.
    pub(in crate::cli) fn queue(&self, items: &[Item]) -> anyhow::Result<usize> {
        let added = queue(self.store(), &self.order, items)?;
        let new = added.iter().filter(|it| matches!(it.1, Added::New(_)));
        Ok(new.count())
    }

    /// Does the work, with a dispatcher beside it until that has nothing left to do.
    pub(in crate::cli) fn beside<T>(
        &self,
        display: &Display,
        stop: &StopToken,
        work: impl FnOnce() -> T,
    ) -> (T, anyhow::Result<()>) {
        if !self.dispatches {
            return (work(), Ok(()));
        }
        let more = AtomicBool::new(true);
        std::thread::scope(|scope| {
            let run = || {
                let work = Work {
                    root: &self.root,
                    plan: &self.plan,
                    stop,
                    show: &|sight| display.see(&sight),
                    more: &more,
                };
                dispatch(&work, self.store())
            };
            let thread = std::thread::Builder::new().name("dispatcher".to_owned());
            let thread = thread.spawn_scoped(scope, run);
            let result = work();
            more.store(false, Ordering::Release);
            self.store().bell().ring();
            let built = match thread {
                Ok(thread) => thread.join().unwrap_or_else(|_| {
                    Err(anyhow::anyhow!("a panic while builds were dispatched"))
                }),
                Err(error) => Err(error.into()),
            };
            (result, built)
        })
    }
}

/// The package of an outcome, if there is something to build.
pub(in crate::cli) fn item_of(project: &Project, outcome: &Outcome) -> Option<Item> {
    if outcome.failure().is_some() {
        return None;
    }
    let package = outcome.package.as_ref()?;
    let commits = outcome.branches.iter().filter_map(|it| {
        let tip = it.result.as_ref().ok()?;
        Some((it.branch.to_string(), tip.commit.clone()))
    });
    Some(Item {
        project: project.clone(),
        package: package.name.clone(),
        evr: package.evr.clone(),
        srpm: outcome.srpm.clone()?,
        commits: commits.collect(),
    })
}

/// The package of a job that is done.
pub(in crate::cli) fn item_of_job(job: &QueuedJob) -> Option<Item> {
    let record = job.record.as_ref().filter(|_| job.state == State::Done)?;
    let commits = record.branch_commits.iter();
    Some(Item {
        project: job.target.project.clone(),
        package: record.package.clone()?,
        evr: record.evr.clone().unwrap_or_default(),
        srpm: record.srpm.clone()?,
        commits: commits.map(|(a, b)| (a.clone(), b.clone())).collect(),
    })
}
