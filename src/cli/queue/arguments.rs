//! The arguments of `distmill queue` and their help.

use crate::cli::exit;
use crate::cli::jobs::{SOURCES, TargetArguments};
use crate::event::JobId;
use crate::import::queue::State;
use clap::{Args, Subcommand};
use std::path::PathBuf;

const HELP: &str = concat!(
    "\
Examples:
  distmill queue add --project @python/rebuild --branch f42 @names.txt
  distmill worker
  distmill queue stats
  distmill queue why 1234
  distmill queue list --state failed --json | jq -r .result | sort | uniq -c
  distmill queue retry --code network-timeout

States: queued, leased (a worker has it), retry-at (it failed and is tried again then), done,
failed, cancelled, poison (the process died three times while it ran).

",
    exit::CODES!()
);

const ADD_HELP: &str = concat!(
    SOURCES!(),
    "
A job that is there already is left as it stands and its number is said: the same source, project,
branches and settings, as far as they are said here: --registry, --template, --name and --email
are the worker's, and another worker's others make it no other job. With a version, or as a file, a source stays what it is, so such a job is
there for good; without one it means the latest version and may be added again when it has ended.
What waits is taken by foreground before background, by turns between owners and between the
sandboxes of one owner.

Examples:
  distmill queue add pypi:six gem:rake==13.0.6
  distmill queue add --background --sandbox rebuild-f42 --branch f42 @names.txt
  distmill queue add --priority -100 pypi:urgent

",
    exit::CODES!()
);

const CHANGE_HELP: &str = concat!(
    "\
Examples:
  distmill queue retry 12 13
  distmill queue retry --code network-timeout
  distmill queue cancel --sandbox rebuild-f42
  distmill queue cancel --all

",
    exit::CODES!()
);

/// Keeps jobs for workers: adds them, shows them, takes them out, puts them back.
#[derive(Debug, Args)]
#[command(after_help = HELP)]
pub(in crate::cli) struct Arguments {
    /// Folder that everything is put under
    #[arg(
        long,
        global = true,
        value_name = "DIR",
        default_value = "distmill-root",
        env = "DISTMILL_ROOT"
    )]
    pub(super) root: PathBuf,
    /// Print JSON objects, one a line
    #[arg(long, global = true)]
    pub(super) json: bool,
    #[command(subcommand)]
    pub(super) command: Command,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Adds jobs
    #[command(after_help = ADD_HELP, args_override_self = true)]
    Add(AddArguments),
    /// Lists jobs, the oldest first
    List(ListArguments),
    /// Shows all that is known of jobs
    Show(JobArguments),
    /// Says what jobs wait for, and for how long about
    Why(JobArguments),
    /// Takes jobs that wait out of the queue
    #[command(after_help = CHANGE_HELP)]
    Cancel(ChangeArguments),
    /// Puts jobs that failed, were cancelled or set aside back into the queue
    #[command(after_help = CHANGE_HELP)]
    Retry(ChangeArguments),
    /// Counts jobs
    Stats,
}

#[derive(Debug, Args)]
pub(super) struct AddArguments {
    /// What to import; see below
    #[arg(required = true, value_name = "SOURCE")]
    pub(super) sources: Vec<String>,
    #[command(flatten)]
    pub(super) target: TargetArguments,
    /// Group of jobs that takes turns with the owner's others [default: the project]
    #[arg(long, value_name = "NAME")]
    pub(super) sandbox: Option<String>,
    /// Places later in the sandbox's line, or earlier if below 0
    #[arg(
        long,
        value_name = "N",
        default_value_t = 0,
        allow_negative_numbers = true
    )]
    pub(super) priority: i32,
    /// Give way to jobs that somebody waits for
    #[arg(long)]
    pub(super) background: bool,
}

#[derive(Debug, Args)]
pub(super) struct JobArguments {
    /// Numbers of jobs
    #[arg(required = true, value_name = "JOB")]
    pub(super) jobs: Vec<JobId>,
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    pub(super) filter: FilterArguments,
    /// Only jobs with higher numbers
    #[arg(long, value_name = "JOB")]
    pub(super) after: Option<JobId>,
    /// At most so many [default: 50, with --json all]
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<u64>,
}

#[derive(Debug, Args)]
pub(super) struct ChangeArguments {
    /// Numbers of jobs
    #[arg(value_name = "JOB")]
    pub(super) jobs: Vec<JobId>,
    #[command(flatten)]
    pub(super) filter: FilterArguments,
    /// Every job that can be
    #[arg(long, conflicts_with = "jobs")]
    pub(super) all: bool,
}

#[derive(Debug, Args)]
pub(super) struct FilterArguments {
    /// Only jobs in this state; may be given several times
    #[arg(long = "state", value_name = "STATE")]
    pub(super) states: Vec<State>,
    /// Only jobs that ended so: imported, unchanged, or the code of a failure
    #[arg(long, value_name = "CODE")]
    pub(super) code: Option<String>,
    /// Only jobs of this project
    #[arg(long, value_name = "OWNER/PROJECT")]
    pub(super) project: Option<String>,
    /// Only jobs of this owner
    #[arg(long, value_name = "NAME")]
    pub(super) owner: Option<String>,
    /// Only jobs of this run of distmill batch
    #[arg(long, value_name = "RUN")]
    pub(super) run: Option<String>,
    /// Only jobs of this sandbox
    #[arg(long, value_name = "NAME")]
    pub(super) sandbox: Option<String>,
}

impl FilterArguments {
    /// Whether nothing is said.
    pub(super) const fn is_empty(&self) -> bool {
        let Self {
            states,
            code,
            project,
            owner,
            sandbox,
            run,
        } = self;
        states.is_empty()
            && code.is_none()
            && project.is_none()
            && owner.is_none()
            && sandbox.is_none()
            && run.is_none()
    }
}
