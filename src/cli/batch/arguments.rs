//! The arguments of `distmill batch` and their help.

use crate::cli::build::TargetsArguments;
use crate::cli::exit;
use crate::cli::jobs::{SOURCES, TargetArguments};
use crate::cli::storage::StorageArguments;
use crate::cli::worker::WorkArguments;
use clap::Args;
use std::path::PathBuf;

const HELP: &str = concat!(
    SOURCES!(),
    "
A batch is a run: its sources go into the queue, in the background, and this process works the
queue off until no job of the run is open, whoever has them; bar, table and exit code tell of the
run. The same command again goes on where the last one stopped: what has ended is not begun again,
and names that are new at the registry, or in a list @FILE, are added; another list from stdin (-)
is another run. --run NAME begins another run, or goes on with one of that name. distmill report shows what came of a run, distmill retry --code CODE puts
failures back.

--since takes what changed at the registry after a state of it, as a run of its own: SERIAL (a
number for pypi, TIME+BYTES for gem; each run says it), or last, the state up to which all was
queued by this command before. Where there was none, all are taken.

Examples:
  distmill batch @names.txt
  distmill batch --all gem --match 'rails*' --limit 500 --project @ruby/rebuild --branch f42
  distmill batch --all pypi --top popular.txt --max-per-registry pypi=8 --contact ops@example.org
  distmill batch --all pypi --since last
  distmill batch --all gem --limit 100 --dry-run

",
    exit::CODES!()
);

/// Imports many packages as one run that can be stopped and gone on with.
#[derive(Debug, Args)]
#[command(after_help = HELP, args_override_self = true)]
pub(in crate::cli) struct Arguments {
    #[command(flatten)]
    pub(super) batch: BatchArguments,
    /// Queue a build of each package for each target; distmill build run builds them
    #[arg(long, help_heading = "Builds")]
    pub(super) rebuild: bool,
    #[command(flatten)]
    pub(super) targets: TargetsArguments,
}

/// What is imported, and how.
#[derive(Debug, Args)]
pub(in crate::cli) struct BatchArguments {
    /// What to import; see below
    #[arg(
        value_name = "SOURCE",
        required_unless_present = "all",
        conflicts_with = "all"
    )]
    pub(super) sources: Vec<String>,
    /// Every name of a registry instead: pypi or gem
    #[arg(long, value_name = "ECOSYSTEM")]
    pub(super) all: Option<String>,
    /// Only names that match, with * and ?; may be given several times
    #[arg(long = "match", value_name = "GLOB")]
    pub(super) patterns: Vec<String>,
    /// Names that come first, one a line, in this order; # begins a comment
    #[arg(long, value_name = "FILE")]
    pub(super) top: Option<PathBuf>,
    /// At most so many, the first ones
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<usize>,
    /// Only packages that changed since this state of the registry, or since the last time
    #[arg(
        long,
        value_name = "SERIAL|last",
        requires = "all",
        conflicts_with = "limit"
    )]
    pub(super) since: Option<String>,
    /// Name of the run [default: made from the other arguments]
    #[arg(long, value_name = "NAME")]
    pub(super) run: Option<String>,
    /// Ask the registry only, and say what would be imported. What comes of it is told by the
    /// import alone: whether all is there already, licenses, what is in the archives
    #[arg(long)]
    pub(super) dry_run: bool,
    #[command(flatten)]
    pub(super) target: TargetArguments,
    #[command(flatten)]
    pub(super) work: WorkArguments,
    #[command(flatten)]
    pub(super) storage: StorageArguments,
}
