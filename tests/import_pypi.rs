//! PyPI projects from a registry, and sdists from a path, into dist-git.

use crate::support::fixtures;
use crate::support::program::Program;
use crate::support::registry::{Fault, Form, Registry};
use crate::support::tools::{git, run};
use serde_json::json;
use std::fs;
use std::path::Path;

const PLAIN: &str = "sdist-setuptools/plainpkg-1.2.3.tar.gz";

fn registry() -> Registry {
    let registry = Registry::start();
    let plain = fixtures::bytes(PLAIN);
    registry.add_pypi("plainpkg", "1.2.3", "plainpkg-1.2.3.tar.gz", plain);
    registry
}

#[test]
fn a_name_becomes_a_spec_a_source_package_and_a_commit() {
    let registry = registry();
    let program = Program::new().with_registry(&registry.url());
    let outcome = program.imported("pypi:plainpkg");
    assert_eq!(outcome["package"], "python-plainpkg");
    assert_eq!(outcome["evr"], "1.2.3-1");
    assert_eq!(outcome["failure"], json!(null));
    assert_eq!(outcome["warnings"], json!([]), "{outcome:#}");
    let srpm = Path::new(outcome["srpm"].as_str().unwrap());
    assert_eq!(
        srpm,
        program
            .root()
            .join("srpms/local/import/python-plainpkg-1.2.3-1.src.rpm")
    );
    run("rpm", &["-Kv", srpm.to_str().unwrap()]);
    let repository = program.repository("python-plainpkg");
    assert_eq!(
        outcome["branch_commits"]["main"],
        git(&repository, &["rev-parse", "main"])
    );
    assert_eq!(
        git(&repository, &["log", "-1", "--format=%s", "main"]),
        "automatic import of python-plainpkg"
    );
    program.assert_same_as_srpm("python-plainpkg", srpm);
    let spec = program.show("python-plainpkg", "python-plainpkg.spec");
    assert!(spec.contains("\nBuildArch:"), "{spec}");
    for stage in ["resolve", "fetch", "read", "spec", "srpm", "commit"] {
        assert!(outcome["stages"][stage].is_f64(), "{stage}: {outcome:#}");
    }
}

#[test]
fn the_same_source_again_changes_nothing() {
    let registry = registry();
    let program = Program::new().with_registry(&registry.url());
    let first = program.imported("pypi:plainpkg");
    let bytes = fs::read(first["srpm"].as_str().unwrap()).unwrap();
    let source = "pypi:plainpkg==1.2.3";
    let again = program.outcomes(&[source]).remove(source).unwrap();
    assert_eq!(again["state"], "unchanged");
    assert_eq!(again["branch_commits"], first["branch_commits"]);
    assert_eq!(fs::read(again["srpm"].as_str().unwrap()).unwrap(), bytes);
}

#[test]
fn a_path_and_a_name_make_the_same_tree_but_for_the_address() {
    let registry = registry();
    let by_name = Program::new().with_registry(&registry.url());
    by_name.imported("pypi:plainpkg");
    let by_path = Program::new();
    by_path.imported(&fixtures::argument(PLAIN));
    let address = |it: &&str| !it.starts_with("Source");
    let spec = |program: &Program| {
        let text = program.show("python-plainpkg", "python-plainpkg.spec");
        text.lines()
            .filter(address)
            .map(str::to_owned)
            .collect::<Vec<_>>()
    };
    assert_eq!(spec(&by_name), spec(&by_path));
    assert_eq!(
        by_name.show("python-plainpkg", "sources"),
        by_path.show("python-plainpkg", "sources")
    );
}

#[test]
fn any_one_form_of_the_index_is_enough() {
    for form in [
        Form::VersionJson,
        Form::ProjectJson,
        Form::SimpleJson,
        Form::SimpleHtml,
    ] {
        let registry = registry();
        registry.everything().offer(&[form]).relative_urls();
        let program = Program::new().with_registry(&registry.url());
        let outcome = program.imported("pypi:PlainPkg==1.2.3");
        assert_eq!(outcome["evr"], "1.2.3-1", "{form:?}");
    }
}

