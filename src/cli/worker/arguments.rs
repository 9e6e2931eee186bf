//! The arguments of `distmill worker` and their help.

use crate::cli::exit;
use crate::cli::jobs::RunArguments;
use crate::cli::storage::{CgitArguments, StorageArguments};
use clap::Args;
use std::num::NonZeroU32;
use std::str::FromStr;

const HELP: &str = concat!(
    "\
Takes jobs from the queue under the root (see distmill queue), imports them, and marks them done
once what they made is on stable storage. Any number of workers may be at one queue. Without
--follow it ends when no job is left that waits, for its turn or for its next attempt.

A failure that may pass (network, disk) is tried again, each time after twice the pause; other
failures are final until distmill queue retry. Should the process die, the next worker finds out at
once and takes its jobs over; a job that was running when that happened three times is set aside
(poison), a failure with the code crashed.

Unless told otherwise, one owner gets no more than half of the threads at once, and one sandbox
three tenths, so that there is always room for others who come: 5 and 3 of 10.

Examples:
  distmill worker
  distmill worker --follow --jobs 16 --max-per-owner 5 --max-per-sandbox 3
  distmill worker --max-per-owner none --max-per-sandbox none
  distmill worker --max-per-registry pypi=4 --max-per-registry gem=2 --contact ops@example.org

",
    exit::CODES!(),
    "

The first Ctrl-C lets running jobs finish, the second gives them up (they go back into the queue),
the third exits at once. Nothing is lost by that, nor by a kill -9."
);

/// Works the queue off.
#[derive(Debug, Args)]
#[command(after_help = HELP, args_override_self = true)]
pub(in crate::cli) struct Arguments {
    /// Stay when nothing is left to do, and wait for jobs
    #[arg(long)]
    pub(super) follow: bool,
    #[command(flatten)]
    pub(super) work: WorkArguments,
    #[command(flatten)]
    pub(super) storage: StorageArguments,
}

/// How a worker works, whoever starts it.
#[derive(Debug, Args)]
pub(in crate::cli) struct WorkArguments {
    #[command(flatten)]
    pub(in crate::cli) run: RunArguments,
    #[command(flatten)]
    pub(in crate::cli) cgit: CgitArguments,
    #[command(flatten)]
    pub(super) share: ShareArguments,
    #[command(flatten)]
    pub(super) again: AgainArguments,
}

/// A limit, or that there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct AtMost(pub(super) Option<u32>);

impl FromStr for AtMost {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match (text, text.parse::<NonZeroU32>()) {
            ("none", _) => Ok(Self(None)),
            (_, Ok(number)) => Ok(Self(Some(number.get()))),
            (_, Err(_)) => Err("neither a number above 0 nor none".to_owned()),
        }
    }
}

#[derive(Debug, Args)]
#[command(next_help_heading = "How many at once, in all workers together")]
pub(super) struct ShareArguments {
    /// Jobs in all, or none for no limit [default: none]
    #[arg(long, value_name = "N")]
    pub(super) max_total: Option<AtMost>,
    /// Jobs of one owner [default: half of --jobs; in a batch none]
    #[arg(long, value_name = "N")]
    pub(super) max_per_owner: Option<AtMost>,
    /// Jobs of one sandbox [default: three tenths of --jobs; in a batch none]
    #[arg(long, value_name = "N")]
    pub(super) max_per_sandbox: Option<AtMost>,
    /// Jobs that take from one registry: pypi, gem, or the host of an address
    #[arg(long = "max-per-registry", value_name = "NAME=N")]
    pub(super) max_per_registry: Vec<String>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Failures")]
pub(super) struct AgainArguments {
    /// Attempts at a job before a failure is final
    #[arg(long, value_name = "N", default_value = "5")]
    pub(super) attempts: NonZeroU32,
    /// Seconds before the second attempt; doubled for each one after up to an hour, with jitter
    #[arg(long, value_name = "SECONDS", default_value_t = 30.0)]
    pub(super) retry_pause: f64,
    /// Seconds for the whole of one import
    #[arg(long, value_name = "SECONDS", default_value_t = 10_800)]
    pub(super) import_timeout: u64,
    /// Seconds without a sign of life before other workers take the jobs over
    #[arg(long, value_name = "SECONDS", default_value = "60")]
    pub(super) lease: NonZeroU32,
}
