//! One sweep over all packages.

use super::arguments::Arguments;
use crate::cli::exit::Exit;
use crate::cli::threads::Threads;
use crate::cli::{logging, signals};
use crate::import::distgit::Error;
use crate::import::distgit::keep::{Freed, RepositoryId, Scope, Sweep, Swept, Tally, to_sweep};
use crate::import::root::{Places, Root};
use crate::sync::{StopToken, hold, unlocked};
use crate::ui::{Output, notice};
use crate::worker::Pool;
use anyhow::Context as _;
use bytesize::ByteSize;
use serde_json::json;
use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::num::NonZeroUsize;
use std::sync::{Arc, Mutex};
use std::thread::available_parallelism;

pub(in crate::cli) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let places = Places::present(&arguments.storage.storage(None))?;
    let packages = to_sweep(&places)?;
    // Opened for as long as something is changed: what killed runs left is removed as well.
    let root = match arguments.dry_run {
        true => None,
        false => Some(Root::open_at(places.clone())?),
    };
    if let Some(root) = &root {
        logging::start(&root.logs(), "gc")?;
    }
    let stop = StopToken::default();
    let signals = signals::listen(stop.clone(), Arc::new(notice));
    let signals = signals.context("cannot listen for signals")?;
    let output = Output::new(stop.clone());
    let (tally, failures) = (Mutex::new(Tally::default()), Failures::default());
    let sweep = sweep(arguments);
    let threads = arguments.jobs.map(Threads::get);
    let threads = threads.or_else(|| available_parallelism().ok());
    let left = Pool::new(threads.unwrap_or(NonZeroUsize::MIN)).run(
        packages,
        &stop,
        |id: &RepositoryId| sweep.package(&places, id),
        |id, result| match result {
            Ok(Ok(swept)) => {
                show(&output, &swept, arguments);
                let mut tally = hold(&tally);
                tally.add(&swept);
            }
            Ok(Err(error)) => failures.tell(&id, &error.to_string(), Some(&error)),
            Err(panic) => failures.tell(&id, &panic.0, None),
        },
    );
    drop(signals);
    let tally = unlocked(tally);
    let freed = tally.finish(&places, arguments.dry_run)?;
    total(&output, &freed, arguments);
    tracing::info!(?freed, not_begun = left.len(), "gc ends");
    Ok(match (failures.is_none(), left.len()) {
        (_, 1..) => Exit::Interrupted,
        (false, 0) => Exit::Failure,
        (true, 0) => Exit::Success,
    })
}

const fn sweep(arguments: &Arguments) -> Sweep {
    Sweep {
        scope: match arguments.tips_only {
            true => Scope::Tips,
            false => Scope::AllCommits,
        },
        grace: arguments.grace,
        dry_run: arguments.dry_run,
        pack: arguments.pack,
        gone_owners: arguments.gone_owners,
    }
}

/// What was said of packages that could not be swept: the same of a whole owner once.
#[derive(Default)]
struct Failures(Mutex<BTreeSet<String>>);

impl Failures {
    fn tell(&self, id: &RepositoryId, message: &str, error: Option<&Error>) {
        tracing::warn!(repository = %id, message, "a package was not swept");
        let code = error.map(Error::code);
        let hint = code.map_or("", |it| it.hint());
        if hold(&self.0).insert(message.to_owned()) {
            notice(&format!("error: {id}: {message}\n  hint: {hint}"));
        }
    }

    fn is_none(&self) -> bool {
        hold(&self.0).is_empty()
    }
}

/// What was done with one package, where something was.
fn show(output: &Output, swept: &Swept, arguments: &Arguments) {
    for file in &swept.removed {
        let (path, size_bytes) = (file.path.display(), file.size_bytes);
        tracing::info!(%path, size_bytes, dry_run = arguments.dry_run, "unused file");
    }
    if swept.removed.is_empty() && swept.packed.is_none() {
        return;
    }
    if arguments.json {
        return output.json(swept);
    }
    let word = match arguments.dry_run {
        true => "would remove",
        false => "removed",
    };
    let mut text = String::new();
    for file in &swept.removed {
        let size = ByteSize(file.size_bytes);
        let _ = writeln!(text, "{word}  {}  {size}", file.path.display());
    }
    if let Some(packed) = &swept.packed {
        let (before, after) = (ByteSize(packed.before_bytes), ByteSize(packed.after_bytes));
        let (id, objects) = (&swept.repository, packed.objects);
        let _ = writeln!(text, "packed  {id}  {objects} objects, {before} -> {after}");
    }
    output.write(&text);
}

fn total(output: &Output, freed: &Freed, arguments: &Arguments) {
    if arguments.json {
        return output.json(&json!({"total": freed, "dry_run": arguments.dry_run}));
    }
    let word = match arguments.dry_run {
        true => "would be freed",
        false => "freed",
    };
    let (files, packages) = (freed.files, freed.packages);
    let mut text = format!(
        "{} {word}: {files} files of {packages} packages",
        ByteSize(freed.bytes)
    );
    if freed.in_grace > 0 {
        let _ = write!(text, "; {} more are in grace", freed.in_grace);
    }
    if freed.packed > 0 {
        let bytes = ByteSize(freed.packed_bytes);
        let _ = write!(
            text,
            "; packing {} repositories freed {bytes}",
            freed.packed
        );
    }
    output.write(&format!("{text}\n"));
}
