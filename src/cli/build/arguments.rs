//! The arguments of `distmill build` and their help.

use crate::build::entry::BuildId;
use crate::build::state::State;
use crate::cli::exit;
use clap::{Args, Subcommand};
use std::num::NonZeroU32;
use std::path::PathBuf;

const HELP: &str = concat!(
    "\
A build takes the source package of an import to a builder and keeps what comes back, under
results/OWNER/PROJECT/TARGET/ID-PACKAGE/. Targets, rules for tags, builders and the command come
from builds.toml under the root (--builds FILE names another one); without it there is one target
for this machine, and rpmbuild builds here.

Examples:
  distmill import --build pypi:six
  distmill build run
  distmill build list --state failed
  distmill build log 12
  distmill build why 13
  distmill build tags chromium fedora-42-x86_64 --project john/projectX
  distmill build retry --code builder-lost

States: queued, waiting (for a builder), running, finished, failed, cancelled, set-aside (it lost
three builders, or this machine failed at it time after time).

",
    exit::CODES!()
);

const ADD_HELP: &str = concat!(
    "\
PACKAGE is a package of the project, built from its newest source package under the root, or the
path of a .src.rpm. It is the build of the commit whose spec the source package has; a package that
is not on the branch of a target is not built for that. A build that is there already, for the same source package and target, is left
as it stands; --again builds it anew.

Examples:
  distmill build add python-six
  distmill build add --project @python/rebuild --target fedora-42-x86_64 python-six python-requests
  distmill build add --again ./hello-1.0-1.src.rpm

",
    exit::CODES!()
);

const RUN_HELP: &str = concat!(
    "\
Takes a ticket for each build, runs it on the builder, keeps its results, closes the ticket. Ends
when nothing is left to do, and deletes the builders that its own pools started; --follow stays, and
leaves them for the next start. One process at a time dispatches the builds of a root.

A build whose builder is lost goes to another one; after three it is set aside. Nothing is lost by a
kill -9: what ran then is ended with the process and begun anew by the next one.

Examples:
  distmill build run
  distmill build run --follow
  distmill build run --json | jq -r 'select(.state == \"failed\") | .package'

",
    exit::CODES!(),
    "

The first Ctrl-C lets running builds finish, the second gives them up (they go back into the queue),
the third exits at once."
);

const CHANGE_HELP: &str = concat!(
    "\
Examples:
  distmill build cancel 12 13
  distmill build cancel --target fedora-42-s390x
  distmill build retry --code builder-lost
  distmill build retry --all

",
    exit::CODES!()
);

/// Hands packages to builders and keeps what they make.
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
    #[command(flatten)]
    pub(super) plan: PlanArguments,
    #[command(subcommand)]
    pub(super) command: Command,
}

/// Where the configuration of builds is.
#[derive(Debug, Default, Clone, Args)]
pub(in crate::cli) struct PlanArguments {
    /// TOML with targets, rules, builders and commands [default: builds.toml under the root]
    #[arg(
        id = "builds-file",
        long = "builds",
        global = true,
        value_name = "FILE",
        env = "DISTMILL_BUILDS"
    )]
    pub(in crate::cli) file: Option<PathBuf>,
}

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// Adds builds
    #[command(after_help = ADD_HELP, args_override_self = true)]
    Add(AddArguments),
    /// Dispatches builds to builders
    #[command(after_help = RUN_HELP)]
    Run(RunArguments),
    /// Lists builds, the oldest first
    List(ListArguments),
    /// Shows all that is known of builds
    Show(BuildArguments),
    /// Prints the log of a build
    Log(LogArguments),
    /// Says what builds wait for, or why they failed
    Why(BuildArguments),
    /// Says which tags a build of a package asks for, and why
    Tags(TagsArguments),
    /// Takes builds out, also those that run
    #[command(after_help = CHANGE_HELP)]
    Cancel(ChangeArguments),
    /// Puts builds that failed, were cancelled or set aside back
    #[command(after_help = CHANGE_HELP)]
    Retry(ChangeArguments),
    /// Counts builds
    Stats(FilterArguments),
}

