//! The arguments of `distmill resalloc` and their help.

use clap::{Args, Subcommand};
use std::path::PathBuf;
use url::Url;

const HELP: &str = "\
Called by the name resalloc (a link) the program does the same.

Examples:
  ticket=$(distmill resalloc ticket --tag x86_64 --sandbox alice/web)
  distmill resalloc ticket-wait $ticket
  distmill resalloc ticket-why $ticket
  distmill resalloc ticket-close $ticket
  distmill resalloc pools
  RESALLOC_TOKEN=secret distmill resalloc --connection http://farm.example.org:49100 ticket --tag big

Exit codes:
    0  all went well
    1  the server refused or cannot be reached; ticket-check: the ticket is not ready, or it is
       closed, failed or unknown
    2  wrong usage; nothing was done";

/// Takes, waits for and closes tickets of a resalloc server.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct Arguments {
    /// Address of the server
    #[arg(
        long,
        value_name = "URL",
        default_value = "http://localhost:49100",
        global = true
    )]
    pub(super) connection: Url,
    /// File with the token that the server wants to see [default: that of $RESALLOC_TOKEN]
    #[arg(long, value_name = "FILE", global = true)]
    pub(super) token_file: Option<PathBuf>,
    /// Print a JSON object
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Takes a ticket and prints its number
    Ticket(TicketArguments),
    /// Prints the output of a ticket's resource if there is one yet
    TicketCheck(IdArguments),
    /// Waits for a ticket's resource and prints its output
    TicketWait(IdArguments),
    /// Closes a ticket: its resource is given back
    TicketClose(IdArguments),
    /// Says what a ticket waits for
    TicketWhy(IdArguments),
    /// Lists the pools: what there is, how starts went, what is the matter
    Pools,
}

#[derive(Debug, Args)]
pub(super) struct TicketArguments {
    /// A tag that the resource must have; may be given more than once
    #[arg(long = "tag", value_name = "TAG", required = true)]
    pub(super) tags: Vec<String>,
    /// Resources used in a sandbox are used again in it only; without one, never
    #[arg(long, value_name = "NAME")]
    pub(super) sandbox: Option<String>,
    /// Whose ticket it is, for shares [default: whom policy.yaml names for the sandbox]
    #[arg(long, value_name = "NAME")]
    pub(super) owner: Option<String>,
    /// A higher one is served earlier
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    pub(super) priority: i32,
}

#[derive(Debug, Args)]
pub(super) struct IdArguments {
    /// The ticket's number
    #[arg(value_name = "TICKET", allow_negative_numbers = true)]
    pub(super) ticket: String,
}