#[test]
fn every_kind_of_sdist_is_taken() {
    let rows = [
        (
            "sdist-zip/zippkg-0.1.dev3.zip",
            "python-zippkg",
            "0.1~~dev3-1",
        ),
        (
            "sdist-bz2/zippkg-0.1.dev3.tar.bz2",
            "python-zippkg",
            "0.1~~dev3-1",
        ),
        (
            "sdist-xz/zippkg-0.1.dev3.tar.xz",
            "python-zippkg",
            "0.1~~dev3-1",
        ),
        (
            "sdist-flit-extras/flitpkg-0.5rc1.tar.gz",
            "python-flitpkg",
            "0.5~rc1-1",
        ),
        (
            "sdist-hatchling-expression/hatch_pkg-2024.1.tar.gz",
            "python-hatch-pkg",
            "2024.1-1",
        ),
        ("sdist-c-extension/cpkg-3.0.tar.gz", "python-cpkg", "3.0-1"),
        (
            "sdist-odd-name/Zope.Thing_x-1.0.tar.gz",
            "python-zope-thing-x",
            "1.0-1",
        ),
        (
            "sdist-poetry/poetry_pkg-1.0.post2.tar.gz",
            "python-poetry-pkg",
            "1.0^post2-1",
        ),
    ];
    for (file, package, evr) in rows {
        let program = Program::new();
        let outcome = program.imported(&fixtures::argument(file));
        assert_eq!(
            (&outcome["package"], &outcome["evr"]),
            (&json!(package), &json!(evr))
        );
        let srpm = outcome["srpm"].as_str().unwrap();
        program.assert_same_as_srpm(package, Path::new(srpm));
    }
}

const WHEEL: &str = "wheel-flit/wheel_only-3.1.post1-py3-none-any.whl";

#[test]
fn a_release_without_an_sdist_is_packaged_from_its_wheel() {
    let file = "wheel_only-3.1.post1-py3-none-any.whl";
    for form in [Form::ProjectJson, Form::SimpleJson, Form::SimpleHtml] {
        let registry = registry();
        registry.add_pypi("wheel-only", "3.1.post1", file, fixtures::bytes(WHEEL));
        registry.everything().offer(&[form]);
        let program = Program::new().with_registry(&registry.url());
        let outcome = program.imported("pypi:wheel.only");
        assert_eq!(outcome["package"], "python-wheel-only", "{form:?}");
        assert_eq!(outcome["evr"], "3.1^post1-1");
        let warning = "wheel-only 3.1.post1 has no sdist: packaged from the wheel ";
        assert_eq!(outcome["warnings"], json!([format!("{warning}{file}")]));
        let srpm = Path::new(outcome["srpm"].as_str().unwrap());
        program.assert_same_as_srpm("python-wheel-only", srpm);
        let listed = run("rpm", &["-qpl", srpm.to_str().unwrap()]);
        assert_eq!(listed.trim(), format!("python-wheel-only.spec\n{file}"));
        let spec = program.show("python-wheel-only", "python-wheel-only.spec");
        let source = format!("{}files/wheel-only/{file}", registry.url());
        assert!(
            spec.contains(&format!("\nSource0:        {source}\n")),
            "{spec}"
        );
        assert!(spec.contains("\nBuildArch:      noarch\n"), "{spec}");
        assert!(spec.contains("-n python3-wheel-only fast\n"), "{spec}");
    }
}

#[test]
fn a_wheel_is_taken_from_a_path_and_an_address() {
    let program = Program::new();
    let by_path = program.imported(&fixtures::argument(WHEEL));
    assert_eq!(by_path["package"], "python-wheel-only");
    assert_eq!(by_path["warnings"], json!([]));

    let file = "wheel_only-3.1.post1-py3-none-any.whl";
    let registry = registry();
    registry.add_pypi("wheel-only", "3.1.post1", file, fixtures::bytes(WHEEL));
    let platform = "wheel_only-3.1.post1-cp312-cp312-win_amd64.whl";
    registry.add_pypi("wheel-only", "3.1.post1", platform, fixtures::bytes(WHEEL));
    let at = |file: &str| format!("{}files/wheel-only/{file}", registry.url());
    let program = Program::new();
    let by_url = program.imported(&at(file));
    assert_eq!(by_url["evr"], "3.1^post1-1");

    let requests = registry.all_requests().len();
    assert_eq!(program.failure(&at(platform)), "platform-wheel");
    assert_eq!(
        registry.all_requests().len(),
        requests,
        "it was fetched all the same"
    );
    let local = program.scratch().join("x-1-py2-none-any.whl");
    fs::write(&local, fixtures::bytes(WHEEL)).unwrap();
    assert_eq!(program.failure(local.to_str().unwrap()), "platform-wheel");
    let other = program.scratch().join("other-3.1.post1-py3-none-any.whl");
    fs::write(&other, fixtures::bytes(WHEEL)).unwrap();
    assert_eq!(program.failure(other.to_str().unwrap()), "metadata-invalid");
}

