//! A source package that is written here is the one that `rpmbuild -bs` makes.
//!
//! Without compression the two files are the same to the byte; with it, the same but for what
//! follows from the compressor. RPM's own tools verify and unpack ours.

mod by_hand;
mod cases;
mod made;
mod many;
mod workshop;

use crate::support::srpm::{self, HOST, SpecFolder, TIME, WRITERS_OWN, differences};
use crate::support::tools::{have, output};
use cases::Case;
use distmill::config::Limits;
use distmill::rpmfile::{Compression, ReadError, SourceFile, SourcePackage, WriteSettings, write};
use std::collections::BTreeMap;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

/// Compressions, and RPM's name of the same.
const PAYLOADS: &[(&str, &str)] = &[
    ("none", "w.ufdio"),
    ("gzip:9", "w9.gzdio"),
    ("zstd:3", "w3.zstdio"),
    ("xz:6", "w6.xzdio"),
    ("bzip2:9", "w9.bzdio"),
];

fn settings(compression: &str) -> WriteSettings {
    WriteSettings {
        compression: compression.parse::<Compression>().unwrap(),
        build_time: TIME,
        build_host: HOST.to_owned(),
        ..WriteSettings::default()
    }
}

/// Writes the case's package; SPEC is what `rpmbuild` made of the spec.
fn write_case(case: &Case, folder: &SpecFolder, theirs: &Path, compression: &str) -> PathBuf {
    let mut files: Vec<SourceFile> = case
        .sources
        .iter()
        .map(|(name, bytes)| SourceFile::from_bytes(name, *bytes, TIME))
        .collect();
    files.push(SourceFile::from_bytes(case.name, case.spec.as_bytes(), TIME).as_spec());
    let mut header = case.header.clone();
    header.spec = srpm::string(theirs, 5099);
    let path = folder.path().join(header.file_name());
    let mut out = File::options()
        .read(true)
        .write(true)
        .create(true)
        .truncate(true)
        .open(&path)
        .unwrap();
    let written = write(&mut out, &header, &files, &settings(compression)).unwrap();
    assert_eq!(written.size, fs::metadata(&path).unwrap().len());
    path
}

#[test]
fn every_header_is_the_one_of_rpmbuild() {
    if !have(&["rpmbuild", "rpm"]) {
        return;
    }
    // The form of a source package changes a little with RPM's version; ours is that of 4.18.
    let same_version = output(Command::new("rpm").arg("--version")).contains(" 4.18.");
    for case in cases::all() {
        let folder = SpecFolder::new(case.name, case.spec, case.sources);
        for (ours, theirs) in PAYLOADS {
            let built = folder.rpmbuild(theirs);
            let written = write_case(&case, &folder, &built, ours);
            let wrong = differences(&written, &built, WRITERS_OWN);
            assert!(wrong.is_empty(), "{} {ours}: {wrong:#?}", case.name);
            assert_eq!(written.file_name(), built.file_name());
            if *ours == "none" && same_version {
                let same = fs::read(&written).unwrap() == fs::read(&built).unwrap();
                assert!(same, "{}: the bytes differ", case.name);
            }
        }
    }
}

#[test]
fn rpm_verifies_and_unpacks_what_was_written() {
    if !have(&["rpmbuild", "rpm", "rpm2cpio", "cpio"]) {
        return;
    }
    for case in cases::all() {
        let folder = SpecFolder::new(case.name, case.spec, case.sources);
        let built = folder.rpmbuild("w.ufdio");
        let names = |package: &Path| {
            let pipe = "rpm2cpio \"$0\" | cpio -it --quiet";
            output(Command::new("sh").args(["-c", pipe]).arg(package))
        };
        for (compression, _) in PAYLOADS {
            let written = write_case(&case, &folder, &built, compression);
            let verified = output(Command::new("rpm").arg("-Kv").arg(&written));
            for digest in [
                "Header SHA256 digest: OK",
                "Header SHA1 digest: OK",
                "Payload SHA256 digest: OK",
                "MD5 digest: OK",
            ] {
                assert!(verified.contains(digest), "{compression}: {verified}");
            }
            assert_eq!(names(&written), names(&built), "{compression}");
            for query in ["--requires", "--provides", "--conflicts", "--changelog"] {
                let ask = |it: &Path| {
                    let text = output(Command::new("rpm").args(["-qp", query]).arg(it));
                    let lines = text.lines().filter(|it| !it.contains("(PayloadIs"));
                    lines.map(str::to_owned).collect::<Vec<_>>()
                };
                assert_eq!(ask(&written), ask(&built), "{query}");
            }
        }
    }
}

#[test]
fn rpmbuild_rebuilds_what_was_written() {
    if !have(&["rpmbuild"]) {
        return;
    }
    let case = &cases::all()[0];
    let folder = SpecFolder::new(case.name, case.spec, case.sources);
    let built = folder.rpmbuild("w.ufdio");
    let written = write_case(case, &folder, &built, "zstd");
    let top = format!("_topdir {}/rebuilt", folder.path().display());
    output(
        Command::new("rpmbuild")
            .args(["--rebuild", "--nodeps", "--define", &top])
            .arg(written),
    );
    let rpms = folder.path().join("rebuilt/RPMS/noarch");
    assert_eq!(fs::read_dir(rpms).unwrap().count(), 1);
}

/// Further payloads that `rpmbuild` makes, and that are only read here.
const READ_ONLY: &[&str] = &[
    "w7.lzdio",
    "w9.lzdio",
    "w19T2.zstdio",
    "w9.xzdio",
    "w2T2.xzdio",
];

#[test]
fn what_rpmbuild_makes_is_read() {
    if !have(&["rpmbuild"]) {
        return;
    }
    let written = PAYLOADS.iter().map(|it| it.1);
    let payloads: Vec<&str> = written.chain(READ_ONLY.iter().copied()).collect();
    for case in cases::all() {
        let folder = SpecFolder::new(case.name, case.spec, case.sources);
        let packed = case.sources.iter().copied();
        let packed = packed.filter(|it| !case.header.left_out.iter().any(|name| name == it.0));
        let mut expected: BTreeMap<&str, &[u8]> = packed.collect();
        expected.insert(case.name, case.spec.as_bytes());
        for payload in &payloads {
            let built = folder.rpmbuild(payload);
            let package = SourcePackage::open(&built, &Limits::default()).unwrap();
            assert_eq!(package.name(), case.header.name);
            assert_eq!(package.epoch(), case.header.epoch);
            assert_eq!(package.version(), case.header.version);
            assert_eq!(package.release(), case.header.release);
            let mut found = BTreeMap::new();
            let visited = package.for_each_file(|file, bytes| {
                assert_eq!(file.is_spec, file.name == case.name);
                assert_eq!(file.mtime, TIME);
                let mut all = Vec::new();
                bytes.read_to_end(&mut all).map_err(ReadError::Io)?;
                found.insert(file.name.clone(), all);
                Ok::<(), ReadError>(())
            });
            visited.unwrap();
            let found: BTreeMap<&str, &[u8]> = found
                .iter()
                .map(|it| (it.0.as_str(), it.1.as_slice()))
                .collect();
            assert_eq!(found, expected, "{} {payload}", case.name);
        }
    }
}
