//! The hot pieces of an import that no other benchmark times by itself.
//!
//! `cargo bench --bench pieces -- [FILTER]`: a stream of 500 kB hashed on its way into nothing and
//! into a file, with the digests of each layout; the metadata of a small sdist read; a spec written
//! from a description; a commit into a new repository, into one that is there, and once more of
//! the same; a claim from a queue of 10,000 jobs; a round over 100 resources and 1,000 tickets.
//! `describe` goes through whole archives, `srpm` writes source packages, `queue` and `alloc` show
//! how claims and rounds grow.
//! Files lie in the folder for temporary files; `TMPDIR=/dev/shm` leaves the disk out.

#![allow(clippy::unwrap_used, dead_code)]

#[path = "../tests/support/pack.rs"]
mod pack;

use criterion::{BatchSize, Criterion, Throughput};
use distmill::alloc::Rounds;
use distmill::alloc::pool::{Policy, Pool, PoolTag, Pools};
use distmill::alloc::starter::{Finished, Task};
use distmill::alloc::store::Living;
use distmill::alloc::ticket::{Request, TicketId};
use distmill::config::{Identity, Limits};
use distmill::import::archive::{Entry, EntryKind, Kind, walk};
use distmill::import::description::Description;
use distmill::import::distgit::{Import, PackageFile, Part, ProjectLock, commit};
use distmill::import::queue::{ClaimLimits, JobQueue, Making, NewJob, Target, Worker};
use distmill::import::root::Root;
use distmill::import::source::pypi::SdistReader;
use distmill::import::spec::{self, SpecSettings, Templates};
use distmill::model::{BranchName, Digester, PackageName, Project, SumKind};
use distmill::store::SqliteQueue;
use distmill::sync::StopToken;
use jiff::{SignedDuration, Timestamp};
use pack::Tar;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Write};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Bytes of a source.
const SIZE: usize = 500_000;
/// Bytes that arrive at once.
const PIECE: usize = 16 * 1024;

fn noise() -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    std::iter::repeat_with(next).take(SIZE).collect()
}

fn streamed<W: Write>(bytes: &[u8], into: W, sum: Option<SumKind>) -> Digester<W> {
    let mut digester = Digester::with_sum(into, sum);
    for piece in bytes.chunks(PIECE) {
        digester.write_all(piece).unwrap();
    }
    digester
}

fn digests(criterion: &mut Criterion) {
    let bytes = noise();
    let mut group = criterion.benchmark_group("stream 500 kB");
    group.throughput(Throughput::Bytes(SIZE as u64));
    for (name, sum) in [
        ("sha256", None),
        ("sha256 and sha512", Some(SumKind::Sha512)),
        ("sha256 and md5", Some(SumKind::Md5)),
    ] {
        group.bench_function(name, |bencher| {
            bencher.iter(|| streamed(&bytes, io::sink(), sum).finish().1);
        });
    }
    group.bench_function("sha256 and sha512 into a file", |bencher| {
        bencher.iter(|| {
            let file = tempfile::NamedTempFile::new().unwrap();
            streamed(&bytes, file, Some(SumKind::Sha512)).finish().1
        });
    });
    group.finish();
}

/// An sdist of metadata and little else.
fn sdist() -> File {
    let mut info = String::from(
        "Metadata-Version: 2.4\nName: demo\nVersion: 1.2.3\nSummary: A package to measure with\n\
         License-Expression: MIT\nHome-page: https://example.org/demo\n",
    );
    for number in 0..20 {
        let _ = writeln!(info, "Requires-Dist: other-{number}>=1.{number}");
        let _ = writeln!(
            info,
            "Classifier: Programming Language :: Python :: 3.{number}"
        );
    }
    info.push_str("\nWhat it does, in a few words.\n");
    let bytes = Tar::default()
        .file(b"demo-1.2.3/PKG-INFO", info.as_bytes())
        .file(
            b"demo-1.2.3/pyproject.toml",
            b"[build-system]\nrequires = [\"setuptools\"]\nbuild-backend = \"setuptools.build_meta\"\n",
        )
        .file(b"demo-1.2.3/demo.py", b"x = 1\n")
        .gz();
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(&bytes).unwrap();
    file
}

fn describe(file: &File) -> Description {
    let name = "demo-1.2.3.tar.gz";
    let (limits, stop) = (Limits::default(), StopToken::default());
    let mut reader = SdistReader::new(limits.max_metadata);
    let mut visit = |entry: &Entry<'_>, content: &mut dyn Read| match entry.kind {
        EntryKind::File => reader.offer(entry.path, entry.size, content),
        EntryKind::Directory | EntryKind::Link => Ok(()),
    };
    let kind = Kind::of_file_name(name).unwrap();
    let summary = walk(file, name, kind, &limits, &stop, &mut visit).unwrap();
    reader.finish(name, summary.newest_mtime).unwrap()
}

fn metadata_and_spec(criterion: &mut Criterion) {
    let file = sdist();
    let settings = SpecSettings {
        dist: ".fc43".to_owned(),
        arch: "x86_64".to_owned(),
        identity: Identity::default(),
        templates: Templates::default(),
    };
    let description = describe(&file);
    criterion.bench_function("metadata of a small sdist", |bencher| {
        bencher.iter(|| describe(&file));
    });
    criterion.bench_function("spec from a description", |bencher| {
        bencher.iter(|| spec::make(&description, &settings).unwrap());
    });
}

/// What is committed: a spec of that release, and its source.
fn files(root: &Root, bytes: &[u8], release: usize) -> Vec<PackageFile> {
    let spec = format!("Name: demo\nVersion: 1.0\nRelease: {release}\n");
    let file = root.temporary_source().unwrap();
    let (file, digests) = streamed(bytes, file, Some(SumKind::Sha512)).finish();
    vec![
        PackageFile::of_bytes("demo.spec", spec.into_bytes()),
        PackageFile::of_temporary("demo-1.0.tar.gz", file, digests).unwrap(),
    ]
}

