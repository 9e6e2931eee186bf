//! `distmill build log`: the log of a build, as it is or as it grows.

use super::arguments::LogArguments;
use super::plan::Plan;
use crate::build::entry::Build;
use crate::build::store::BuildStore as _;
use crate::cli::exit::Exit;
use crate::store::SqliteBuilds;
use anyhow::Context as _;
use rustix::event::{PollFd, PollFlags, Timespec, poll};
use std::fs::File;
use std::io::{self, ErrorKind, Read as _};

/// How often a log that is followed is looked at.
const STEP: Timespec = Timespec {
    tv_sec: 0,
    tv_nsec: 200_000_000,
};

/// Prints the log as it is; with `--follow` what comes until the build has ended.
pub(super) fn run(
    store: &SqliteBuilds,
    plan: &Plan,
    arguments: &LogArguments,
) -> anyhow::Result<Exit> {
    let id = arguments.build;
    let find = || -> anyhow::Result<Build> {
        let build = store.build(id)?;
        build.with_context(|| format!("there is no build {id}: distmill build list shows them"))
    };
    let mut build = find()?;
    let mut file: Option<File> = None;
    loop {
        // What is written before the build ends is read after its end was seen.
        let is_open = build.state().is_open();
        if file.is_none() {
            file = open(plan, &build)?;
        }
        if let Some(file) = &mut file {
            match io::copy(file, &mut io::stdout().lock()) {
                // A reader that went away has seen enough.
                Err(error) if error.kind() == ErrorKind::BrokenPipe => return Ok(Exit::Success),
                copied => copied?,
            };
        }
        if !is_open || !arguments.follow {
            let yet = if is_open { " yet" } else { "" };
            let missing = || format!("build {id} is {} and has no log{yet}", build.state());
            file.with_context(missing)?;
            return Ok(Exit::Success);
        }
        if is_unread() {
            return Ok(Exit::Success);
        }
        build = find()?;
    }
}

/// Waits a step; whether nobody reads our output any more.
fn is_unread() -> bool {
    let stdout = io::stdout();
    let mut all = [PollFd::new(&stdout, PollFlags::empty())];
    let is_said = poll(&mut all, Some(&STEP)).is_ok_and(|count| count > 0);
    is_said && all[0].revents().intersects(PollFlags::ERR | PollFlags::HUP)
}

fn open(plan: &Plan, build: &Build) -> anyhow::Result<Option<File>> {
    let path = plan.results.log(build);
    match File::open(&path) {
        Ok(mut file) => {
            // Nothing is read here; it only tells a folder from a file.
            file.read_exact(&mut []).context("cannot read the log")?;
            Ok(Some(file))
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error).with_context(|| format!("cannot read {}", path.display())),
    }
}
