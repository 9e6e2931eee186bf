//! From arguments to checked settings: every mistake is found before anything is done.

use super::arguments::BatchArguments as Arguments;
use super::select::Selection;
use super::since::{Since, note_of};
use crate::cli::build::{Builds, TargetsArguments};
use crate::cli::jobs::{Entry, expand};
use crate::cli::worker::{self, Room, plan as plan_work};
use crate::config::Storage;
use crate::import::queue::Target;
use crate::model::{Ecosystem, Sha256};
use std::fs;

/// Where the sources come from.
pub(super) enum Origin {
    /// They were named.
    Entries(Vec<Entry>),
    /// Every name of a registry.
    Registry(Ecosystem),
}

/// Everything that a batch needs, checked.
pub(super) struct Plan {
    pub(super) storage: Storage,
    pub(super) origin: Origin,
    pub(super) selection: Selection,
    pub(super) since: Since,
    /// What the state of the registry is noted under; none where it is not.
    pub(super) note: Option<String>,
    pub(super) name: String,
    /// Whether the operator chose the name.
    pub(super) is_named: bool,
    /// What was asked for, as people read it.
    pub(super) about: String,
    pub(super) target: Target,
    pub(super) work: worker::Plan,
    pub(super) quiet: bool,
    pub(super) json: bool,
    /// How what is imported is built.
    pub(super) builds: Option<Builds>,
}

/// Checks all arguments.
///
/// # Errors
/// Every mistake.
pub(super) fn plan(
    arguments: Arguments,
    builds: Option<(TargetsArguments, bool)>,
) -> Result<Plan, Vec<String>> {
    let mut mistakes = Vec::new();
    let about = about(&arguments);
    let origin = origin(&arguments, &mut mistakes);
    let selection = selection(&arguments, &mut mistakes);
    let since = Since::of(&arguments, &mut mistakes);
    if since != Since::Ever && arguments.all.is_none() {
        mistakes.push("--since is of all of a registry: give --all instead of sources".to_owned());
    }
    let is_named = arguments.run.is_some();
    let is_stdin = arguments.sources.iter().any(|it| it == "-");
    let all_of = format!("{:?}", arguments.target);
    let patterns = arguments.patterns.clone();
    let name = arguments.run.unwrap_or_else(|| {
        let kind = arguments
            .all
            .map_or("batch".to_owned(), |it| format!("all-{it}"));
        let mut of = format!("{about} {all_of}");
        if let (true, Some(Origin::Entries(entries))) = (is_stdin, &origin) {
            // Every list comes in by the same word.
            entries
                .iter()
                .for_each(|it| of.push_str(&format!("\n{}", it.text)));
        }
        format!("{kind}-{}", &Sha256::of(of.as_bytes()).to_string()[..8])
    });
    if name.is_empty() || name.contains(char::is_control) {
        mistakes.push(format!("--run {name:?} is no name"));
    }
    let target = arguments.target.check(&mut mistakes);
    let (quiet, json) = (arguments.work.run.quiet, arguments.work.run.json);
    let storage = arguments.storage.storage(Some(&arguments.work.cgit));
    let git = storage.git.as_deref();
    let builds = builds.and_then(|(targets, dispatches)| {
        let sandbox = format!("batch {name}");
        let run = Some(name.as_str());
        let found = Builds::check(&storage.root, git, &targets, &sandbox, run, &mut mistakes)?;
        Some(match dispatches {
            true => found.dispatched(),
            false => found,
        })
    });
    let work = plan_work(&storage.root, &arguments.work, Room::Own, false, mistakes)?;
    let (Some(target), Some(origin)) = (target, origin) else {
        return Err(Vec::new());
    };
    let note = match (&origin, selection.limit) {
        (Origin::Registry(ecosystem), None) => {
            let registry = work.import.registries.get(*ecosystem);
            Some(note_of(registry, &patterns, &all_of))
        }
        _ => None,
    };
    Ok(Plan {
        since,
        is_named,
        note,
        storage,
        origin,
        selection,
        name,
        about,
        target,
        work,
        quiet,
        json,
        builds,
    })
}

fn about(arguments: &Arguments) -> String {
    let mut out = match &arguments.all {
        Some(ecosystem) => format!("all of {ecosystem}"),
        None => arguments.sources.join(" "),
    };
    for it in &arguments.patterns {
        out.push_str(&format!(" matching {it}"));
    }
    if let Some(top) = &arguments.top {
        out.push_str(&format!(" with {} first", top.display()));
    }
    if let Some(limit) = arguments.limit {
        out.push_str(&format!(", at most {limit}"));
    }
    out
}

fn origin(arguments: &Arguments, mistakes: &mut Vec<String>) -> Option<Origin> {
    let Some(word) = &arguments.all else {
        let entries = expand(&arguments.sources).map_err(|all| mistakes.extend(all));
        return entries.ok().map(Origin::Entries);
    };
    let ecosystem = Ecosystem::from_scheme(word);
    if ecosystem.is_none() {
        mistakes.push(format!("--all {word:?} is neither pypi nor gem"));
    }
    ecosystem.map(Origin::Registry)
}

fn selection(arguments: &Arguments, mistakes: &mut Vec<String>) -> Selection {
    let mut selection = Selection {
        limit: arguments.limit,
        ..Selection::default()
    };
    for text in &arguments.patterns {
        if let Err(error) = selection.add_pattern(text) {
            mistakes.push(format!("--match {text:?}: {error}"));
        }
    }
    if let Some(path) = &arguments.top {
        match fs::read_to_string(path) {
            Ok(text) => selection.set_first(&text),
            Err(error) => mistakes.push(format!("cannot read {}: {error}", path.display())),
        }
    }
    selection
}
