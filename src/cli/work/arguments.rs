//! The arguments of `distmill work` and their help.

use crate::cli::exit;
use crate::cli::jobs::{LimitArguments, NetworkArguments};
use crate::model::Layout;
use clap::Args;
use clap::builder::{OsStringValueParser, TypedValueParser as _};
use std::path::PathBuf;

const HELP: &str = concat!(
    "\
Asks the frontend what waits (GET /backend/importing/), imports each source RPM into the repository
OWNER/PROJECT/PKG, and hands the result in (POST /backend/import-completed/) until it is taken.
Results that were not taken wait in outbox/ under the root, also from one run to the next. One
daemon at a time can use a root, or the same repositories. Flags win over the environment, that over the file, that over the
defaults.

Keys of --config (TOML):
  frontend auth-file root sleep-time max-workers max-per-sandbox max-per-owner download-timeout
  import-timeout task-logs logs name email layout git-root lookaside-root cgit-list

Examples:
  distmill work --frontend https://copr.example.org --auth-file /etc/distmill/auth
  distmill work --copr-config /etc/copr/copr-dist-git.conf --root /var/lib/distmill
  distmill work --config /etc/distmill/work.toml --max-workers 4 --json

",
    exit::CODES!(),
    "

The first SIGTERM or Ctrl-C lets running imports finish and hands their results in, the second gives
them up (the next run imports them), the third exits at once. Nothing is lost by that, nor by a kill -9."
);

/// Imports what a build system's frontend asks for, until it is told to stop.
#[derive(Debug, Args)]
#[command(after_help = HELP, args_override_self = true)]
pub(in crate::cli) struct Arguments {
    /// Address of the frontend, without /backend
    #[arg(long, value_name = "URL", env = "DISTMILL_FRONTEND")]
    pub(super) frontend: Option<String>,
    /// File with the password for results; its first line counts
    #[arg(long, value_name = "FILE", env = "DISTMILL_AUTH_FILE")]
    pub(super) auth_file: Option<PathBuf>,
    /// Configuration of copr-dist-git, read as it is
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    pub(super) copr_config: Option<PathBuf>,
    /// Configuration in TOML; see below
    #[arg(long, value_name = "FILE")]
    pub(super) config: Option<PathBuf>,
    /// Folder that everything is put under [default: distmill-root; must be named with --copr-config]
    #[arg(long, value_name = "DIR", env = "DISTMILL_ROOT")]
    pub(super) root: Option<PathBuf>,
    /// Folder of the repositories [default: git under the root]
    #[arg(long, value_name = "DIR", env = "DISTMILL_GIT_ROOT")]
    pub(super) git_root: Option<PathBuf>,
    /// Folder of the lookaside cache [default: lookaside under the root]
    #[arg(long, value_name = "DIR", env = "DISTMILL_LOOKASIDE_ROOT")]
    pub(super) lookaside_root: Option<PathBuf>,
    /// How both are laid out: dist-git or copr [default: copr with --copr-config, else as they are,
    /// and dist-git for new ones]
    #[arg(long, value_name = "NAME", env = "DISTMILL_LAYOUT")]
    pub(super) layout: Option<Layout>,
    /// List that cgit reads, to which every new repository is added; '' for none
    #[arg(
        long,
        value_name = "FILE",
        env = "DISTMILL_CGIT_LIST",
        value_parser = OsStringValueParser::new().map(PathBuf::from)
    )]
    pub(super) cgit_list: Option<PathBuf>,
    /// Folder of each import's log, BUILD_ID.log [default: logs/tasks under the root]
    #[arg(long, value_name = "DIR")]
    pub(super) task_logs: Option<PathBuf>,
    /// Folder of the program's own log [default: logs under the root]
    #[arg(long, value_name = "DIR")]
    pub(super) logs: Option<PathBuf>,
    /// Print one JSON object a line instead of text
    #[arg(long)]
    pub(super) json: bool,
    /// Name that stands in commits; distmill unless set
    #[arg(long, value_name = "NAME", env = "DISTMILL_NAME")]
    pub(super) name: Option<String>,
    /// Address that stands in commits; distmill@localhost unless set
    #[arg(long, value_name = "ADDRESS", env = "DISTMILL_EMAIL")]
    pub(super) email: Option<String>,
    #[command(flatten)]
    pub(super) share: ShareArguments,
    #[command(flatten)]
    pub(super) network: NetworkArguments,
    #[command(flatten)]
    pub(super) limits: LimitArguments,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "How much, how often, how long")]
pub(super) struct ShareArguments {
    /// Seconds between two questions for what waits [default: 15]
    #[arg(long, value_name = "SECONDS")]
    pub(super) sleep_time: Option<f64>,
    /// Imports at once, in all [default: 10]
    #[arg(long, value_name = "N")]
    pub(super) max_workers: Option<usize>,
    /// Imports at once of one sandbox [default: 3]
    #[arg(long, value_name = "N")]
    pub(super) max_per_sandbox: Option<usize>,
    /// Imports at once of one owner [default: 5]
    #[arg(long, value_name = "N")]
    pub(super) max_per_owner: Option<usize>,
    /// Seconds for the download of a source RPM, all attempts together [default: 120]
    #[arg(long, value_name = "SECONDS")]
    pub(super) download_timeout: Option<f64>,
    /// Seconds for a whole import [default: 10800]
    #[arg(long, value_name = "SECONDS")]
    pub(super) import_timeout: Option<f64>,
}
