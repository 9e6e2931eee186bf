//! From the subcommand to the database.

use super::arguments::{Arguments, Command};
use super::{change, look};
use crate::cli::exit::Exit;
use crate::cli::farm::Farm;
use crate::store::SqliteTickets;
use anyhow::Context as _;

pub(in crate::cli) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let file = Farm::at(&arguments.config_dir).server()?;
    let path = &file.database;
    // Who only looks makes none.
    std::fs::metadata(path).with_context(|| {
        let path = path.display();
        format!("there is no database {path}: the server makes it, and server.yaml names it")
    })?;
    let store = SqliteTickets::open(path)?;
    let json = arguments.json;
    match &arguments.command {
        Command::ResourceList(it) => look::list(&store, json, it),
        Command::ResourceInfo(it) => look::info(&store, json, it),
        Command::ResourceDelete(it) => change::delete(&store, json, it),
        Command::ResourceLogs(it) => look::logs(&store, &file, it),
        Command::TicketList => look::tickets(&store, json),
        Command::TicketKill(it) => change::kill(&store, json, it),
        Command::PoolForgive(it) => change::forgive(&store, json, it),
        Command::ForeachResource(it) => look::foreach(&store, it),
    }
}
