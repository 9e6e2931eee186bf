//! `distmill rebuild`: imports a list and builds it, with one display.

use crate::cli::batch::{self, BatchArguments};
use crate::cli::build::TargetsArguments;
use crate::cli::exit::{self, Exit};
use clap::Args;

const HELP: &str = concat!(
    "\
The whole circle in one process: each package is imported as distmill batch does it, and built for
each target as distmill build run does it, while further ones are imported. The same command again
goes on where the last one stopped. What was built already is not built again, unless another run
(--run NAME) has --build-again; distmill build retry --run NAME puts failures back.

Examples:
  distmill rebuild @names.txt
  distmill rebuild @names.txt --target fedora-42-x86_64 --project @python/rebuild --branch f42
  distmill rebuild --all gem --match 'rails*' --limit 20
  distmill rebuild @names.txt --run october --build-again

",
    exit::CODES!(),
    "

The first Ctrl-C lets running imports and builds finish, the second gives them up (they go back into
their queues), the third exits at once."
);

/// Imports many packages and builds them.
#[derive(Debug, Args)]
#[command(after_help = HELP, args_override_self = true)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    batch: BatchArguments,
    #[command(flatten)]
    targets: TargetsArguments,
}

pub(in crate::cli) fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    batch::work_through(arguments.batch, Some((arguments.targets, true)), "rebuild")
}
