//! From the subcommand to the queue.

use super::arguments::{Arguments, Command};
use super::open::open;
use super::{add, change, look};
use crate::cli::exit::Exit;

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
