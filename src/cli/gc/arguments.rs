//! The arguments of `distmill gc` and their help.

use crate::cli::exit;
use crate::cli::storage::StorageArguments;
use crate::cli::threads::Threads;
use clap::Args;
use jiff::{Span, SpanRelativeTo};
use std::time::Duration;

const HELP: &str = concat!(
    "\
Every commit that a branch or tag leads to keeps the files that its `sources` names; with
--tips-only just the commits that a branch stands on. Files that were put there less than --grace
ago stay. Each repository is locked meanwhile: an import waits, and is never raced. Of a repository
that cannot be read nothing is removed, nor behind a link to nothing, nor, without --gone-owners, of
an owner without any repository: a disk may not be mounted. A repository that `git gc` works on is
not packed.

With --json, one object a line for each package that something was done with, then one with the
total. The bytes are those that are free on the disk: a file that other packages share counts when
the last of them lets go of it.

Examples:
  distmill gc --dry-run
  distmill gc --pack --grace 7d
  distmill gc --json --tips-only | jq -r .total.bytes

",
    exit::CODES!()
);

/// Removes lookaside files that no commit refers to; packs repositories.
#[derive(Debug, Args)]
#[command(after_help = HELP, args_override_self = true)]
pub(in crate::cli) struct Arguments {
    /// Change nothing; say what would be removed
    #[arg(long)]
    pub(super) dry_run: bool,
    /// Keep only what the commits that branches stand on refer to
    #[arg(long)]
    pub(super) tips_only: bool,
    /// Leave what was put there less than so long ago, as in 90m, 12h, 7d
    #[arg(long, value_name = "DURATION", default_value = "1d", value_parser = duration)]
    pub(super) grace: Duration,
    /// Pack the objects of repositories that have loose ones or several packs
    #[arg(long)]
    pub(super) pack: bool,
    /// Remove the files of owners that have no repository at all, too
    #[arg(long)]
    pub(super) gone_owners: bool,
    /// Repositories that are worked on at once [default: one for each processor]
    #[arg(long, short, value_name = "N")]
    pub(super) jobs: Option<Threads>,
    /// Print one JSON object a line instead of text
    #[arg(long)]
    pub(super) json: bool,
    #[command(flatten)]
    pub(super) storage: StorageArguments,
}

/// `7d`, `1h 30m`, `0s`; a day is 24 hours.
fn duration(text: &str) -> Result<Duration, String> {
    let wrong = |_| "write a number and a unit, as in 90m, 12h or 7d".to_owned();
    let span: Span = text.parse().map_err(wrong)?;
    let days = SpanRelativeTo::days_are_24_hours();
    let length = span.to_duration(days).map_err(wrong)?;
    Duration::try_from(length).map_err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_have_a_unit() {
        for (text, seconds) in [
            ("0s", 0),
            ("90m", 5400),
            ("7d", 604_800),
            ("1h 30m", 5400),
            ("2w", 1_209_600),
        ] {
            assert_eq!(duration(text), Ok(Duration::from_secs(seconds)), "{text}");
        }
        for text in ["", "7", "soon", "-1d", "1 month"] {
            assert!(duration(text).is_err(), "{text}");
        }
    }
}
