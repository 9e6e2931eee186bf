//! The arguments of `distmill resalloc-maint` and their help.

use crate::cli::exit;
use clap::{Args, Subcommand};
use std::path::PathBuf;

const HELP: &str = concat!(
    "\
It looks into the database that server.yaml names. What is to be changed is done by the server, at
once when one runs, else when it is started next.

Called by the name resalloc-maint (a link) the program does the same.

Examples:
  distmill resalloc-maint resource-list --up
  distmill resalloc-maint resource-info 12
  distmill resalloc-maint resource-delete 12 13
  distmill resalloc-maint resource-delete --unused
  distmill resalloc-maint foreach-resource --command \"echo {name} {state} {data_utf8}\"
  CONFIG_DIR=/srv/farm distmill resalloc-maint ticket-list

",
    exit::CODES!()
);

/// Lists and deletes the builders of a resalloc server, and lists its tickets.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct Arguments {
    /// Folder of server.yaml
    #[arg(
        long,
        value_name = "DIR",
        default_value = "/etc/resallocserver",
        env = "CONFIG_DIR",
        global = true
    )]
    pub(super) config_dir: PathBuf,
    /// Print JSON objects, one a line
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Lists the resources that have not ended
    ResourceList(ListArguments),
    /// Shows all that is known of a resource
    ResourceInfo(InfoArguments),
    /// Deletes resources that are up; a ticket that has one fails
    ResourceDelete(DeleteArguments),
    /// Follows the logs of the commands of resources
    ResourceLogs(LogsArguments),
    /// Lists the tickets that are not closed
    TicketList,
    /// Makes open tickets fail; their resources are deleted
    TicketKill(KillArguments),
    /// Ends the pause or quarantine of pools after failed starts
    PoolForgive(ForgiveArguments),
    /// Runs a shell command for each resource that has not ended
    ForeachResource(ForeachArguments),
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    /// Only those that are up
    #[arg(long)]
    pub(super) up: bool,
}

#[derive(Debug, Args)]
pub(super) struct InfoArguments {
    /// Number or name
    #[arg(value_name = "RESOURCE")]
    pub(super) resource: String,
}

#[derive(Debug, Args)]
pub(super) struct DeleteArguments {
    /// Numbers or names
    #[arg(value_name = "RESOURCE")]
    pub(super) resources: Vec<String>,
    /// All that are up
    #[arg(long)]
    pub(super) all: bool,
    /// All that are up and have no ticket
    #[arg(long, conflicts_with = "all")]
    pub(super) unused: bool,
}

#[derive(Debug, Args)]
pub(super) struct LogsArguments {
    /// Numbers or names
    #[arg(value_name = "RESOURCE", required = true)]
    pub(super) resources: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct KillArguments {
    /// Numbers
    #[arg(value_name = "TICKET", required = true)]
    pub(super) tickets: Vec<u64>,
}

#[derive(Debug, Args)]
pub(super) struct ForgiveArguments {
    /// Names
    #[arg(value_name = "POOL", required = true)]
    pub(super) pools: Vec<String>,
}

#[derive(Debug, Args)]
pub(super) struct ForeachArguments {
    /// The shell command; {name}, {state} and {data_utf8} are filled in, {{ and }} are braces
    #[arg(long, value_name = "COMMAND", default_value = "echo {name}")]
    pub(super) command: String,
}
