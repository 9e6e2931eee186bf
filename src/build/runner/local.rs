//! Builds on this machine.
//!
//! A builder whose host is an absolute path is that folder, and gone when the folder is; the others
//! are given folders of their own under one. Each build has a new folder there, which goes when it
//! has ended.

use super::process::{Ended, Process};
use super::script::{NO_ROOM, script, srpm_name};
use super::{Done, Halted, Order, Runner, Verdict, files};
use crate::build::results::LOG;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use tokio::runtime::Handle;
use tokio::task::spawn_blocking;

/// Runs builds on this machine.
#[derive(Clone, Debug)]
pub struct Local {
    runtime: Handle,
    work: PathBuf,
}

impl Local {
    /// Builders without a folder of their own work under `work`.
    #[must_use]
    pub fn new(runtime: Handle, work: &Path) -> Self {
        Self {
            runtime,
            work: work.to_owned(),
        }
    }
}

impl Runner for Local {
    fn begin(&self, order: Order, mut halted: Halted, done: Done) {
        let shared = self.work.clone();
        self.runtime.spawn(async move {
            let verdict = run(&order, &shared, &mut halted).await;
            let _ = spawn_blocking(move || done(verdict)).await;
        });
    }
}

async fn run(order: &Order, shared: &Path, halted: &mut Halted) -> Verdict {
    let host = Path::new(&order.machine.host);
    let is_folder = host.is_absolute();
    let base = if is_folder { host } else { shared }.to_owned();
    let work = base.join(&order.name);
    let prepared = order.clone();
    let place = work.clone();
    let prepared = spawn_blocking(move || prepare(&prepared, &base, &place, is_folder)).await;
    let verdict = match prepared {
        Ok(Ok(())) => build(order, &work, halted).await,
        Ok(Err(verdict)) => verdict,
        Err(error) => Verdict::Trouble(error.to_string()),
    };
    // A folder that is gone with its builder needs no cleaning.
    let place = work.clone();
    let _ = spawn_blocking(move || fs::remove_dir_all(place)).await;
    match is_folder && !host.is_dir() && verdict != Verdict::Halted {
        true => Verdict::Lost(format!("its folder {} is gone", host.display())),
        false => verdict,
    }
}

/// Makes the folder of the build, with the source package in it.
fn prepare(order: &Order, base: &Path, work: &Path, is_folder: bool) -> Result<(), Verdict> {
    let failed = |error: io::Error| match is_folder {
        true => Verdict::Lost(format!("cannot prepare {}: {error}", work.display())),
        false => Verdict::of_here(&format!("cannot prepare {}", work.display()), &error),
    };
    if is_folder && !base.is_dir() {
        let text = format!("its folder {} is not there", base.display());
        return Err(Verdict::Lost(text));
    }
    let _ = fs::remove_dir_all(work);
    fs::create_dir_all(work.join("results")).map_err(failed)?;
    let mut from = fs::File::open(&order.srpm)
        .map_err(|error| Verdict::NoSource(format!("{}: {error}", order.srpm.display())))?;
    let to = fs::File::create(work.join(srpm_name(order)));
    let copied = to.and_then(|mut to| io::copy(&mut from, &mut to));
    copied.map(|_| ()).map_err(failed)
}

async fn build(order: &Order, work: &Path, halted: &mut Halted) -> Verdict {
    let Some(text) = work.to_str() else {
        return Verdict::Trouble(format!("{} is no text", work.display()));
    };
    let log = order.folder.join(LOG);
    let mut process = Process::new(&script(order, text));
    process.plain();
    process.work(text);
    process.most(order.max_log);
    let ended = process.run(&log, order.time_limit, Some(halted)).await;
    let verdict = match ended {
        Ok(Ended::Code(0)) => Verdict::Succeeded,
        Ok(Ended::Code(NO_ROOM)) => Verdict::Lost("it has no room left".to_owned()),
        Ok(Ended::Code(code)) => Verdict::Failed(code),
        Ok(ended @ Ended::Signal(_)) => Verdict::Lost(format!("the build {ended}")),
        Ok(Ended::TimedOut) => Verdict::TimedOut,
        Ok(Ended::Halted) => return Verdict::Halted,
        Err(error) => return Verdict::of_here("cannot run the build", &error),
    };
    let (from, to) = (work.join("results"), order.folder.join("files"));
    let taken = spawn_blocking(move || files::take(&from, &to)).await;
    match (verdict, taken) {
        (Verdict::Succeeded, Ok(Err(problem))) => problem.verdict(),
        (verdict, _) => verdict,
    }
}
