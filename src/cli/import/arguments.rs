//! The arguments of `distmill import` and their help.

use crate::cli::build::TargetsArguments;
use crate::cli::exit;
use crate::cli::jobs::{JobArguments, SOURCES};
use crate::cli::storage::{CgitArguments, StorageArguments};
use clap::Args;

const HELP: &str = concat!(
    SOURCES!(),
    "
Under the root:
  git/OWNER/PROJECT/PKG.git                          bare repositories
  lookaside/OWNER/PROJECT/PKG/FILE/sha512/HASH/FILE  files that are not text
  srpms/OWNER/PROJECT/NAME-VERSION-RELEASE.src.rpm   source packages
  logs/                                              one log a run
With --layout copr the lookaside cache has FILE/MD5/FILE, and `sources` has MD5 in the old form.

Examples:
  distmill import pypi:six gem:rake==13.0.6 ./hello-1.0-1.src.rpm
  distmill import --project @python/rebuild --branch f42 --branch epel9 @names.txt
  distmill import --allow-unknown-license @old-gems.txt
  distmill import --build --target fedora-42-x86_64 pypi:six
  distmill import --layout copr --git-root GIT --lookaside-root CACHE --cgit-list FILE ./a-1-1.src.rpm
  distmill import --no-git --dist .fc42 --json pypi:requests | jq -r .srpm

",
    exit::CODES!(),
    "

The first Ctrl-C lets running jobs finish, the second gives them up, the third exits at once."
);

/// Takes packages into dist-git: a spec, a source RPM, and a commit for each of them.
#[derive(Debug, Args)]
#[command(after_help = HELP, args_override_self = true)]
pub(in crate::cli) struct Arguments {
    /// What to import; see below
    #[arg(required = true, value_name = "SOURCE")]
    pub(super) sources: Vec<String>,
    /// Where in the root it belongs to
    #[arg(long, value_name = "OWNER/PROJECT", default_value = "local/import")]
    pub(super) project: String,
    /// Branch to import into; may be given several times, the others follow the first one
    #[arg(long = "branch", value_name = "NAME", default_value = "main")]
    pub(super) branches: Vec<String>,
    /// Make source RPMs only; touch no repository
    #[arg(long)]
    pub(super) no_git: bool,
    /// Queue a build of each package for each target; distmill build run builds them
    #[arg(long, help_heading = "Builds")]
    pub(super) build: bool,
    #[command(flatten)]
    pub(super) targets: TargetsArguments,
    #[command(flatten)]
    pub(super) jobs: JobArguments,
    #[command(flatten)]
    pub(super) storage: StorageArguments,
    #[command(flatten)]
    pub(super) cgit: CgitArguments,
}
