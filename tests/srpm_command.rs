//! `distmill srpm`: source packages in a folder, of sources or of a spec at hand.

use crate::support::fixtures;
use crate::support::program::{Program, Run};
use crate::support::srpm::{HOST, SpecFolder, TIME, WRITERS_OWN, differences};
use crate::support::tools::{have, output, run};
use distmill::import::spec::TemplateKind;
use std::ffi::OsStr;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use tempfile::TempDir;

const SDIST: &str = "sdist-setuptools/plainpkg-1.2.3.tar.gz";

fn srpm<S: AsRef<OsStr>>(output: &Path, arguments: &[S]) -> Run {
    let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
    command
        .args(["srpm", "--quiet", "--json", "-o"])
        .arg(output);
    command.args(arguments).stdin(Stdio::null());
    command.env_remove("SOURCE_DATE_EPOCH");
    Run::of(command.output().unwrap())
}

/// The names in a folder, hidden ones as well.
fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut out: Vec<String> = entries
        .map(|it| it.unwrap().file_name().into_string().unwrap())
        .collect();
    out.sort();
    out
}

#[test]
fn a_wheel_is_packed_with_a_template_of_the_user() {
    let dir = TempDir::new().unwrap();
    let (out, template) = (dir.path().join("out"), dir.path().join("my.spec"));
    let text = TemplateKind::Wheel.built_in();
    fs::write(
        &template,
        text.replace("%description\n", "Vendor: Mine\n\n%description\n"),
    )
    .unwrap();
    let wheel = fixtures::argument("wheel-flit/wheel_only-3.1.post1-py3-none-any.whl");
    let option = format!("--template=wheel={}", template.display());
    let made = srpm(&out, &["--spec", &option, &wheel]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    let package = "python-wheel-only-3.1^post1-1.src.rpm";
    assert_eq!(names(&out), [package, "python-wheel-only.spec"]);
    let path = out.join(package);
    let told = run(
        "rpm",
        &[
            "-qp",
            "--qf",
            "%{VENDOR} [%{SOURCE}]",
            path.to_str().unwrap(),
        ],
    );
    assert_eq!(told, "Mine wheel_only-3.1.post1-py3-none-any.whl");
}

#[test]
fn a_folder_gets_source_packages_and_nothing_else() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("made/here");
    let gem = fixtures::argument("gem-plain/plaingem-1.2.0.gem");
    let sources = [fixtures::argument(SDIST), gem];
    let first = srpm(&out, &sources);
    assert_eq!(first.code, Some(0), "{}", first.stderr);
    let outcomes = first.outcomes();
    for source in &sources {
        assert_eq!(outcomes[source]["state"], "imported");
        assert_eq!(outcomes[source]["branch_commits"], serde_json::json!({}));
        let place = outcomes[source]["srpm"].as_str().unwrap();
        assert_eq!(Path::new(place).parent(), Some(&*out));
    }
    let made = [
        "python-plainpkg-1.2.3-1.src.rpm",
        "rubygem-plaingem-1.2.0-1.src.rpm",
    ];
    assert_eq!(names(&out), made);
    let bytes = fs::read(out.join(made[0])).unwrap();
    let again = srpm(&out, &sources).outcomes();
    assert_eq!(again[&sources[0]]["state"], "unchanged");

    // The same as the import's.
    let program = Program::new();
    let imported = program.imported(&sources[0]);
    let place = imported["srpm"].as_str().unwrap();
    assert!(fs::read(place).unwrap() == bytes);
}

#[test]
fn the_spec_is_left_on_request() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out");
    let package = fixtures::argument("srpm-text/hello-1.0-1.src.rpm");
    let run = srpm(
        &out,
        &["--spec", "--dist=.x1", &fixtures::argument(SDIST), &package],
    );
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    assert_eq!(
        names(&out),
        [
            "hello-1.0-1.src.rpm",
            "hello.spec",
            "python-plainpkg-1.2.3-1.x1.src.rpm",
            "python-plainpkg.spec"
        ]
    );
    let hello = fs::read(out.join("hello.spec")).unwrap();
    assert!(hello == fixtures::bytes("srpm-text/hello.spec"));
    assert!(fs::read(out.join("hello-1.0-1.src.rpm")).unwrap() == fs::read(package).unwrap());
}

#[test]
fn a_failure_leaves_nothing_and_has_its_code() {
    let dir = TempDir::new().unwrap();
    let bad = dir.path().join("bad-1.0.tar.gz");
    fs::write(&bad, "no archive").unwrap();
    let out = dir.path().join("out");
    let run = srpm(&out, &[&bad]);
    assert_eq!(run.code, Some(1));
    let outcome = &run.outcomes()[bad.to_str().unwrap()];
    assert_eq!(outcome["failure"]["code"], "archive-corrupt");
    assert!(names(&out).is_empty());
}

