//! The arguments of `distmill simulate` and their help.

use crate::cli::exit;
use clap::Args;
use std::path::PathBuf;

const HELP: &str = concat!(
    "\
The pools do what a server with the same file would do: who gets which resource and when one is started
is decided by the same code, only the clock jumps. Reported are waiting times by tags (the median, 90 and
99 of 100, the longest), use and cost by pool, starts, and what no pool serves, with the reason.

A load in TOML:

  seed = 1                      # the same seed gives the same load

  [pools.\"*\"]                   # what every pool takes and costs, if not said by its name, key by key
  start_seconds = 120
  delete_seconds = 10
  release_seconds = 1
  failures = 0.02               # the part of starts that fail
  cost_per_hour = 0.40

  [[generate]]                  # tickets at random times
  tags = [\"x86_64\"]
  per_hour = 90
  from_hour = 0
  hours = 24
  seconds = 600                 # the mean; with fixed = true each keeps its resource so long
  sandboxes = 30                # spread over so many sandboxes, and owners of these
  owners = 5

  [[ticket]]                    # tickets at a given second
  at = 3600
  tags = [\"aarch64\"]
  sandbox = \"alice--project\"
  owner = \"alice\"
  priority = 0
  seconds = 1800
  count = 50

A load in JSON lines (a file name that ends with .jsonl) has the keys of [[ticket]], one object a line:
what a log of past builds is easily turned into. Give a TOML file with [pools] beside it.

Examples:
  distmill simulate /etc/resallocserver/pools.yaml --load load.toml
  distmill simulate pools.yaml --load last-week.jsonl --load costs.toml --json
  distmill simulate pools.yaml --load load.toml --plot farm.svg

",
    exit::CODES!()
);

/// Says how pools of builders would do under a load.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct Arguments {
    /// The pools
    #[arg(value_name = "POOLS.yaml")]
    pub(super) pools: PathBuf,
    /// The tickets that come, and what pools take and cost; may be given more than once
    #[arg(long = "load", value_name = "FILE", required = true)]
    pub(super) loads: Vec<PathBuf>,
    /// Whose turn it is [default: policy.yaml beside the pools, if there is one]
    #[arg(long, value_name = "FILE")]
    pub(super) policy: Option<PathBuf>,
    /// Begin the random numbers with this instead of what the load says
    #[arg(long, value_name = "NUMBER")]
    pub(super) seed: Option<u64>,
    /// Hours after the last ticket at which tickets that still wait are unserved
    #[arg(long, value_name = "HOURS", default_value_t = 24)]
    pub(super) patience: u32,
    /// One JSON object instead of tables
    #[arg(long)]
    pub(super) json: bool,
    /// File for a plot of the farm over time, in SVG
    #[arg(long, value_name = "FILE.svg")]
    pub(super) plot: Option<PathBuf>,
}