#[test]
fn a_yanked_latest_is_skipped_and_taken_when_asked_for() {
    let registry = registry();
    let bytes = fixtures::bytes(PLAIN);
    let file = "plainpkg-9.0.tar.gz";
    registry
        .add_pypi("plainpkg", "9.0", file, bytes)
        .yanked_because("broken");
    let program = Program::new().with_registry(&registry.url());
    let latest = program.imported("pypi:plainpkg");
    assert_eq!(latest["evr"], "1.2.3-1");
    let program = Program::new().with_registry(&registry.url());
    let asked = program.imported("pypi:plainpkg==9.0");
    assert!(
        asked["warnings"].to_string().contains("yanked"),
        "{asked:#}"
    );
    assert!(
        asked["warnings"].to_string().contains("broken"),
        "{asked:#}"
    );
}

#[test]
fn what_the_registry_cannot_give_is_told_apart() {
    let registry = registry();
    for (name, file) in [
        ("wheels", "wheels-1.0-cp312-cp312-win_amd64.whl"),
        ("eggs", "eggs-1.0-py2.7.egg"),
    ] {
        registry.add_pypi(name, "1.0", file, b"PK".to_vec());
    }
    registry.add_pypi_without_files("nothing", "1.0");
    let bytes = || fixtures::bytes(PLAIN);
    registry
        .add_pypi("yanked", "1.0", "yanked-1.0.tar.gz", bytes())
        .yanked();
    registry
        .add_pypi("wrong", "1.0", "wrong-1.0.tar.gz", bytes())
        .wrong_sha256();
    for (name, fault) in [
        ("broken", Fault::Fail(500)),
        ("loop", Fault::RedirectLoop),
        ("garbage", Fault::Garbage),
        ("cut", Fault::Truncate),
    ] {
        registry.add_pypi(name, "1.0", &format!("{name}-1.0.tar.gz"), bytes());
        registry.package(name).fault(fault);
    }
    let program = Program::new()
        .with_registry(&registry.url())
        .with("--jobs=16");
    let rows = [
        ("pypi:unknown-name", "unknown-package"),
        ("pypi:plainpkg==7", "unknown-version"),
        ("pypi:plainpkg==a b", "version-invalid"),
        ("pypi:../../etc", "unsafe-name"),
        ("pypi:wheels", "platform-wheels-only"),
        ("pypi:eggs", "no-sdist"),
        ("pypi:nothing", "no-files"),
        ("pypi:yanked", "all-yanked"),
        ("pypi:wrong", "checksum-mismatch"),
        ("pypi:broken", "http-error"),
        ("pypi:loop", "redirect-loop"),
        ("pypi:garbage", "registry-invalid"),
        ("pypi:cut", "network-unreachable"),
        ("pypi:plainpkg", ""),
    ];
    let sources: Vec<&str> = rows.iter().map(|it| it.0).collect();
    let outcomes = program.outcomes(&sources);
    let codes: Vec<(&str, &str)> = sources
        .iter()
        .map(|it| {
            (
                *it,
                outcomes[*it]["failure"]["code"]
                    .as_str()
                    .unwrap_or_default(),
            )
        })
        .collect();
    assert_eq!(codes, rows);
    for outcome in outcomes.values().filter(|it| it["state"] == "failed") {
        let failure = &outcome["failure"];
        for key in ["message", "hint", "fault"] {
            assert!(!failure[key].as_str().unwrap().is_empty(), "{outcome:#}");
        }
    }
    // Only what went well has left anything.
    let strays = program.files();
    let strays = strays
        .iter()
        .filter(|it| !it.to_string_lossy().contains("python-plainpkg"));
    assert_eq!(
        strays.collect::<Vec<_>>(),
        Vec::<&std::path::PathBuf>::new()
    );
    // This holds for all that it has.
    let limited = Fault::RateLimit(99, "3600".to_owned());
    registry.package("plainpkg").fault(limited);
    assert_eq!(program.failure("pypi:plainpkg"), "rate-limited");
}

#[test]
fn passing_failures_are_tried_again() {
    let registry = registry();
    registry
        .package("plainpkg")
        .index()
        .fault(Fault::FailFirst(1, 503));
    registry
        .package("plainpkg")
        .files()
        .fault(Fault::RateLimit(1, "0".to_owned()));
    let program = Program::new().with_registry(&registry.url());
    program.imported("pypi:plainpkg==1.2.3");
}

#[test]
fn without_git_only_the_source_package_is_made() {
    let program = Program::new().with("--no-git").with("--dist=.fc42");
    let outcome = program.imported(&fixtures::argument(PLAIN));
    assert_eq!(outcome["evr"], "1.2.3-1.fc42");
    let files = program.files();
    assert_eq!(
        files,
        [Path::new(
            "srpms/local/import/python-plainpkg-1.2.3-1.fc42.src.rpm"
        )]
    );
    let again = program.outcomes(&[fixtures::argument(PLAIN)]);
    assert!(again.values().all(|it| it["state"] == "unchanged"));
}
