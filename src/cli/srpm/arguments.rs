//! The arguments of `distmill srpm` and their help.

use crate::cli::exit;
use crate::cli::jobs::{JobArguments, SOURCES};
use clap::Args;
use std::path::PathBuf;

const HELP: &str = concat!(
    SOURCES!(),
    "
With --from-spec, nothing is run: a spec may use what can be expanded without a shell, Lua or a
distribution's macros where it reaches the source RPM's header (build sections may hold anything).
--define makes further macros known. All times are --source-date-epoch, or else each file's own,
and the newest of them for the whole: the same files make the same bytes.

Examples:
  distmill srpm pypi:six gem:rake==13.0.6 -o srpms
  distmill srpm --spec --dist .fc42 ./demo-1.0.tar.gz -o out
  distmill srpm --json pypi:requests -o srpms | jq -r .srpm
  distmill srpm --from-spec demo.spec --sources . -o srpms
  distmill srpm --from-spec demo.spec --sources . --define 'fedora 42' -o srpms

",
    exit::CODES!()
);

/// Makes source RPMs in a folder, without repositories.
#[derive(Debug, Args)]
#[command(after_help = HELP, args_override_self = true)]
pub(in crate::cli) struct Arguments {
    /// What to make source RPMs of; see below
    #[arg(value_name = "SOURCE", required_unless_present = "from_spec")]
    pub(super) packages: Vec<String>,
    /// Folder that the source RPMs are put into
    #[arg(long, short, value_name = "DIR")]
    pub(super) output: PathBuf,
    /// Leave the spec beside each source RPM
    #[arg(long)]
    pub(super) spec: bool,
    /// Pack this spec, and the sources and patches that it names
    #[arg(long, value_name = "FILE", requires = "sources", conflicts_with_all = ["packages", "spec"])]
    pub(super) from_spec: Option<PathBuf>,
    /// Folder of the sources and patches of --from-spec
    #[arg(long, value_name = "DIR")]
    pub(super) sources: Option<PathBuf>,
    /// Macro that the spec of --from-spec may use, as "NAME BODY"; may be given several times
    #[arg(long = "define", value_name = "MACRO")]
    pub(super) defines: Vec<String>,
    #[command(flatten)]
    pub(super) jobs: JobArguments,
}
