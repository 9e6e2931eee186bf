//! From arguments to checked settings: every mistake is found before anything is measured.

use super::arguments::{Arguments, CorpusArguments};
use crate::bench::{Corpus, Distance, Error, FORM, Report, Synthetic, Work, default_cache};
use crate::cli::threads::Threads;
use crate::sync::StopToken;
use std::env;
use std::fs::{self, File};
use std::num::NonZeroUsize;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};
use std::thread::available_parallelism;

/// How many packages are made up where nothing else is asked for.
const PACKAGES: NonZeroUsize = NonZeroUsize::new(100).expect("it is not 0");

/// The most milliseconds before an answer: a day.
const LATENCY: f64 = 86_400_000.0;

/// Megabytes a second.
const BANDWIDTH: RangeInclusive<f64> = 0.001..=1e6;

/// Everything that is to be measured.
pub(super) struct Plan {
    pub(super) origin: Origin,
    /// Each number once, in the order asked for.
    pub(super) threads: Vec<NonZeroUsize>,
    pub(super) distance: Distance,
    /// A folder that is there.
    pub(super) place: PathBuf,
    pub(super) before: Option<Report>,
}

/// Where the corpus comes from.
pub(super) enum Origin {
    Folder(PathBuf),
    Synthetic(Synthetic, PathBuf),
}

impl Origin {
    /// The corpus, made where it has to be, and where it came from in a few words.
    pub(super) fn corpus(&self, work: Work, stop: &StopToken) -> Result<(Corpus, String), Error> {
        Ok(match self {
            Self::Folder(path) => (Corpus::read(path, work, stop)?, "folder".to_owned()),
            Self::Synthetic(synthetic, cache) => {
                (synthetic.corpus(cache, stop)?, synthetic.origin())
            }
        })
    }
}

/// Checks all arguments.
///
/// # Errors
/// Every mistake.
pub(super) fn plan(arguments: &Arguments) -> Result<Plan, Vec<String>> {
    let mut mistakes = Vec::new();
    let registry = &arguments.registry;
    if !(0.0..=LATENCY).contains(&registry.latency) {
        mistakes.push("--latency must be a number of milliseconds, at most a day".to_owned());
    }
    if registry
        .bandwidth
        .is_some_and(|it| !BANDWIDTH.contains(&it))
    {
        mistakes.push("--bandwidth must be 0.001 to 1000000 megabytes a second".to_owned());
    }
    let place = arguments.place.fs.clone().unwrap_or_else(env::temp_dir);
    if !place.is_dir() {
        mistakes.push(format!("--fs {} is no folder", place.display()));
    } else if let Err(error) = tempfile::tempdir_in(&place) {
        let place = place.display();
        mistakes.push(format!("--fs {place} cannot be written to: {error}"));
    }
    if let Some(folder) = arguments.corpus.corpus.as_ref()
        && !folder.is_dir()
    {
        mistakes.push(format!("--corpus {} is no folder", folder.display()));
    }
    if let Some(plot) = &arguments.output.plot
        && let Err(problem) = writable(plot)
    {
        mistakes.push(format!("--plot {}: {problem}", plot.display()));
    }
    let before = arguments.output.compare.as_deref();
    let before = before.map(report).transpose();
    let before = before.map_err(|it| mistakes.push(it)).ok().flatten();
    if !mistakes.is_empty() {
        return Err(mistakes);
    }
    Ok(Plan {
        origin: origin(arguments, &arguments.corpus),
        threads: threads(&arguments.threads),
        distance: Distance {
            latency_ms: registry.latency,
            bandwidth_mb: registry.bandwidth,
        },
        place,
        before,
    })
}

fn origin(arguments: &Arguments, corpus: &CorpusArguments) -> Origin {
    if let Some(folder) = &corpus.corpus {
        return Origin::Folder(folder.clone());
    }
    let synthetic = Synthetic {
        work: arguments.work,
        count: corpus.synthetic.unwrap_or(PACKAGES),
        seed: corpus.seed,
        size: corpus.size.map(|it| it.as_u64()),
    };
    let cache = corpus.corpus_cache.clone().unwrap_or_else(default_cache);
    Origin::Synthetic(synthetic, cache)
}

fn threads(asked: &[Threads]) -> Vec<NonZeroUsize> {
    let here = available_parallelism().unwrap_or(NonZeroUsize::MIN);
    let all = match asked.is_empty() {
        true => vec![NonZeroUsize::MIN, here],
        false => asked.iter().map(|it| it.get()).collect(),
    };
    let mut once = Vec::new();
    for it in all {
        if !once.contains(&it) {
            once.push(it);
        }
    }
    once
}

/// Whether a file can be written in the end; why not.
fn writable(path: &Path) -> Result<(), String> {
    let absolute = std::path::absolute(path).map_err(|it| it.to_string())?;
    let folder = absolute.parent().filter(|it| it.is_dir());
    let folder = folder.ok_or("its folder is not there")?;
    let tried = match absolute.exists() {
        true => File::options().append(true).open(&absolute).map(drop),
        false => tempfile::tempfile_in(folder).map(drop),
    };
    tried.map_err(|it| format!("it cannot be written: {it}"))
}

/// Reads an earlier report.
fn report(path: &Path) -> Result<Report, String> {
    let refused = |problem: String| {
        let path = path.display();
        format!("--compare {path} cannot be used: {problem}; it should be what --json printed")
    };
    let text = fs::read_to_string(path).map_err(|error| refused(error.to_string()))?;
    let report: Report = serde_json::from_str(&text).map_err(|error| refused(error.to_string()))?;
    match report.form {
        FORM => Ok(report),
        form => Err(refused(format!("its form is {form}, not {FORM}"))),
    }
}
