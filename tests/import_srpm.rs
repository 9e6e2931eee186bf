//! Ready source packages into dist-git, with their own spec.

use crate::support::fixtures;
use crate::support::program::Program;
use crate::support::registry::{Registry, Reply};
use crate::support::srpm::SpecFolder;
use crate::support::tools::git;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;

const TEXT: &str = "srpm-text/hello-1.0-1.src.rpm";
const PATCHES: &str = "srpm-patches/patched-0.9~rc2-3.git0123abc.src.rpm";

#[test]
fn what_is_in_git_is_what_was_in_the_package() {
    for (file, package) in [(TEXT, "hello"), (PATCHES, "patched")] {
        let program = Program::new();
        let outcome = program.imported(&fixtures::argument(file));
        assert_eq!(outcome["package"], package);
        let kept = Path::new(outcome["srpm"].as_str().unwrap());
        assert_eq!(fs::read(kept).unwrap(), fixtures::bytes(file));
        assert_eq!(kept.file_name(), fixtures::path(file).file_name());
        program.assert_same_as_srpm(package, kept);
        let again = program.outcomes(&[fixtures::argument(file)]);
        assert!(again.values().all(|it| it["state"] == "unchanged"));
    }
}

#[test]
fn an_address_is_fetched() {
    let registry = Registry::start();
    let path = "/hello-1.0-1.src.rpm";
    registry.serve(
        path,
        Reply::page("application/x-rpm", fixtures::bytes(TEXT)),
    );
    let program = Program::new();
    let url = registry.url().join(path).unwrap();
    assert_eq!(program.imported(url.as_str())["package"], "hello");
}

#[test]
fn several_branches_share_one_history() {
    let program = Program::new()
        .with("--branch=main")
        .with("--branch=f42")
        .with("--branch=epel9");
    let outcome = program.imported(&fixtures::argument(TEXT));
    let commits = outcome["branch_commits"].as_object().unwrap();
    assert_eq!(commits.len(), 3);
    assert!(commits.values().all(|it| it == &commits["main"]));
    let branches = git(
        &program.repository("hello"),
        &["branch", "--format=%(refname:short)"],
    );
    assert_eq!(branches, "epel9\nf42\nmain");
}

#[test]
fn the_owners_bit_makes_an_executable() {
    let spec = "Name: modes\nVersion: 1\nRelease: 1\nSummary: s\nLicense: MIT\n\
                Source0: run.sh\nSource1: group.sh\nSource2: plain.txt\nSource3: empty\n\
                %description\nd\n";
    let script: &[u8] = b"#!/bin/sh\necho\n";
    let sources = [
        ("run.sh", script),
        ("group.sh", script),
        ("plain.txt", script),
        ("empty", b""),
    ];
    let folder = SpecFolder::new("modes.spec", spec, &sources);
    for (name, mode) in [("run.sh", 0o744), ("group.sh", 0o655), ("empty", 0o755)] {
        let path = folder.path().join(name);
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }
    let srpm = folder.rpmbuild("w9.gzdio");
    let program = Program::new();
    program.imported(srpm.to_str().unwrap());
    let listed = git(&program.repository("modes"), &["ls-tree", "main"]);
    for (name, mode) in [
        ("run.sh", "100755"),
        ("group.sh", "100644"),
        ("plain.txt", "100644"),
    ] {
        let line = listed.lines().find(|it| it.ends_with(name)).unwrap();
        assert!(line.starts_with(mode), "{listed}");
    }
    // An empty file is binary.
    assert!(!listed.contains("\tempty"), "{listed}");
    assert!(
        program
            .show("modes", "sources")
            .contains("(empty) = cf83e1357eefb8bd")
    );
}

#[test]
fn what_is_no_source_package_leaves_nothing() {
    let program = Program::new();
    let good = fixtures::bytes(TEXT);
    let mut flipped = good.clone();
    let summary = b"Says hello";
    let at = good
        .windows(summary.len())
        .rposition(|it| it == summary)
        .unwrap();
    flipped[at] ^= 1;
    let mut binary = good.clone();
    binary[7] = 0;
    for (name, bytes, code) in [
        ("empty", Vec::new(), "srpm-invalid"),
        ("short", good[..good.len() / 2].to_vec(), "srpm-invalid"),
        ("text", b"no package at all".to_vec(), "srpm-invalid"),
        ("flipped", flipped, "checksum-mismatch"),
        ("binary", binary, "not-a-source-package"),
    ] {
        let file = program.scratch().join(format!("{name}-1-1.src.rpm"));
        fs::write(&file, bytes).unwrap();
        assert_eq!(program.failure(file.to_str().unwrap()), code, "{name}");
    }
    assert_eq!(
        program.failure("/nowhere/a-1-1.src.rpm"),
        "file-not-readable"
    );
    assert!(program.files().is_empty(), "{:?}", program.files());
}
