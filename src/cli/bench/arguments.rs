//! The arguments of `distmill bench` and their help.

use crate::bench::Work;
use crate::cli::exit;
use crate::cli::threads::Threads;
use crate::model::Layout;
use bytesize::ByteSize;
use clap::Args;
use std::num::NonZeroUsize;
use std::path::PathBuf;

const HELP: &str = concat!(
    "\
Imports a corpus again and again, each time into a fresh root that is removed afterwards, and
prints a table: packages and megabytes a second, how long packages take, processor time, memory,
time by stage and waited for locks, speed-up. Names are found at a registry on loopback that the
command starts itself; it shares the processors with what is measured.

Work:
  pypi   sdists of the registry, each to a source package and a commit
  gem    gems, likewise
  srpm   source packages on this machine, each to a commit (with --latency or --bandwidth they come
         from the registry, too)

A made-up corpus follows from its seed, byte for byte, and is kept. Its archives are as large as
real ones (half of all sdists have less than 60 kB, the average has 490 kB, the largest 50 MB; gems
and source packages in proportion), from some 300 packages on, and compress as source code does.

Numbers:
  packages/s  those that were imported; what failed or changed nothing takes time and counts not
  stages      means over the packages of all threads, which run side by side; with --durable the
              flush of one package overlaps the stages of others
  of floor    what each thread reaches of it, or each processor where there are fewer
  of allowed  the least time that latency, bandwidth and number of threads leave, to the one taken

Examples:
  distmill bench --work pypi --synthetic 1000 --threads 1,2 --repeat 5 --floor
  distmill bench --work srpm --corpus ~/srpms --projects 20 --fs /dev/shm
  distmill bench --work srpm --synthetic 56 --projects 20 --fs /srv --durable
  distmill bench --work gem --synthetic 500 --threads 1,16,64 --latency 100 --bandwidth 50
  distmill bench --json > before.json
  distmill bench --compare before.json --plot throughput.svg

",
    exit::CODES!()
);

/// Measures how many packages a second this machine imports.
#[derive(Debug, Args)]
#[command(after_help = HELP, args_override_self = true)]
pub(in crate::cli) struct Arguments {
    /// What is measured: srpm, pypi or gem
    #[arg(long, value_name = "KIND", default_value = "pypi")]
    pub(super) work: Work,
    /// Numbers of threads [default: 1 and as many as there are processors]
    #[arg(
        long,
        value_name = "N,N",
        value_delimiter = ',',
        overrides_with = "threads"
    )]
    pub(super) threads: Vec<Threads>,
    /// How often each measurement is made; medians are printed
    #[arg(long, value_name = "N", default_value = "3")]
    pub(super) repeat: NonZeroUsize,
    /// Measure the least work as well, on one thread: read, inflate, hash, write what an import
    /// leaves (the same trees, lookaside files and source packages); nothing is checked
    #[arg(long)]
    pub(super) floor: bool,
    /// Leave out progress
    #[arg(long, short)]
    pub(super) quiet: bool,
    #[command(flatten)]
    pub(super) corpus: CorpusArguments,
    #[command(flatten)]
    pub(super) place: PlaceArguments,
    #[command(flatten)]
    pub(super) registry: RegistryArguments,
    #[command(flatten)]
    pub(super) output: OutputArguments,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "What is imported [default: --synthetic 100]")]
pub(super) struct CorpusArguments {
    /// Folder of files, with those below it
    #[arg(long, value_name = "DIR", conflicts_with_all = ["synthetic", "seed", "size"])]
    pub(super) corpus: Option<PathBuf>,
    /// Number of made-up packages
    #[arg(long, value_name = "N")]
    pub(super) synthetic: Option<NonZeroUsize>,
    /// What they follow from
    #[arg(long, value_name = "S", default_value_t = 1)]
    pub(super) seed: u64,
    /// One size for all of them, instead of a realistic distribution (which small corpora are too
    /// few for)
    #[arg(long, value_name = "BYTES")]
    pub(super) size: Option<ByteSize>,
    /// Folder where made-up packages are kept [default: distmill/bench in the user's cache]
    #[arg(long, value_name = "DIR", env = "DISTMILL_CORPUS_CACHE")]
    pub(super) corpus_cache: Option<PathBuf>,
    /// Number of projects that every package is imported into; from the second one on its files in
    /// the lookaside cache are links to those of the first, for they are equal
    #[arg(long, value_name = "N", default_value = "1")]
    pub(super) projects: NonZeroUsize,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Where to")]
pub(super) struct PlaceArguments {
    /// Folder that the roots are made in, on a disk or in memory [default: that of temporary files]
    #[arg(long, value_name = "DIR")]
    pub(super) fs: Option<PathBuf>,
    /// Count a package only once it is on stable storage: the jobs go through a queue and a worker
    /// with its group commit
    #[arg(long)]
    pub(super) durable: bool,
    /// How `sources` and lookaside cache are laid out: dist-git, or copr (MD5)
    #[arg(long, value_name = "NAME", default_value_t)]
    pub(super) layout: Layout,
    /// Number of bare repositories that are in the root before
    #[arg(long, value_name = "N", default_value_t = 0)]
    pub(super) prefill: usize,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "How far away the registry is")]
pub(super) struct RegistryArguments {
    /// Milliseconds before each answer
    #[arg(long, value_name = "MS", default_value_t = 0.0)]
    pub(super) latency: f64,
    /// Megabytes a second, of all connections together
    #[arg(long, value_name = "MB/S")]
    pub(super) bandwidth: Option<f64>,
}

#[derive(Debug, Args)]
#[command(next_help_heading = "Output")]
pub(super) struct OutputArguments {
    /// Print one JSON object instead of tables
    #[arg(long, conflicts_with = "csv")]
    pub(super) json: bool,
    /// Print comma-separated values instead of tables, a line for each number of threads
    #[arg(long)]
    pub(super) csv: bool,
    /// Draw packages a second by threads as an SVG picture
    #[arg(long, value_name = "FILE.svg")]
    pub(super) plot: Option<PathBuf>,
    /// Compare with an earlier run, as --json printed it
    #[arg(long, value_name = "FILE.json")]
    pub(super) compare: Option<PathBuf>,
}

/// One measurement of `distmill bench`: a task on stdin, what was measured on stdout.
#[derive(Debug, Args)]
pub(in crate::cli) struct TrialArguments {
    /// The process that this one ends with
    #[arg(long, value_name = "PID")]
    pub(super) parent: Option<i32>,
}
