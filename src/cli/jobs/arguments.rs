//! The options that are the same wherever packages are made.

use super::file::FileArguments;
use crate::config::{Identity, JobFile, Limits};
use crate::rpmfile::Compression;
use bytesize::ByteSize;
use clap::Args;
use std::num::NonZeroUsize;

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

#[derive(Debug, Args)]
pub(in crate::cli) struct JobArguments {
    /// Threads of the pool [default: two for each processor]
    #[arg(long, short, value_name = "N")]
    pub(super) jobs: Option<NonZeroUsize>,
    /// Print one JSON object a line instead of text
    #[arg(long)]
    pub(super) json: bool,
    /// What %{?dist} stands for, such as .fc42 [default: nothing]
    #[arg(
        long,
        value_name = "SUFFIX",
        default_value = "",
        hide_default_value = true
    )]
    pub(super) dist: String,
    /// Take names of an ecosystem from another registry: pypi=URL or gem=URL
    #[arg(long = "registry", value_name = "ECOSYSTEM=URL")]
    pub(super) registries: Vec<String>,
    /// Leave out progress
    #[arg(long, short)]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) file: FileArguments,
    #[command(flatten)]
    pub(super) network: NetworkArguments,
    #[command(flatten)]
    pub(super) limits: LimitArguments,
    #[command(flatten)]
    pub(super) output: OutputArguments,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(in crate::cli) struct NetworkArguments {
    /// Seconds without an answer, or without the next bytes, before an attempt is given up
    #[arg(long, value_name = "SECONDS", default_value_t = 30)]
    pub(super) timeout: u64,
    /// Further attempts after a failure that may pass
    #[arg(long, value_name = "N", default_value_t = 4)]
    pub(super) retries: u32,
    /// Address of the operator, sent in the User-Agent: registries ask for one
    #[arg(long, value_name = "TEXT", env = "DISTMILL_CONTACT")]
    pub(super) contact: Option<String>,
}

impl NetworkArguments {
    /// Takes from the configuration file what no option says.
    pub(in crate::cli) fn lay_over(&mut self, file: &JobFile) {
        if self.contact.is_none() {
            self.contact.clone_from(&file.contact);
        }
    }
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
    /// Time of all that is made, in seconds since 1970 [default: the upstream file's own]
    #[arg(long, value_name = "SECONDS", env = "SOURCE_DATE_EPOCH")]
    pub(super) source_date_epoch: Option<u32>,
}
