//! Source packages into dist-git, beside the least work that makes the same bytes.
//!
//! `cargo bench --bench import -- [PACKAGES] [KILOBYTES]` (100 and 500 by default) makes that many
//! source packages and imports them on one thread into fresh repositories, one branch each. The
//! floor ([`distmill::bench::floor`]) does for every package what cannot be left out, and checks
//! nothing. Both take turns, five times; medians are printed.
//! Everything lies in the folder for temporary files; `TMPDIR=/dev/shm` leaves the disk out.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use distmill::bench::floor::Floor;
use distmill::config::{Identity, Limits, NetSettings, Registries};
use distmill::event::Silent;
use distmill::import::job::{Job, Source};
use distmill::import::outcome::State;
use distmill::import::pipeline::{Destination, Importer, Settings};
use distmill::import::root::Root;
use distmill::import::spec::{ParseSettings, SpecSettings, Templates, parse};
use distmill::model::{BranchName, Layout, Project};
use distmill::net::Client;
use distmill::rpmfile::{Compression, SourceFile, WriteSettings, write};
use distmill::sync::StopToken;
use std::fs::File;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

const ROUNDS: usize = 5;

fn main() {
    let numbers = std::env::args().skip(1).filter_map(|it| it.parse().ok());
    let numbers: Vec<usize> = numbers.collect();
    let count = numbers.first().copied().unwrap_or(100);
    let size = numbers.get(1).copied().unwrap_or(500) * 1000;
    let dir = tempfile::tempdir().unwrap();
    let packages: Vec<PathBuf> = (0..count).map(|it| package(dir.path(), it, size)).collect();
    let mut ours = Vec::new();
    let mut floor = Vec::new();
    for _ in 0..ROUNDS {
        ours.push(timed(dir.path(), |root| import_all(&packages, root)));
        floor.push(timed(dir.path(), |root| {
            let mut floor = Floor::new(root, Layout::default());
            for path in &packages {
                floor.srpm(path, "local/bench").unwrap();
            }
        }));
    }
    let (ours, floor) = (median(ours), median(floor));
    let rate = |it: Duration| count as f64 / it.as_secs_f64();
    println!(
        "{count} source packages of {} kB, one thread, one branch each",
        size / 1000
    );
    println!("distmill  {:8.0} packages/s", rate(ours));
    println!("floor     {:8.0} packages/s", rate(floor));
    println!("ratio     {:8.2}", ours.as_secs_f64() / floor.as_secs_f64());
}

fn median(mut all: Vec<Duration>) -> Duration {
    all.sort();
    all[all.len() / 2]
}

/// The time of one round in a fresh folder.
fn timed(dir: &Path, work: impl FnOnce(&Path)) -> Duration {
    let root = tempfile::tempdir_in(dir).unwrap();
    let start = Instant::now();
    work(root.path());
    start.elapsed()
}

fn name(number: usize) -> String {
    format!("demo{number}")
}

/// Writes one source package: a spec and a source that no compressor makes shorter.
fn package(dir: &Path, number: usize, size: usize) -> PathBuf {
    let name = name(number);
    let spec = format!(
        "Name: {name}\nVersion: 1.0\nRelease: 1\nSummary: A package to measure with\nLicense: MIT\n\
         Source0: {name}-1.0.tar.gz\nBuildArch: noarch\n%description\nA package to measure with.\n%files\n"
    );
    let settings = ParseSettings {
        dist: String::new(),
        arch: "x86_64".to_owned(),
        defines: Vec::new(),
    };
    let header = parse(&spec, &settings).unwrap();
    let mut state = 0x9e37_79b9_7f4a_7c15_u64 ^ number as u64;
    let noise: Vec<u8> = std::iter::repeat_with(|| {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()[3]
    })
    .take(size)
    .collect();
    let files = [
        SourceFile::from_bytes(&format!("{name}.spec"), spec.as_bytes(), 1).as_spec(),
        SourceFile::from_bytes(&format!("{name}-1.0.tar.gz"), noise, 1),
    ];
    let path = dir.join(format!("{name}-1.0-1.src.rpm"));
    let mut options = File::options();
    let mut file = options
        .read(true)
        .write(true)
        .create(true)
        .open(&path)
        .unwrap();
    write(&mut file, &header, &files, &WriteSettings::default()).unwrap();
    path
}

fn import_all(packages: &[PathBuf], root: &Path) {
    let stop = StopToken::default();
    let settings = Settings {
        destination: Destination::Project {
            project: Project::parse("local/bench").unwrap(),
            repository: None,
            branches: vec![BranchName::new("main").unwrap()],
            git: true,
            srpms: false,
        },
        allow_unknown_license: false,
        spec: SpecSettings {
            dist: String::new(),
            arch: "x86_64".to_owned(),
            identity: Identity::default(),
            templates: Templates::default(),
        },
        registries: Registries::default(),
        limits: Limits::default(),
        identity: Identity::default(),
        compression: Compression::default(),
        source_date_epoch: None,
    };
    let client = Client::new(NetSettings::default(), stop.clone());
    let importer = Importer::new(settings, Root::open(root).unwrap(), client, stop);
    for (id, path) in (1..).zip(packages) {
        let source: Source = path.to_str().unwrap().parse().unwrap();
        let outcome = importer.import(&Job { id, source }, &Silent);
        assert!(matches!(outcome.state, State::Imported), "{outcome:?}");
    }
}
