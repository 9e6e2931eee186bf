//! The arguments of `distmill resalloc-server` and their help.

use crate::cli::exit;
use clap::Args;
use std::path::PathBuf;

const HELP: &str = concat!(
    "\
Files, as resalloc has them:
  server.yaml  where to listen, where tickets and logs are kept; may be missing
  pools.yaml   the pools of builders and their commands; read again when it is edited ({}: none)
  policy.yaml  owners, shares, default_share, ageing, handicap, checks_at_once; ours, may be missing

More keys than resalloc's: token_file and max_commands in server.yaml; time_limits, back_off,
quarantine, reserved_for, list_period and delete_attempts of each pool.

Called by the name resalloc-server (a link) the program does the same.

Examples:
  distmill resalloc-server
  CONFIG_DIR=/srv/farm distmill resalloc-server
  distmill resalloc-server --check
  ln -s distmill /usr/bin/resalloc-server

",
    exit::CODES!(),
    "

SIGTERM ends it: tickets and builders stay as they are until it is started again."
);

/// Serves tickets for builders to resalloc's clients, until it is told to stop.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct Arguments {
    /// Folder of server.yaml and pools.yaml
    #[arg(
        long,
        value_name = "DIR",
        default_value = "/etc/resallocserver",
        env = "CONFIG_DIR"
    )]
    pub(super) config_dir: PathBuf,
    /// Only say whether the files are good
    #[arg(long)]
    pub(super) check: bool,
}
