//! Ready source packages into dist-git, with their own spec.

use crate::support::fixtures;
use crate::support::program::Program;
use crate::support::registry::{Registry, Reply};
use crate::support::tools::git;
use std::fs;
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
