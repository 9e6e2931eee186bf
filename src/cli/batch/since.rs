//! `--since`: from one state of a registry to the next, so that no change is passed over.
//!
//! A batch of all of a registry notes the state at which its names were listed, once all of them
//! are queued: what changed later has a later serial, also where a job took it already. What the
//! note is of is registry, selection and target together; it also says which run it is from, lest
//! an older run that is gone on with takes it back.

use super::arguments::BatchArguments as Arguments;
use crate::import::queue::{JobQueue as _, QueueError, RunId};
use crate::import::source::{pypi, rubygems};
use crate::model::{Ecosystem, Sha256};
use crate::store::SqliteQueue;
use url::Url;

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Since {
    /// All, whenever it changed.
    Ever,
    /// What changed since all was queued the last time.
    Last,
    /// What changed after this.
    Serial(String),
}

/// From which state of the registry to which one.
#[derive(Clone, Debug)]
pub(super) struct Span {
    /// Only what changed after it; none where all is taken.
    pub(super) from: Option<String>,
    /// The state now; none where the registry does not count.
    pub(super) to: Option<String>,
}

impl Since {
    /// Checks the option; mistakes are added to the list.
    pub(super) fn of(arguments: &Arguments, mistakes: &mut Vec<String>) -> Self {
        let Some(text) = &arguments.since else {
            return Self::Ever;
        };
        let ecosystem = arguments.all.as_deref().and_then(Ecosystem::from_scheme);
        let is_serial = match ecosystem {
            Some(Ecosystem::Pypi) => pypi::is_serial(text),
            Some(Ecosystem::Gem) => rubygems::is_serial(text),
            // Said of --all already.
            None => true,
        };
        if text != "last" && !is_serial {
            let form = match ecosystem {
                Some(Ecosystem::Gem) => "TIME+BYTES",
                _ => "a number",
            };
            mistakes.push(format!("--since {text:?} is neither last nor {form}"));
        }
        match &**text {
            "last" => Self::Last,
            _ => Self::Serial(text.clone()),
        }
    }

    /// The state to begin at; none for all.
    pub(super) fn from(
        &self,
        queue: Option<&SqliteQueue>,
        note: &str,
    ) -> Result<Option<String>, QueueError> {
        Ok(match self {
            Self::Ever => None,
            Self::Serial(serial) => Some(serial.clone()),
            Self::Last => match queue {
                Some(queue) => read(queue, note)?.map(|it| it.1),
                None => None,
            },
        })
    }
}

/// The name of the note on a registry, a selection and a target.
pub(super) fn note_of(registry: &Url, patterns: &[String], target: &str) -> String {
    let of = format!("{registry} {patterns:?} {target}");
    format!("queued {}", Sha256::of(of.as_bytes()))
}

/// Notes the state that a run begins at, unless it has begun before.
pub(super) fn begin(queue: &SqliteQueue, run: RunId, to: &str) -> Result<(), QueueError> {
    let begun = begun(run);
    match queue.note(&begun)? {
        Some(_) => Ok(()),
        None => queue.set_note(&begun, to),
    }
}

/// Notes that all is queued up to the state at which the run began.
pub(super) fn end(queue: &SqliteQueue, note: &str, run: RunId) -> Result<(), QueueError> {
    let is_later = read(queue, note)?.is_none_or(|(last, _)| last < run);
    match queue.note(&begun(run))? {
        Some(serial) if is_later => queue.set_note(note, &format!("{run} {serial}")),
        _ => Ok(()),
    }
}

fn begun(run: RunId) -> String {
    format!("begun {run}")
}

fn read(queue: &SqliteQueue, note: &str) -> Result<Option<(RunId, String)>, QueueError> {
    let text = queue.note(note)?;
    Ok(text.and_then(|text| {
        let (run, serial) = text.split_once(' ')?;
        Some((run.parse().ok()?, serial.to_owned()))
    }))
}
