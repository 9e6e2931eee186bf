//! The arguments of `distmill import` and their help.

use crate::config::{Identity, Limits};
use crate::rpmfile::Compression;
use bytesize::ByteSize;
use clap::Args;
use std::num::NonZeroUsize;
use std::path::PathBuf;

const SOURCES: &str = "\
Sources:
  pypi:NAME[==VERSION]   a PyPI project's sdist, the latest one or the one named
  gem:NAME[==VERSION]    a gem
  pkg:pypi/NAME@VERSION  the same as package URLs (pkg:gem/NAME@VERSION)
  FILE or URL            a .src.rpm; an sdist (.tar.gz .tgz .tar.bz2 .tar.xz .zip); a .gem
  @LIST                  a file with one source a line; # begins a comment
  -                      such a list on stdin

Under the root:
  git/OWNER/PROJECT/PKG.git                          bare repositories
  lookaside/OWNER/PROJECT/PKG/FILE/sha512/HASH/FILE  files that are not text
  srpms/OWNER/PROJECT/NAME-VERSION-RELEASE.src.rpm   source packages
  logs/                                              one log a run

Examples:
  distmill import pypi:six gem:rake==13.0.6 ./hello-1.0-1.src.rpm
  distmill import --project @python/rebuild --branch f42 --branch epel9 @names.txt
  distmill import --no-git --dist .fc42 --json pypi:requests | jq -r .srpm

Exit codes:
    0  all went well
    1  some import failed, or the root cannot be used
    2  wrong usage; nothing was done
  130  interrupted before all was done

The first Ctrl-C lets running jobs finish, the second gives them up, the third exits at once.";

/// Takes packages into dist-git: a spec, a source RPM, and a commit for each of them.
#[derive(Debug, Args)]
#[command(after_help = SOURCES, args_override_self = true)]
pub(in crate::cli) struct Arguments {
    /// What to import; see below
    #[arg(required = true, value_name = "SOURCE")]
    pub(super) sources: Vec<String>,
    /// Folder that everything is put under
    #[arg(
        long,
        value_name = "DIR",
        default_value = "distmill-root",
        env = "DISTMILL_ROOT"
    )]
    pub(super) root: PathBuf,
    /// Where in the root it belongs to
    #[arg(long, value_name = "OWNER/PROJECT", default_value = "local/import")]
    pub(super) project: String,
    /// Branch to import into; may be given several times, the others follow the first one
    #[arg(long = "branch", value_name = "NAME", default_value = "main")]
    pub(super) branches: Vec<String>,
    /// Threads of the pool [default: two for each processor]
    #[arg(long, short, value_name = "N")]
    pub(super) jobs: Option<NonZeroUsize>,
    /// Print one JSON object a line instead of text
    #[arg(long)]
    pub(super) json: bool,
    /// Make source RPMs only; touch no repository
    #[arg(long)]
    pub(super) no_git: bool,
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
    pub(super) network: NetworkArguments,
    #[command(flatten)]
    pub(super) limits: LimitArguments,
    #[command(flatten)]
    pub(super) output: OutputArguments,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Network")]
pub(super) struct NetworkArguments {
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

#[derive(Debug, Args)]
#[command(next_help_heading = "Limits on one package")]
pub(super) struct LimitArguments {
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
    /// Payload compression of source RPMs: zstd, gzip, xz, bzip2 or none, with a level as in gzip:9
    #[arg(long, value_name = "NAME[:LEVEL]", default_value_t = Compression::default())]
    pub(super) compression: Compression,
    /// Name that stands in commits and changelogs
    #[arg(long, value_name = "NAME", default_value_t = Identity::default().name, env = "DISTMILL_NAME")]
    pub(super) name: String,
    /// Address that stands in commits and changelogs
    #[arg(long, value_name = "ADDRESS", default_value_t = Identity::default().email, env = "DISTMILL_EMAIL")]
    pub(super) email: String,
    /// Time of all that is made, in seconds since 1970 [default: the upstream file's own]
    #[arg(long, value_name = "SECONDS", env = "SOURCE_DATE_EPOCH")]
    pub(super) source_date_epoch: Option<u32>,
}