const SPEC: &str = "\
Name: demo
Version: 1.0
Release: 1%{?dist}
Summary: A demo
License: MIT
Source0: https://a.example/demo.tar.gz
Source1: run.sh
Patch0: one.patch
%description
A demo.
%files
";
const FILES: &[(&str, &[u8])] = &[
    ("demo.tar.gz", b"an archive"),
    ("run.sh", b"#!/bin/sh\n"),
    ("one.patch", b"a patch"),
];

/// Packs the spec of a folder.
fn pack(folder: &SpecFolder, out: &Path, more: &[&str]) -> Run {
    let (here, spec) = (folder.path(), folder.path().join("demo.spec"));
    let mut all = [
        "--from-spec".into(),
        spec.into_os_string(),
        "--sources".into(),
        here.into(),
    ]
    .to_vec();
    all.extend(more.iter().map(Into::into));
    srpm(out, &all)
}

#[test]
fn a_spec_is_packed_as_rpmbuild_does() {
    if !have(&["rpmbuild"]) {
        return;
    }
    let folder = SpecFolder::new("demo.spec", SPEC, FILES);
    run(
        "chmod",
        &["755", folder.path().join("run.sh").to_str().unwrap()],
    );
    let theirs = folder.rpmbuild("w3.zstdio");
    let out = folder.path().join("out");
    let run = pack(&folder, &out, &[]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    let ours = out.join("demo-1.0-1.src.rpm");
    let wrong = differences(&ours, &theirs, WRITERS_OWN);
    assert!(wrong.is_empty(), "{wrong:#?}");
    let query = [
        "-qp",
        "--qf",
        "%{BUILDTIME} [%{FILEMTIMES} ]",
        ours.to_str().unwrap(),
    ];
    let times = output(Command::new("rpm").args(query));
    let all = format!("{TIME} ").repeat(5);
    assert_eq!(
        times.trim(),
        all.trim(),
        "the newest file's time stands for all ({HOST})"
    );
}

#[test]
fn the_same_files_make_the_same_bytes_at_a_given_time() {
    let made = |more: &[&str], touch: bool| {
        let folder = SpecFolder::new("demo.spec", SPEC, FILES);
        if touch {
            fs::write(folder.path().join("one.patch"), FILES[2].1).unwrap();
        }
        let out = folder.path().join("out");
        assert_eq!(pack(&folder, &out, more).code, Some(0));
        fs::read(out.join("demo-1.0-1.src.rpm")).unwrap()
    };
    assert!(made(&[], false) == made(&[], false));
    assert!(
        made(&[], false) != made(&[], true),
        "a file's own time counts"
    );
    let given = ["--source-date-epoch=1600000000"];
    assert!(made(&given, false) == made(&given, true));
}

#[test]
fn missing_files_are_listed_by_name() {
    let folder = SpecFolder::new("demo.spec", SPEC, &FILES[1..2]);
    let out = folder.path().join("out");
    let run = pack(&folder, &out, &[]);
    assert_eq!(run.code, Some(1));
    let outcomes = run.outcomes();
    let failure = &outcomes.values().next().unwrap()["failure"];
    assert_eq!(failure["code"], "file-not-readable");
    let message = failure["message"].as_str().unwrap();
    assert!(message.ends_with(": demo.tar.gz, one.patch"), "{message}");
    assert!(names(&out).is_empty());
}

#[test]
fn an_unknown_macro_is_named_with_its_line() {
    let spec = SPEC.replace("Patch0: one.patch", "ExclusiveArch: %{java_arches}");
    let folder = SpecFolder::new("demo.spec", &spec, FILES);
    let out = folder.path().join("out");
    let run = pack(&folder, &out, &[]);
    assert_eq!(run.code, Some(1));
    let outcomes = run.outcomes();
    let failure = &outcomes.values().next().unwrap()["failure"];
    assert_eq!(failure["code"], "spec-unsupported");
    let message = failure["message"].as_str().unwrap();
    for part in ["demo.spec", "line 8", "%{java_arches}"] {
        assert!(message.contains(part), "{message}");
    }
    let run = pack(&folder, &out, &["--define", "java_arches x86_64 s390x"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
}

#[test]
fn wrong_usage_does_nothing() {
    let dir = TempDir::new().unwrap();
    let out = dir.path().join("out");
    for arguments in [
        &[][..],
        &["six"],
        &["--from-spec=a.spec"],
        &["--sources=.", "a.gem"],
        &["--from-spec=a.spec", "--sources=.", "a.gem"],
        &["--from-spec=a.spec", "--sources=.", "--define=%x y"],
        &["--project=a/b", "a.gem"],
        &["--dist=%x", "a.gem"],
    ] {
        let run = srpm(&out, arguments);
        assert_eq!(run.code, Some(2), "{arguments:?}: {}", run.stderr);
    }
    assert!(!out.exists());
    let run = srpm(&out, &["--help"]);
    for part in [
        "Examples:",
        "Exit codes:",
        "--from-spec",
        "--registry",
        "--compression",
    ] {
        assert!(run.stdout.contains(part), "{part}");
    }
}
