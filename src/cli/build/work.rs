//! The dispatcher with its real parts.

use super::builders::{self, Giver};
use super::plan::{Plan, connections_folder, work_folder};
use crate::build::dispatch::{Dispatcher, Sight};
use crate::build::runner::{Local, Runner, Ssh};
use crate::store::SqliteBuilds;
use crate::sync::{StopLevel, StopToken};
use anyhow::Context as _;
use std::fs::{self, File};
use std::path::Path;
use std::sync::atomic::AtomicBool;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// Threads for what must block: files that are copied, results that are kept.
const BLOCKING: usize = 16;

/// How often it is looked whether another dispatcher is gone, and how long between.
const LOOKS: u32 = 20;
const PAUSE: Duration = Duration::from_millis(50);

/// What a dispatcher of a root needs.
pub(in crate::cli) struct Work<'a> {
    pub(in crate::cli) plan: &'a Plan,
    pub(in crate::cli) stop: &'a StopToken,
    pub(in crate::cli) show: &'a dyn Fn(Sight<'_>),
    /// Whether more builds are to come, whatever there is now.
    pub(in crate::cli) more: &'a AtomicBool,
}

/// What has to be there before anything is dispatched, and what must be told before hours of other
/// work are done that builds are to follow.
pub(in crate::cli) struct Ready {
    lock: File,
    runtime: Runtime,
    giver: Giver,
    runner: Box<dyn Runner>,
}

impl Ready {
    /// Opens it; nothing where another process dispatches the builds of this root.
    pub(in crate::cli) fn open(
        root: &Path,
        plan: &Plan,
        store: &SqliteBuilds,
    ) -> anyhow::Result<Option<Self>> {
        let Some(lock) = lock(store)? else {
            return Ok(None);
        };
        // What a process that was killed left of its builds and connections.
        for folder in [work_folder(root), connections_folder(root)] {
            let _ = fs::remove_dir_all(folder);
        }
        let runtime = Builder::new_multi_thread()
            .worker_threads(2)
            .max_blocking_threads(BLOCKING)
            .thread_name("builds")
            .enable_all()
            .build()
            .context("cannot start the threads of builds")?;
        let handle = runtime.handle().clone();
        let giver = builders::open(plan, root, store, &handle)?;
        let runner: Box<dyn Runner> = match &plan.ssh {
            Some(settings) => Box::new(Ssh::new(handle, settings.clone())),
            None => Box::new(Local::new(handle, &work_folder(root))),
        };
        Ok(Some(Self {
            lock,
            runtime,
            giver,
            runner,
        }))
    }
}

/// Keeps other dispatchers off; a process that was killed may take a moment to be gone.
fn lock(store: &SqliteBuilds) -> anyhow::Result<Option<File>> {
    for _ in 0..LOOKS {
        if let Some(lock) = store.lock().context("cannot lock the builds")? {
            return Ok(Some(lock));
        }
        std::thread::sleep(PAUSE);
    }
    Ok(None)
}

/// Dispatches the builds of a root until nothing is left to do, or the stop.
pub(in crate::cli) fn dispatch(
    work: &Work<'_>,
    store: &SqliteBuilds,
    ready: Ready,
) -> anyhow::Result<()> {
    let Work {
        plan,
        stop,
        show,
        more,
    } = work;
    let Ready {
        lock,
        runtime,
        giver,
        runner,
    } = ready;
    for warning in plan.warnings.iter().chain(&giver.warnings) {
        tracing::warn!("{warning}");
        show(Sight::Notice(&format!("warning: {warning}")));
    }
    let handle = runtime.handle().clone();
    let dispatcher = Dispatcher {
        store,
        tickets: &*giver.tickets,
        runner: &*runner,
        results: &plan.results,
        settings: &plan.settings,
        runtime: &handle,
        stop,
        show: *show,
        more,
    };
    let result = dispatcher.run();
    if result.is_err() {
        stop.raise(StopLevel::Drain);
    }
    runtime.shutdown_timeout(Duration::from_secs(5));
    giver.end(plan.settings.follow, stop)?;
    drop(lock);
    Ok(result?)
}
