//! One check of everything.

use super::arguments::Arguments;
use crate::cli::exit::Exit;
use crate::cli::signals;
use crate::cli::threads::Threads;
use crate::import::distgit::keep::{
    Check, Finding, RepositoryId, Scope, check_around, repositories,
};
use crate::import::root::Places;
use crate::sync::StopToken;
use crate::ui::{Output, notice};
use crate::worker::Pool;
use anyhow::Context as _;
use std::num::NonZeroUsize;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::available_parallelism;

pub(in crate::cli) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let storage = arguments.storage.storage(Some(&arguments.cgit));
    let places = Places::present(&storage)?;
    let all = repositories(&places)?;
    let count = all.len();
    let stop = StopToken::default();
    let signals = signals::listen(stop.clone(), Arc::new(notice));
    let signals = signals.context("cannot listen for signals")?;
    let output = Output::new(stop.clone());
    let faults = AtomicU64::new(0);
    let show = |found: &[Finding]| {
        faults.fetch_add(found.len() as u64, Ordering::Relaxed);
        found.iter().for_each(|it| show(&output, it, arguments));
    };
    show(&check_around(&places)?);
    let check = Check {
        scope: match arguments.all_commits {
            true => Scope::AllCommits,
            false => Scope::Tips,
        },
    };
    let threads = arguments.jobs.map(Threads::get);
    let threads = threads.or_else(|| available_parallelism().ok());
    let left = Pool::new(threads.unwrap_or(NonZeroUsize::MIN)).run(
        all,
        &stop,
        |id: &RepositoryId| check.repository(&places, id),
        |id, result| match result {
            Ok(found) => show(&found),
            Err(panic) => {
                faults.fetch_add(1, Ordering::Relaxed);
                notice(&format!("error: {id}: {}", panic.0));
            }
        },
    );
    drop(signals);
    let faults = faults.into_inner();
    if !arguments.quiet {
        let checked = count - left.len();
        notice(&format!("{checked} repositories checked, {faults} faults"));
    }
    Ok(match (faults, left.len()) {
        (_, 1..) => Exit::Interrupted,
        (1.., 0) => Exit::Failure,
        (0, 0) => Exit::Success,
    })
}

fn show(output: &Output, finding: &Finding, arguments: &Arguments) {
    if arguments.json {
        return output.json(finding);
    }
    let (problem, path) = (finding.problem.as_str(), finding.path.display());
    let (message, mend) = (&finding.message, finding.mend);
    output.write(&format!("{problem}  {path}\n  {message}\n  mend: {mend}\n"));
}
