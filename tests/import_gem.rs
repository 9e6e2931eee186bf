//! Gems from a registry and from a path into dist-git.

use crate::support::fixtures;
use crate::support::pack::{Tar, gem};
use crate::support::program::Program;
use crate::support::registry::{Form, Registry};
use crate::support::tools::{output, run};
use std::fs;
use std::path::Path;
use std::process::Command;
use tempfile::TempDir;

const PLAIN: &str = "gem-plain/plaingem-1.2.0.gem";

fn registry() -> Registry {
    let registry = Registry::start();
    registry.add_gem("plaingem", "1.2.0", fixtures::bytes(PLAIN));
    registry
}

#[test]
fn a_name_becomes_a_spec_a_source_package_and_a_commit() {
    for form in [Form::CompactIndex, Form::VersionsJson] {
        let registry = registry();
        registry.everything().offer(&[form]);
        let program = Program::new().with_registry(&registry.url());
        let outcome = program.imported("gem:plaingem");
        assert_eq!(outcome["package"], "rubygem-plaingem");
        assert_eq!(outcome["evr"], "1.2.0-1");
        let srpm = outcome["srpm"].as_str().unwrap();
        run("rpm", &["-Kv", srpm]);
        program.assert_same_as_srpm("rubygem-plaingem", Path::new(srpm));
    }
}

#[test]
fn every_gem_of_the_fixtures_is_taken() {
    for (file, package, evr) in [
        ("gem-executable/runme-0.3.gem", "rubygem-runme", "0.3-1"),
        (
            "gem-c-extension/fastgem-2.0.1.gem",
            "rubygem-fastgem",
            "2.0.1-1",
        ),
        (
            "gem-prerelease/early-bird-1.0.0.rc1.gem",
            "rubygem-early-bird",
            "1.0.0~rc1-1",
        ),
    ] {
        // One of them has no license.
        let program = Program::new().with("--allow-unknown-license");
        let outcome = program.imported(&fixtures::argument(file));
        assert_eq!(outcome["package"], package);
        assert_eq!(outcome["evr"], evr);
        let srpm = outcome["srpm"].as_str().unwrap();
        program.assert_same_as_srpm(package, Path::new(srpm));
    }
}

#[test]
fn what_the_registry_cannot_give_is_told_apart() {
    let registry = registry();
    let bytes = || fixtures::bytes(PLAIN);
    registry
        .add_gem("javaonly", "1.0", bytes())
        .platform("java");
    registry.add_gem("wrong", "1.0", bytes()).wrong_sha256();
    registry.add_gem("gone", "1.0", bytes()).yanked();
    let program = Program::new().with_registry(&registry.url());
    let rows = [
        ("gem:unknown-name", "unknown-package"),
        ("gem:plaingem==7", "unknown-version"),
        ("gem:javaonly", "no-ruby-platform"),
        ("gem:wrong", "checksum-mismatch"),
        ("gem:gone", "all-yanked"),
        ("gem:../x", "unsafe-name"),
        ("pkg:gem/plaingem@1.2.0", ""),
    ];
    let sources: Vec<&str> = rows.iter().map(|it| it.0).collect();
    let outcomes = program.outcomes(&sources);
    for (source, code) in rows {
        let outcome = outcomes.get(source).or(outcomes.get("gem:plaingem==1.2.0"));
        let found = outcome.unwrap()["failure"]["code"]
            .as_str()
            .unwrap_or_default();
        assert_eq!(found, code, "{source}");
    }
}

/// Installing a gem leaves out executables without a file; a spec that lists one cannot be built.
/// A link that leads somewhere is installed, and one on top is a file of the gem.
#[test]
fn only_what_an_install_makes_is_listed() {
    let metadata = b"name: linked\nversion: 1.0\nlicenses: [MIT]\n\
        executables: [real, linked, dangling, hard, missing]\n";
    let data = Tar::default()
        .file(b"bin/real", b"#!/usr/bin/ruby\n")
        .symlink(b"bin/linked", b"real")
        .symlink(b"bin/dangling", b"bin/real")
        .hard_link(b"bin/hard", b"bin/real")
        .file(b"lib/linked.rb", b"")
        .symlink(b"data", b"lib")
        .end();
    let dir = TempDir::new().unwrap();
    let file = dir.path().join("linked-1.0.gem");
    fs::write(&file, gem(metadata, &data)).unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
    command.args(["srpm", "--quiet", "--spec", "-o"]);
    output(command.arg(dir.path()).arg(&file));
    let spec = fs::read_to_string(dir.path().join("rubygem-linked.spec")).unwrap();
    let listed = |beginning: &str| -> Vec<&str> {
        let lines = spec.lines();
        lines.filter(|it| it.starts_with(beginning)).collect()
    };
    assert_eq!(
        listed("%{_bindir}/"),
        ["%{_bindir}/real", "%{_bindir}/linked"]
    );
    assert_eq!(
        listed("%{gem_instdir}/"),
        ["%{gem_instdir}/bin", "%{gem_instdir}/data"]
    );
}
