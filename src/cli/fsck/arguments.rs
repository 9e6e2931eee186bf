//! The arguments of `distmill fsck` and their help.

use crate::cli::storage::{CgitArguments, StorageArguments};
use crate::cli::threads::Threads;
use clap::Args;

const HELP: &str = "\
Of every repository: refs lead to objects that are there, every object is what its name says,
trees can be checked out. Of every branch (with --all-commits of every commit): each line of
`sources` names a file of the lookaside cache, and the file has that digest. Beside that: files that
no commit refers to, what killed runs left behind, and with --cgit-list what that list lacks. Nothing
is changed.

With --json, one object a line: problem (unreadable, broken-ref, damaged-object, missing-object,
bad-tree, bad-sources, missing-file, wrong-sum, unknown-digest, unused-file, unlisted, leftover),
path, message, and how to mend it.

Examples:
  distmill fsck
  distmill fsck --all-commits --json | jq -r 'select(.problem == \"wrong-sum\").path'

Exit codes:
    0  nothing is wrong
    1  something is wrong, or could not be looked at
    2  wrong usage; nothing was done
  130  interrupted before all was done";

/// Checks repositories and lookaside cache; says what is wrong and how to mend it.
#[derive(Debug, Args)]
#[command(after_help = HELP, args_override_self = true)]
pub(in crate::cli) struct Arguments {
    /// Check the `sources` of every commit, not only where branches stand
    #[arg(long)]
    pub(super) all_commits: bool,
    /// Repositories that are checked at once [default: one for each processor]
    #[arg(long, short, value_name = "N")]
    pub(super) jobs: Option<Threads>,
    /// Print one JSON object a line instead of text
    #[arg(long)]
    pub(super) json: bool,
    /// Leave out the count at the end
    #[arg(long, short)]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) storage: StorageArguments,
    #[command(flatten)]
    pub(super) cgit: CgitArguments,
}
