//! Source packages into dist-git, beside the least work that makes the same bytes.
//!
//! `cargo bench --bench import -- [PACKAGES] [KILOBYTES]` (100 and 500 by default) makes that many
//! source packages and imports them on one thread into fresh repositories, one branch each. The
//! floor does for every package what cannot be left out (read, inflate, hash, write the files, the
//! objects and the ref), and checks nothing. Both take turns, five times; medians are printed.
//! Everything lies in the folder for temporary files; `TMPDIR=/dev/shm` leaves the disk out.

#![allow(clippy::print_stdout, clippy::unwrap_used)]

use distmill::config::{Identity, Limits, NetSettings, Registries};
use distmill::event::Silent;
use distmill::import::job::{Job, Source};
use distmill::import::outcome::State;
use distmill::import::pipeline::{Destination, Importer, Settings};
use distmill::import::root::Root;
use distmill::import::spec::{ParseSettings, SpecSettings, Templates, parse};
use distmill::model::{BranchName, Project};
use distmill::net::Client;
use distmill::rpmfile::{Compression, SourceFile, WriteSettings, write};
use distmill::sync::StopToken;
use flate2::write::ZlibEncoder;
use sha1::{Digest, Sha1};
use sha2::{Sha256, Sha512};
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{Read as _, Write as _};
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
            for (number, path) in packages.iter().enumerate() {
                least(path, number, root);
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

/// The same result for one package, nothing checked.
fn least(path: &Path, number: usize, root: &Path) {
    let package = fs::read(path).unwrap();
    let payload = payload_of(&package);
    let mut plain = Vec::new();
    zstd::Decoder::new(payload)
        .unwrap()
        .read_to_end(&mut plain)
        .unwrap();
    let name = name(number);
    let git = root.join(format!("git/local/bench/{name}.git"));
    for folder in [
        "refs/heads",
        "refs/tags",
        "objects/info",
        "objects/pack",
        "info",
    ] {
        fs::create_dir_all(git.join(folder)).unwrap();
    }
    fs::write(git.join("HEAD"), "ref: refs/heads/main\n").unwrap();
    fs::write(git.join("config"), "[core]\n\tbare = true\n").unwrap();
    let mut tree = Vec::new();
    let ignore = object(&git, "blob", b"");
    entry(&mut tree, ".gitignore", ignore);
    let first_tree = object(&git, "tree", &tree);
    let parent = commit(&git, first_tree, "");
    tree.clear();
    let (mut sources, mut ignored) = (String::new(), String::new());
    let mut spec = None;
    for (file, bytes) in files_of(&plain) {
        if file.ends_with(".spec") {
            spec = Some((file, object(&git, "blob", bytes)));
            continue;
        }
        let hash = hex(&Sha512::digest(bytes));
        let _ = Sha256::digest(bytes);
        let place = format!("lookaside/local/bench/{name}/{file}/sha512/{hash}");
        fs::create_dir_all(root.join(&place)).unwrap();
        fs::write(root.join(place).join(file), bytes).unwrap();
        let _ = writeln!(sources, "SHA512 ({file}) = {hash}");
        let _ = writeln!(ignored, "/{file}");
    }
    entry(
        &mut tree,
        ".gitignore",
        object(&git, "blob", ignored.as_bytes()),
    );
    let (file, id) = spec.unwrap();
    entry(&mut tree, file, id);
    entry(
        &mut tree,
        "sources",
        object(&git, "blob", sources.as_bytes()),
    );
    let second_tree = object(&git, "tree", &tree);
    let tip = commit(&git, second_tree, &format!("parent {}\n", hex(&parent)));
    fs::write(git.join("refs/heads/main"), format!("{}\n", hex(&tip))).unwrap();
}

/// What follows lead, signature and main header.
fn payload_of(package: &[u8]) -> &[u8] {
    let length = |at: usize| {
        let number = |at: usize| {
            let bytes = package[at..at + 4].try_into().unwrap();
            usize::try_from(u32::from_be_bytes(bytes)).unwrap()
        };
        16 + 16 * number(at + 8) + number(at + 12)
    };
    let main = 96 + length(96).next_multiple_of(8);
    &package[main + length(main)..]
}

/// The entries of a cpio archive of the new ASCII form.
fn files_of(archive: &[u8]) -> Vec<(&str, &[u8])> {
    let mut out = Vec::new();
    let mut at = 0;
    loop {
        let field = |number: usize| {
            let start = at + 6 + 8 * number;
            let digits = std::str::from_utf8(&archive[start..start + 8]).unwrap();
            usize::from_str_radix(digits, 16).unwrap()
        };
        let (size, length) = (field(6), field(11));
        let name = std::str::from_utf8(&archive[at + 110..at + 109 + length]).unwrap();
        let content = at + (110 + length).next_multiple_of(4);
        if name == "TRAILER!!!" {
            return out;
        }
        out.push((name, &archive[content..content + size]));
        at = content + size.next_multiple_of(4);
    }
}

/// Writes a loose object; its id.
fn object(git: &Path, kind: &str, content: &[u8]) -> [u8; 20] {
    let head = format!("{kind} {}\0", content.len());
    let mut sha = Sha1::new();
    sha.update(&head);
    sha.update(content);
    let id: [u8; 20] = sha.finalize().into();
    let name = hex(&id);
    let folder = git.join("objects").join(&name[..2]);
    fs::create_dir_all(&folder).unwrap();
    let file = File::create(folder.join(&name[2..])).unwrap();
    let mut out = ZlibEncoder::new(file, flate2::Compression::fast());
    out.write_all(head.as_bytes()).unwrap();
    out.write_all(content).unwrap();
    out.finish().unwrap();
    id
}

fn entry(tree: &mut Vec<u8>, name: &str, id: [u8; 20]) {
    tree.extend_from_slice(format!("100644 {name}\0").as_bytes());
    tree.extend_from_slice(&id);
}

fn commit(git: &Path, tree: [u8; 20], parent: &str) -> [u8; 20] {
    let who = "distmill <distmill@localhost> 1700000000 +0000";
    let text = format!(
        "tree {}\n{parent}author {who}\ncommitter {who}\n\nautomatic import\n",
        hex(&tree)
    );
    object(git, "commit", text.as_bytes())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}
