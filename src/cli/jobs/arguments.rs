//! The options that are the same wherever packages are made.

use super::file::FileArguments;
use super::network::NetworkArguments;
use crate::cli::threads::Threads;
use crate::config::{Identity, Limits};
use crate::rpmfile::Compression;
use bytesize::ByteSize;
use clap::Args;

/// The part of a command's help that says what a SOURCE is.
macro_rules! sources_help {
    () => {
        "\
Sources:
  pypi:NAME[==VERSION]   a PyPI project's sdist, the latest one or the one named; where there is
                         none, its wheel for any Python 3 on any platform (py3-none-any)
  gem:NAME[==VERSION]    a gem
  pkg:pypi/NAME@VERSION  the same as package URLs (pkg:gem/NAME@VERSION)
  FILE or URL            a .src.rpm; an sdist (.tar.gz .tgz .tar.bz2 .tar.xz .zip); a .whl as
                         above; a .gem
  @LIST                  a file with one source a line; # begins a comment
  -                      such a list on stdin
"
    };
}
pub(in crate::cli) use sources_help as SOURCES;

/// How packages are made, for the commands that make them at once.
#[derive(Debug, Args)]
pub(in crate::cli) struct JobArguments {
    #[command(flatten)]
    pub(super) run: RunArguments,
    /// What %{?dist} stands for, such as .fc42 [default: nothing]
    #[arg(
        long,
        value_name = "SUFFIX",
        default_value = "",
        hide_default_value = true
    )]
    pub(super) dist: String,
    #[command(flatten)]
    pub(super) output: OutputArguments,
}

/// How a run goes that makes packages, whether it makes its own or those of the queue.
#[derive(Debug, Args)]
pub(in crate::cli) struct RunArguments {
    /// Threads of the pool [default: two for each processor]
    #[arg(long, short, value_name = "N")]
    pub(in crate::cli) jobs: Option<Threads>,
    /// Print one JSON object a line instead of text
    #[arg(long)]
    pub(in crate::cli) json: bool,
    /// Leave out progress
    #[arg(long, short)]
    pub(in crate::cli) quiet: bool,
    /// Take names of an ecosystem from another registry: pypi=URL or gem=URL
    #[arg(long = "registry", value_name = "ECOSYSTEM=URL")]
    pub(super) registries: Vec<String>,
    /// Name that stands in commits and changelogs
    #[arg(long, value_name = "NAME", default_value_t = Identity::default().name, env = "DISTMILL_NAME")]
    pub(super) name: String,
    /// Address that stands in commits and changelogs
    #[arg(long, value_name = "ADDRESS", default_value_t = Identity::default().email, env = "DISTMILL_EMAIL")]
    pub(super) email: String,
    /// Write specs with this template; KIND is pypi, wheel or gem, NAME one package; may be given
    /// several times; see distmill template
    #[arg(long = "template", value_name = "KIND[:NAME]=FILE")]
    pub(super) templates: Vec<String>,
    #[command(flatten)]
    pub(super) file: FileArguments,
    #[command(flatten)]
    pub(super) network: NetworkArguments,
    #[command(flatten)]
    pub(super) limits: LimitArguments,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Limits on one package")]
pub(in crate::cli) struct LimitArguments {
    /// Bytes of a download
    #[arg(long, value_name = "SIZE", default_value_t = ByteSize(Limits::default().max_download))]
    pub(super) max_download: ByteSize,
    /// Bytes of an archive's entries together
    #[arg(long, value_name = "SIZE", default_value_t = ByteSize(Limits::default().max_bytes))]
    pub(super) max_bytes: ByteSize,
    /// Entries of an archive
    #[arg(long, value_name = "N", default_value_t = Limits::default().max_entries)]
    pub(super) max_entries: u64,
    /// Bytes of an archive's entries for each byte of the archive
    #[arg(long, value_name = "N", default_value_t = Limits::default().max_ratio)]
    pub(super) max_ratio: u64,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What is made")]
pub(super) struct OutputArguments {
    /// Take packages whose license neither their metadata nor their files tell, as
    /// LicenseRef-Unknown; without this they fail with the code license-unknown
    #[arg(long)]
    pub(super) allow_unknown_license: bool,
    /// Payload compression of source RPMs: zstd, gzip, xz, bzip2 or none, with a level as in gzip:9
    #[arg(long, value_name = "NAME[:LEVEL]", default_value_t = Compression::default())]
    pub(super) compression: Compression,
    /// Time of all that is made, in seconds since 1970 [default: the upstream file's own]
    #[arg(long, value_name = "SECONDS", env = "SOURCE_DATE_EPOCH")]
    pub(super) source_date_epoch: Option<u32>,
}
