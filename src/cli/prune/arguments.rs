//! The arguments of `distmill prune` and their help.

use crate::cli::build::PlanArguments;
use crate::cli::exit;
use crate::cli::storage::{CgitArguments, StorageArguments};
use clap::Args;

const HELP: &str = concat!(
    "\
Repositories, lookaside files, source packages, builds and their results are removed, and cannot be
brought back. Imports that run are waited for, builds are cancelled. Where nobody can be asked, --yes is needed.

Examples:
  distmill prune --dry-run jdoe/name:pr:5
  distmill prune --yes --cgit-list /var/cache/cgit/repos.list jdoe/name:pr:5 @group/old

",
    exit::CODES!()
);

/// Removes projects: repositories, lookaside files, source packages, builds.
#[derive(Debug, Args)]
#[command(after_help = HELP, args_override_self = true)]
pub(in crate::cli) struct Arguments {
    /// Projects to remove
    #[arg(required = true, value_name = "OWNER/PROJECT")]
    pub(super) projects: Vec<String>,
    /// Do not ask
    #[arg(long, short)]
    pub(super) yes: bool,
    /// Remove nothing; say what there is
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Print one JSON object a line instead of text
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) builds: PlanArguments,
    #[command(flatten)]
    pub(super) storage: StorageArguments,
    #[command(flatten)]
    pub(super) cgit: CgitArguments,
}
