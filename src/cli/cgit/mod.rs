//! `distmill cgit`: the list of repositories that cgit reads.

use super::exit::{CODES, Exit};
use super::storage::StorageArguments;
use crate::import::distgit;
use crate::import::root::Places;
use crate::sync::StopToken;
use crate::ui::Output;
use clap::Args;
use std::path::PathBuf;

const HELP: &str = concat!(
    "\
distmill import --cgit-list FILE adds every new repository to the list by itself. This writes it
anew, with exactly the repositories that there are: after they were moved, restored or removed.

In cgitrc, `include=FILE` reads it.

Example:
  distmill cgit --rebuild --cgit-list /var/cache/cgit/repos.list --git-root /var/lib/dist-git/git

",
    CODES!()
);

/// Writes the list of repositories that cgit reads.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(super) struct Arguments {
    /// Write the list anew from the repositories that there are
    #[arg(long, required = true)]
    rebuild: bool,
    /// The list
    #[arg(long, value_name = "FILE", env = "DISTMILL_CGIT_LIST")]
    cgit_list: PathBuf,
    #[command(flatten)]
    storage: StorageArguments,
}

pub(super) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    let places = Places::present(&arguments.storage.storage(None))?;
    let list = std::path::absolute(&arguments.cgit_list)?;
    let count = distgit::rebuild_cgit_list(&places, &list)?;
    let output = Output::new(StopToken::default());
    output.write(&format!("{count} repositories in {}\n", list.display()));
    Ok(Exit::Success)
}
