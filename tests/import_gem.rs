//! Gems from a registry and from a path into dist-git.

use crate::support::fixtures;
use crate::support::program::Program;
use crate::support::registry::{Form, Registry};
use crate::support::tools::run;
use std::path::Path;

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
