//! The hot pieces of an import that no other benchmark times by itself.
//!
//! `cargo bench --bench pieces -- [FILTER]`: a stream of 500 kB hashed on its way into nothing and
//! into a file, with the digests of each layout; the metadata of a small sdist read; a spec written
//! from a description; a commit into a new repository, into one that is there, and once more of
//! the same. `describe` goes through whole archives, `srpm` writes source packages, `queue` claims.
//! Files lie in the folder for temporary files; `TMPDIR=/dev/shm` leaves the disk out.

#![allow(clippy::unwrap_used, dead_code)]

#[path = "../tests/support/pack.rs"]
mod pack;

use criterion::{BatchSize, Criterion, Throughput};
use distmill::config::{Identity, Limits};
use distmill::import::archive::{Entry, EntryKind, Kind, walk};
use distmill::import::description::Description;
use distmill::import::distgit::{Import, PackageFile, Part, ProjectLock, commit};
use distmill::import::root::Root;
use distmill::import::source::pypi::SdistReader;
use distmill::import::spec::{self, SpecSettings, Templates};
use distmill::model::{BranchName, Digester, PackageName, Project, SumKind};
use distmill::sync::StopToken;
use pack::Tar;
use std::fmt::Write as _;
use std::fs::File;
use std::io::{self, Read, Write};

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

fn main() {
    let mut criterion = Criterion::default().configure_from_args();
    digests(&mut criterion);
    metadata_and_spec(&mut criterion);
    commits(&mut criterion);
    criterion.final_summary();
}
