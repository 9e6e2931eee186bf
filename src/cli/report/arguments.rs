//! The arguments of `distmill report` and their help.

use crate::cli::exit;
use clap::{Args, ValueEnum};
use std::path::PathBuf;

const HELP: &str = concat!(
    "\
Outcomes by code with counts, examples and hints; throughput over time; time by stage; the slowest and
the largest. With --compare: what was fixed, what regressed, what is new and what is gone from the
first run to the second, and what has not ended yet. All names of one code are listed by distmill
queue list --run RUN --code CODE --json.

Examples:
  distmill report
  distmill report all-gem-0f31c2aa --format html -o report.html
  distmill report --compare september october --format json

",
    exit::CODES!()
);

/// How a report is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Form {
    /// For reading as it is, and for issue trackers.
    Markdown,
    /// One file that loads nothing else.
    Html,
    /// For programs.
    Json,
}

/// Reports what came of a run of distmill batch.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct Arguments {
    /// Name of the run [default: the one that was begun last; all jobs, if there was none]
    pub(super) run: Option<String>,
    /// Say what became different from one run to another; `RUN --compare OTHER` says the same
    #[arg(long, value_names = ["RUN", "OTHER"], num_args = 1..=2)]
    pub(super) compare: Vec<String>,
    /// How it is written
    #[arg(long, value_enum, default_value = "markdown")]
    pub(super) format: Form,
    /// The same as --format json
    #[arg(long)]
    pub(super) json: bool,
    /// File to write it to instead of stdout
    #[arg(long, short, value_name = "FILE")]
    pub(super) output: Option<PathBuf>,
    /// Folder that everything is put under
    #[arg(
        long,
        value_name = "DIR",
        default_value = "distmill-root",
        env = "DISTMILL_ROOT"
    )]
    pub(super) root: PathBuf,
}
