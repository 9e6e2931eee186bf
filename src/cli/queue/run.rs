//! From the subcommand to the queue.

use super::arguments::{Arguments, Command};
use super::{add, change, look};
use crate::cli::exit::Exit;
use crate::import::root::queue_of;
use crate::store::SqliteQueue;
use anyhow::Context as _;
use std::path::Path;

pub(in crate::cli) fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let Arguments {
        root,
        json,
        command,
    } = arguments;
    match command {
        Command::Add(arguments) => add::run(&root, json, arguments),
        Command::List(arguments) => look::list(&open(&root)?, json, &arguments),
        Command::Show(arguments) => look::show(&open(&root)?, json, &arguments),
        Command::Why(arguments) => look::why(&root, json, &arguments),
        Command::Stats => look::stats(&open(&root)?, json),
        Command::Cancel(arguments) => change::cancel(&root, json, &arguments),
        Command::Retry(arguments) => change::retry(&root, json, &arguments),
    }
}

/// The queue of a root that has one: who only looks makes none.
pub(in crate::cli) fn open(root: &Path) -> anyhow::Result<SqliteQueue> {
    check(root)?;
    Ok(SqliteQueue::open(&queue_of(root))?)
}

/// Refuses a root that has no queue.
pub(in crate::cli) fn check(root: &Path) -> anyhow::Result<()> {
    std::fs::metadata(queue_of(root).join("queue.sqlite")).with_context(|| {
        let root = root.display();
        format!(
            "there is no queue under {root}: add jobs with distmill queue add (of builds without a \
             queue distmill build stats tells)"
        )
    })?;
    Ok(())
}
