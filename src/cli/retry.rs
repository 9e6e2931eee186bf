//! `distmill retry`: what `distmill queue retry` does, for the failures of one run.

use super::exit::{self, Exit};
use super::queue;
use clap::Args;
use std::path::PathBuf;

const HELP: &str = concat!(
    "\
Acts on what distmill report shows: the jobs of a run that ended with this code go back into the
queue, with all attempts before them again, and distmill worker (or the batch once more) works them
off. The same as distmill queue retry --run RUN --code CODE, which can also choose jobs by number,
state, project, owner and sandbox.

Examples:
  distmill retry --code network-timeout
  distmill retry --code license-unknown september && distmill worker
  distmill retry --all september

",
    exit::CODES!()
);

/// Puts the failures of a run back into the queue.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct Arguments {
    /// Name of the run [default: the one that was begun last]
    run: Option<String>,
    /// Code of the failures, as the report names it
    #[arg(long, value_name = "CODE", required_unless_present = "all")]
    code: Option<String>,
    /// Failures of every code
    #[arg(long, conflicts_with = "code")]
    all: bool,
    /// Print a JSON object
    #[arg(long)]
    json: bool,
    /// Folder that everything is put under
    #[arg(
        long,
        value_name = "DIR",
        default_value = "distmill-root",
        env = "DISTMILL_ROOT"
    )]
    root: PathBuf,
}

pub(super) fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let Arguments {
        run, code, json, ..
    } = arguments;
    queue::retry_run(&arguments.root, json, run.as_deref(), code)
}
