//! Builds for what is imported: queued once the commits are durable, and, where the same process
//! builds too, dispatched beside the imports.

use super::add::{Item, Order, queue, targets};
use super::arguments::PlanArguments;
use super::plan::{Plan, plan};
use super::run::{listening, open};
use super::work::{Ready, Work, dispatch};
use crate::build::state::State as BuildState;
use crate::build::store::{Added, BuildStore as _};
use crate::import::outcome::Outcome;
use crate::import::queue::{QueuedJob, State};
use crate::model::Project;
use crate::store::SqliteBuilds;
use crate::sync::{StopToken, hold};
use crate::ui::Display;
use clap::Args;
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};

/// What the commands that import say about builds.
#[derive(Debug, Default, Clone, Args)]
#[command(next_help_heading = "Builds")]
pub(in crate::cli) struct TargetsArguments {
    /// What to build for; may be given several times [default: every target]
    #[arg(long = "target", value_name = "NAME")]
    pub(in crate::cli) targets: Vec<String>,
    /// Build anew what was built already; a run builds each package once for each target
    #[arg(long)]
    pub(in crate::cli) build_again: bool,
    #[command(flatten)]
    pub(in crate::cli) plan: PlanArguments,
}

impl TargetsArguments {
    /// Whether something is said that means nothing without builds.
    pub(in crate::cli) const fn is_said(&self) -> bool {
        !self.targets.is_empty() || self.build_again
    }
}

/// How what is imported is built.
pub(in crate::cli) struct Builds {
    pub(in crate::cli) plan: Plan,
    order: Order,
    root: PathBuf,
    store: Option<SqliteBuilds>,
    /// Whether this process dispatches them.
    dispatches: bool,
    /// What it needs for that.
    ready: Mutex<Option<Ready>>,
    counts: Mutex<Queued>,
}

/// What became of builds that were to be queued.
#[derive(Clone, Copy, Debug, Default)]
pub(in crate::cli) struct Queued {
    /// They are new.
    pub(in crate::cli) new: usize,
    /// They are to be built anyway.
    pub(in crate::cli) open: usize,
    /// They were built before.
    pub(in crate::cli) finished: usize,
    /// They were not built before, and are not tried again.
    pub(in crate::cli) failed: usize,
}

impl Queued {
    const fn add(&mut self, added: Added) {
        match added {
            Added::New(_) => self.new += 1,
            Added::Known(_, BuildState::Finished) => self.finished += 1,
            Added::Known(_, state) if state.is_open() => self.open += 1,
            Added::Known(..) => self.failed += 1,
        }
    }
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
            again: arguments.build_again,
        };
        Some(Self {
            plan,
            order,
            root: root.to_owned(),
            store: None,
            dispatches: false,
            ready: Mutex::default(),
            counts: Mutex::default(),
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

    /// Opens the store, and what dispatching needs. Whether builds are left to another process that
    /// dispatches.
    pub(in crate::cli) fn open(&mut self) -> anyhow::Result<bool> {
        let mut is_left = false;
        self.store = Some(match self.dispatches {
            true => {
                let store = listening(&self.root)?;
                let ready = Ready::open(&self.root, &self.plan, &store)?;
                is_left = ready.is_none();
                self.dispatches = !is_left;
                self.ready = Mutex::new(ready);
                store
            }
            false => open(&self.root)?,
        });
        Ok(is_left)
    }

    /// Whether this process dispatches them.
    pub(in crate::cli) const fn is_dispatched(&self) -> bool {
        self.dispatches
    }

    /// What became of what was queued so far.
    pub(in crate::cli) fn counts(&self) -> Queued {
        *hold(&self.counts)
    }

    fn store(&self) -> &SqliteBuilds {
        self.store.as_ref().expect("it was opened before the work")
    }

    /// Queues the builds of packages whose commits are durable.
    pub(in crate::cli) fn queue(&self, items: &[Item]) -> anyhow::Result<()> {
        let added = queue(self.store(), &self.order, items)?;
        let mut counts = hold(&self.counts);
        added.into_iter().for_each(|it| counts.add(it.1));
        Ok(())
    }

    /// Does the work, with a dispatcher beside it until that has nothing left to do.
    pub(in crate::cli) fn beside<T>(
        &self,
        display: &Display,
        stop: &StopToken,
        work: impl FnOnce() -> T,
    ) -> (T, anyhow::Result<()>) {
        let ready = hold(&self.ready);
        let Some(ready) = { ready }.take() else {
            return (work(), Ok(()));
        };
        let more = AtomicBool::new(true);
        std::thread::scope(|scope| {
            let run = || {
                let work = Work {
                    plan: &self.plan,
                    stop,
                    show: &|sight| display.see(&sight),
                    more: &more,
                };
                dispatch(&work, self.store(), ready)
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