fn commits(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().unwrap();
    let root = Root::open(dir.path()).unwrap();
    let stop = StopToken::default();
    let project = Project::parse("local/bench").unwrap();
    let held = ProjectLock::share(&root, &project, Part::Repositories, &stop).unwrap();
    let (branches, identity) = ([BranchName::new("main").unwrap()], Identity::default());
    let bytes = noise();
    let put = |package: &PackageName, files: Vec<PackageFile>| {
        let import = Import {
            project: &project,
            package,
            branches: &branches,
            files,
            identity: &identity,
        };
        let results = commit(&root, &held, import, &stop).unwrap();
        assert!(results.branches[0].tip.is_ok());
    };
    let one = PackageName::new("demo").unwrap();
    let mut number = 0;
    let mut group = criterion.benchmark_group("commit");
    for (name, is_new, is_changed) in [
        ("into a new repository", true, true),
        ("into one that is there", false, true),
        ("the same again", false, false),
    ] {
        let mut ready = || {
            number += 1;
            let package = match is_new {
                true => PackageName::new(&format!("demo{number}")).unwrap(),
                false => one.clone(),
            };
            (
                package,
                files(&root, &bytes, if is_changed { number } else { 0 }),
            )
        };
        group.bench_function(name, |bencher| {
            bencher.iter_batched(
                &mut ready,
                |(package, files)| put(&package, files),
                BatchSize::PerIteration,
            );
        });
    }
    group.finish();
}

/// Jobs that are claimed at once.
const BATCH: usize = 64;

fn job(number: usize, target: &Arc<Target>) -> NewJob {
    NewJob {
        source: format!("pypi:package-{number}==1.0").parse().unwrap(),
        digest: None,
        target: Arc::clone(target),
        sandbox: format!("sandbox{}", number % 10).into(),
        priority: 0,
        background: false,
        run: None,
    }
}

fn claims(criterion: &mut Criterion) {
    let dir = tempfile::tempdir().unwrap();
    let queue = SqliteQueue::open(dir.path()).unwrap();
    let target = Arc::new(Target {
        project: Project::parse("local/bench").unwrap(),
        branches: vec![BranchName::new("main").unwrap()],
        making: Making::default(),
    });
    let jobs: Vec<NewJob> = (0..10_000).map(|it| job(it, &target)).collect();
    let now = Timestamp::now();
    queue.add(&jobs, now).unwrap();
    let day = Duration::from_secs(86_400);
    let me = queue.enlist(&Worker::default(), now + day).unwrap();
    let limits = ClaimLimits::default();
    let mut group = criterion.benchmark_group("queue");
    group.throughput(Throughput::Elements(BATCH as u64));
    group.bench_function("claim of 64 from 10,000 jobs", |bencher| {
        bencher.iter_custom(|times| {
            let mut took = Duration::ZERO;
            for _ in 0..times {
                let begun = Instant::now();
                let claimed = queue.claim(me, BATCH, &limits, now).unwrap().jobs;
                took += begun.elapsed();
                let ids: Vec<u64> = claimed.iter().map(|it| it.id).collect();
                assert_eq!(ids.len(), BATCH);
                queue.release(me, &ids, now).unwrap();
            }
            took
        });
    });
    group.finish();
}

/// Ten pools of ten resources each, all in use, and so many tickets that wait.
struct Farm {
    rounds: Rounds,
    served: VecDeque<TicketId>,
    now: Timestamp,
}

impl Farm {
    fn new(waiting: usize) -> Self {
        let pool = |number: usize| Pool {
            tags_on_demand: vec![PoolTag::new("x86_64")],
            max: 10,
            max_starting: 10,
            ..Pool::named(&format!("pool{number}"))
        };
        let pools = Pools::new((0..10).map(pool), Policy::default()).unwrap();
        let now = Timestamp::UNIX_EPOCH;
        let mut farm = Self {
            rounds: Rounds::new(pools, Living::default(), now),
            served: VecDeque::new(),
            now,
        };
        (0..waiting + 100).for_each(|_| farm.take());
        // Builders are asked for, and handed out once they are there.
        (0..2).for_each(|_| farm.round());
        assert_eq!(farm.served.len(), 100);
        farm
    }

    fn take(&mut self) {
        self.rounds.take(Request::new(["x86_64"]), self.now);
    }

    fn round(&mut self) {
        self.now += SignedDuration::from_millis(100);
        let orders = self.rounds.decide(self.now);
        let news = self.rounds.take_news();
        let served = news.iter().filter(|it| it.is_open()).map(|it| it.ticket.id);
        self.served.extend(served);
        for order in orders {
            let finished = match order.task {
                Task::Start(_) => Finished::ok("host"),
                _ => Finished::ok([]),
            };
            self.rounds.finished(order.number, finished, self.now);
        }
        let _ = self.rounds.take_changes();
    }
}

fn rounds(criterion: &mut Criterion) {
    let mut farm = Farm::new(1000);
    let mut group = criterion.benchmark_group("allocation");
    group.bench_function("round of 100 resources and 1,000 tickets", |bencher| {
        bencher.iter(|| {
            if let Some(id) = farm.served.pop_front() {
                farm.rounds.close(id, farm.now);
                farm.take();
            }
            farm.round();
        });
    });
    group.finish();
}

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    digests(&mut criterion);
    metadata_and_spec(&mut criterion);
    commits(&mut criterion);
    claims(&mut criterion);
    rounds(&mut criterion);
    criterion.final_summary();
}
