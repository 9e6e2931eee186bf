//! One removal of projects: all are looked up before the first one goes.

use super::arguments::Arguments;
use super::builds::Builds;
use crate::cli::exit::{Exit, UsageError};
use crate::cli::logging;
use crate::import::distgit::keep::{Belongings, Tally, belongings, prune};
use crate::import::root::{Places, Root};
use crate::model::Project;
use crate::sync::StopToken;
use crate::ui::{Output, notice};
use bytesize::ByteSize;
use serde::Serialize;
use std::collections::BTreeSet;
use std::io::{self, IsTerminal as _};

/// What there is of a project.
#[derive(Debug, Serialize)]
struct Found {
    #[serde(flatten)]
    has: Belongings,
    /// Its builds.
    builds: u64,
}

pub(in crate::cli) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let projects = projects(arguments).map_err(|all| UsageError("prune", all))?;
    let storage = arguments.storage.storage(Some(&arguments.cgit));
    let places = Places::present(&storage)?;
    let builds = Builds::open(&storage.root, &arguments.builds)?;
    let output = Output::new(StopToken::default());
    let mut found = Vec::new();
    for project in projects {
        let has = match belongings(&places, &project)? {
            Some(has) => has,
            None if builds.has(&project)? => Belongings::none(&project),
            None => anyhow::bail!("there is no project {project}; nothing was removed"),
        };
        let builds = builds.count(&project)?;
        found.push((project, Found { has, builds }));
    }
    if arguments.dry_run {
        for (_, has) in &found {
            show(&output, has, "would remove", arguments);
        }
        return Ok(Exit::Success);
    }
    if !arguments.yes && !is_meant(&found)? {
        notice("nothing was removed");
        return Ok(Exit::Failure);
    }
    let root = Root::open_at(places)?;
    logging::start(&root.logs(), "prune")?;
    for (project, has) in &found {
        builds.remove(project)?;
        prune(&root, project)?;
        tracing::info!(%project, ?has, "project removed");
        show(&output, has, "removed", arguments);
    }
    // What the cache keeps of files that nobody has any more.
    Tally::default().finish(&root, false)?;
    Ok(Exit::Success)
}

fn projects(arguments: &Arguments) -> Result<BTreeSet<Project>, Vec<String>> {
    let mut mistakes = Vec::new();
    let mut projects = BTreeSet::new();
    for text in &arguments.projects {
        match Project::parse(text) {
            Ok(project) => drop(projects.insert(project)),
            Err(error) => mistakes.push(error.to_string()),
        }
    }
    let can_ask = arguments.yes || arguments.dry_run || io::stdin().is_terminal();
    if !can_ask {
        mistakes.push("--yes is needed: nobody is there to be asked".to_owned());
    }
    match mistakes.is_empty() {
        true => Ok(projects),
        false => Err(mistakes),
    }
}

/// Asks whether all of it is to go.
fn is_meant(found: &[(Project, Found)]) -> io::Result<bool> {
    for (_, has) in found {
        notice(&line(has, "to be removed"));
    }
    notice("Remove all of it, for ever? Type yes:");
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

fn show(output: &Output, has: &Found, word: &str, arguments: &Arguments) {
    match arguments.json {
        true => output.json(has),
        false => output.write(&format!("{}\n", line(has, word))),
    }
}

fn line(has: &Found, word: &str) -> String {
    let Found { has, builds } = has;
    let (project, repositories, size) = (&has.project, has.repositories, ByteSize(has.bytes));
    let (files, srpms) = (has.files, has.srpms);
    format!(
        "{word}  {project}: {repositories} repositories, {files} lookaside files, \
         {srpms} source packages, {size}; {builds} builds with their results"
    )
}