#[derive(Debug, Args)]
pub(super) struct AddArguments {
    /// Packages or paths of source packages; see below
    #[arg(required = true, value_name = "PACKAGE")]
    pub(super) packages: Vec<String>,
    /// Where in the root they belong to
    #[arg(long, value_name = "OWNER/PROJECT", default_value = "local/import")]
    pub(super) project: String,
    /// What to build for; may be given several times [default: every target]
    #[arg(long = "target", value_name = "NAME")]
    pub(super) targets: Vec<String>,
    /// Group of builds that takes turns with the owner's others [default: the project]
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
    /// Give way to builds that somebody waits for
    #[arg(long)]
    pub(super) background: bool,
    /// Build anew what was built already
    #[arg(long)]
    pub(super) again: bool,
}

#[derive(Debug, Args)]
pub(super) struct RunArguments {
    /// Stay when nothing is left to do, and wait for builds
    #[arg(long)]
    pub(super) follow: bool,
    /// Builds with a builder or waiting for one, at most [default: as configured]
    #[arg(long, value_name = "N")]
    pub(super) max_total: Option<NonZeroU32>,
    /// Leave out progress
    #[arg(long, short)]
    pub(super) quiet: bool,
}

#[derive(Debug, Args)]
pub(super) struct BuildArguments {
    /// Numbers of builds
    #[arg(required = true, value_name = "BUILD")]
    pub(super) builds: Vec<BuildId>,
}

#[derive(Debug, Args)]
pub(super) struct LogArguments {
    /// Number of the build
    #[arg(value_name = "BUILD")]
    pub(super) build: BuildId,
    /// Go on until the build has ended
    #[arg(long, short)]
    pub(super) follow: bool,
}

#[derive(Debug, Args)]
pub(super) struct TagsArguments {
    /// Name of the package
    #[arg(value_name = "PACKAGE")]
    pub(super) package: String,
    /// Name of the target
    #[arg(value_name = "TARGET")]
    pub(super) target: String,
    /// The project that it belongs to
    #[arg(long, value_name = "OWNER/PROJECT", default_value = "local/import")]
    pub(super) project: String,
}

#[derive(Debug, Args)]
pub(super) struct ListArguments {
    #[command(flatten)]
    pub(super) filter: FilterArguments,
    /// Only builds with higher numbers
    #[arg(long, value_name = "BUILD")]
    pub(super) after: Option<BuildId>,
    /// At most so many [default: 50, with --json all]
    #[arg(long, value_name = "N")]
    pub(super) limit: Option<u64>,
}

#[derive(Debug, Args)]
pub(super) struct ChangeArguments {
    /// Numbers of builds
    #[arg(value_name = "BUILD")]
    pub(super) builds: Vec<BuildId>,
    #[command(flatten)]
    pub(super) filter: FilterArguments,
    /// Every build that can be
    #[arg(long, conflicts_with = "builds")]
    pub(super) all: bool,
}

#[derive(Debug, Default, PartialEq, Eq, Args)]
pub(super) struct FilterArguments {
    /// Only builds in this state; may be given several times
    #[arg(long = "state", value_name = "STATE")]
    pub(super) states: Vec<State>,
    /// Only builds that ended with this code
    #[arg(long, value_name = "CODE")]
    pub(super) code: Option<String>,
    /// Only builds of this project
    #[arg(long, value_name = "OWNER/PROJECT")]
    pub(super) project: Option<String>,
    /// Only builds of this owner
    #[arg(long, value_name = "NAME")]
    pub(super) owner: Option<String>,
    /// Only builds of this package
    #[arg(long, value_name = "NAME")]
    pub(super) package: Option<String>,
    /// Only builds for this target
    #[arg(long, value_name = "NAME")]
    pub(super) target: Option<String>,
    /// Only builds of this run of distmill batch or rebuild
    #[arg(long, value_name = "RUN")]
    pub(super) run: Option<String>,
}
