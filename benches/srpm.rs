//! The writer of source packages beside `rpmbuild -bs` of the same spec.
//!
//! `cargo bench --bench srpm` times the writer at three sizes of a source that is compressed
//! already, as sources are, and then both in turns, and prints how many packages each makes in a
//! second. Files lie in the folder for temporary files; `TMPDIR=/dev/shm` leaves the disk out.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use criterion::{BatchSize, Criterion, Throughput};
use distmill::import::spec::{ParseSettings, parse};
use distmill::model::Digests;
use distmill::rpmfile::{SourceFile, SourceHeader, WriteSettings, host_arch, write};
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::{Duration, Instant};
use tempfile::TempDir;

const SIZES: [(&str, usize); 3] = [
    ("10 kB", 10_000),
    ("500 kB", 500_000),
    ("50 MB", 50_000_000),
];
const TIME: u32 = 1_700_000_000;
const SPEC: &str = "\
Name: python-demo
Version: 1.2.3
Release: 1
Summary: A package to measure with
License: MIT
URL: https://demo.example/
Source0: https://demo.example/demo-1.2.3.tar.gz
BuildArch: noarch
BuildRequires: python3-devel
%description
A package to measure with, described in a line or two, as most packages are, so that the header is
neither short nor long.
%package -n python3-demo
Summary: A package to measure with
%description -n python3-demo
The same.
%files -n python3-demo
%changelog
* Mon Jan 02 2023 Ann Other <ann@demo.example> - 1.2.3-1
- Take in demo 1.2.3
";

/// A spec and its source in a folder.
struct Package {
    dir: TempDir,
    spec: PathBuf,
    source: PathBuf,
    known: Digests,
}

impl Package {
    fn new(size: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let (spec, source) = (
            dir.path().join("demo.spec"),
            dir.path().join("demo-1.2.3.tar.gz"),
        );
        let bytes = noise(size);
        fs::write(&spec, SPEC).unwrap();
        fs::write(&source, &bytes).unwrap();
        Self {
            known: Digests::of(&bytes, None),
            dir,
            spec,
            source,
        }
    }

    /// From the text of the spec to the closed file, as the importer does it: the source was
    /// hashed when it was fetched.
    fn write(&self, place: &Path) {
        let header = read(SPEC);
        let source = SourceFile::from_path("demo-1.2.3.tar.gz", &self.source, &self.known, TIME);
        let spec = SourceFile::from_bytes("demo.spec", SPEC.as_bytes(), TIME).as_spec();
        let settings = WriteSettings {
            build_time: TIME,
            ..WriteSettings::default()
        };
        let mut options = File::options();
        let options = options.read(true).write(true).create(true).truncate(true);
        let mut out = options.open(place).unwrap();
        write(&mut out, &header, &[spec, source.as_own()], &settings).unwrap();
    }

    /// One process, with the given payload compression or the system's own.
    fn rpmbuild(&self, payload: Option<&str>) {
        let folder = self.dir.path().display();
        let mut command = Command::new("rpmbuild");
        command.args(["-bs", "--nodeps", "--quiet"]);
        for define in [
            format!("_topdir {folder}/top"),
            format!("_sourcedir {folder}"),
            format!("_srcrpmdir {folder}/out"),
        ] {
            command.arg("--define").arg(define);
        }
        if let Some(payload) = payload {
            command
                .arg("--define")
                .arg(format!("_source_payload {payload}"));
        }
        assert!(command.arg(&self.spec).output().unwrap().status.success());
    }
}

fn read(spec: &str) -> SourceHeader {
    let settings = ParseSettings {
        dist: String::new(),
        arch: host_arch().to_owned(),
        defines: Vec::new(),
    };
    parse(spec, &settings).unwrap()
}

/// Bytes that no compressor makes shorter.
fn noise(size: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    };
    (0..size).map(|_| next()).collect()
}

fn writer(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("write");
    for (name, size) in SIZES {
        let package = Package::new(size);
        let place = package.dir.path().join("out.src.rpm");
        group.throughput(Throughput::Bytes(size as u64));
        if size > 10_000_000 {
            group.sample_size(10);
        }
        group.bench_function(name, |bencher| {
            bencher.iter_batched(|| (), |()| package.write(&place), BatchSize::PerIteration);
        });
    }
    group.finish();
}

/// The median time of a call, the calls of all the ways taking turns.
fn medians(times: usize, ways: &[&dyn Fn()]) -> Vec<Duration> {
    let mut all = vec![Vec::new(); ways.len()];
    for _ in 0..times {
        for (way, taken) in ways.iter().zip(&mut all) {
            let start = Instant::now();
            way();
            taken.push(start.elapsed());
        }
    }
    let median = |mut taken: Vec<Duration>| {
        taken.sort();
        taken[taken.len() / 2]
    };
    all.into_iter().map(median).collect()
}

fn beside_rpmbuild() {
    println!(
        "\nmedians on one thread, in turns          (rpmbuild: its own defaults; zstd:3 as ours)"
    );
    println!(
        "source     distmill               rpmbuild             ratio    rpmbuild zstd        ratio"
    );
    for (name, size) in SIZES {
        let package = Package::new(size);
        let place = package.dir.path().join("out.src.rpm");
        let times = if size > 10_000_000 { 5 } else { 41 };
        let all = medians(
            times,
            &[
                &|| package.write(&place),
                &|| package.rpmbuild(None),
                &|| package.rpmbuild(Some("w3.zstdio")),
            ],
        );
        let seconds: Vec<f64> = all.iter().map(Duration::as_secs_f64).collect();
        let show = |it: f64| format!("{:8.2} ms {:7.1}/s", it * 1e3, 1.0 / it);
        println!(
            "{name:7} {} {} {:6.1} x {} {:6.1} x",
            show(seconds[0]),
            show(seconds[1]),
            seconds[1] / seconds[0],
            show(seconds[2]),
            seconds[2] / seconds[0],
        );
    }
}

fn main() {
    let mut criterion = Criterion::default()
        .measurement_time(Duration::from_secs(3))
        .configure_from_args();
    writer(&mut criterion);
    criterion.final_summary();
    if Command::new("rpmbuild").arg("--version").output().is_ok() {
        beside_rpmbuild();
    } else {
        println!("rpmbuild is not here to be compared with");
    }
}
