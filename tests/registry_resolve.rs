//! A name becomes a file at any registry that offers any form of its index, however it fails.

use crate::support::registry::{Fault, Form, Registry, Reply};
use distmill::config::NetSettings;
use distmill::import::source::{Release, ResolveError, pypi, rubygems};
use distmill::model::{Code, Ecosystem, Sha256};
use distmill::net::Client;
use distmill::sync::StopToken;
use std::time::Duration;

/// Every way in which a PyPI mirror may offer its index.
const PYPI_FORMS: &[&[Form]] = &[
    Form::ALL,
    &[Form::VersionJson, Form::ProjectJson],
    &[Form::ProjectJson],
    &[Form::SimpleJson],
    &[Form::SimpleHtml],
    &[Form::VersionJson, Form::SimpleHtml],
];

/// The same for gems.
const GEM_FORMS: &[&[Form]] = &[Form::ALL, &[Form::CompactIndex], &[Form::VersionsJson]];

fn client() -> Client {
    let settings = NetSettings {
        timeout: Duration::from_secs(20),
        retries: 1,
        backoff: Duration::from_millis(1),
        max_backoff: Duration::from_millis(5),
        ..NetSettings::default()
    };
    Client::new(settings, StopToken::default())
}

fn resolve_pypi(
    registry: &Registry,
    name: &str,
    version: Option<&str>,
) -> Result<Release, ResolveError> {
    let registries = registry.registries();
    pypi::resolve(&client(), registries.get(Ecosystem::Pypi), name, version)
}

fn resolve_gem(
    registry: &Registry,
    name: &str,
    version: Option<&str>,
) -> Result<Release, ResolveError> {
    let registries = registry.registries();
    rubygems::resolve(&client(), registries.get(Ecosystem::Gem), name, version)
}

/// The file name, or the code of the failure.
fn outcome(result: Result<Release, ResolveError>) -> String {
    match result {
        Ok(release) => release.file_name,
        Err(error) => error.code().to_string(),
    }
}

fn fetched(release: &Release) -> Vec<u8> {
    let mut open = || Ok(Vec::new());
    client()
        .download(&release.url, 1 << 20, &mut open, &mut |_, _| {})
        .unwrap()
}

/// A project with everything that the choice of a file has to deal with.
fn publish_ruamel(registry: &Registry) {
    let name = "Ruamel.Yaml";
    let add = |version, file| registry.add_pypi(name, version, file, file);
    add("0.9", "ruamel.yaml-0.9.tar.gz");
    add("0.10", "ruamel.yaml-0.10.zip");
    add("0.10", "ruamel.yaml-0.10.tar.gz");
    add("0.10", "ruamel.yaml-0.10.linux-x86_64.tar.gz");
    add("0.10", "ruamel_yaml-0.10-py3-none-any.whl");
    add("0.11", "ruamel.yaml-0.11.tar.gz").yanked_because("wrong \"file\" & <more>");
    add("1.0rc1", "ruamel_yaml-1.0rc1.tar.bz2");
    registry.add_pypi_without_files(name, "0.12");
}

#[test]
fn any_form_of_the_python_index_will_do() {
    for forms in PYPI_FORMS {
        for relative in [false, true] {
            let registry = Registry::start();
            publish_ruamel(&registry);
            registry.everything().offer(forms);
            if relative {
                registry.package("ruamel-yaml").relative_urls();
            }
            let what = format!("{forms:?}, relative: {relative}");
            let release = resolve_pypi(&registry, "ruamel_YAML", None).unwrap();
            let file = "ruamel.yaml-0.10.tar.gz";
            assert_eq!(release.name, "ruamel-yaml", "{what}");
            assert_eq!(release.version, "0.10", "{what}");
            assert_eq!(release.file_name, file, "{what}");
            assert_eq!(release.sha256, Some(Sha256::of(file.as_bytes())), "{what}");
            assert!(release.warnings.is_empty(), "{what}");
            assert_eq!(fetched(&release), file.as_bytes(), "{what}");
            let html = forms.contains(&Form::SimpleHtml) && forms.len() < Form::ALL.len();
            assert_eq!(release.size.is_none(), html, "{what}");

            let ask = |version| outcome(resolve_pypi(&registry, "ruamel.yaml", Some(version)));
            let padded = resolve_pypi(&registry, "ruamel.yaml", Some("0.9.0")).unwrap();
            assert_eq!(padded.file_name, "ruamel.yaml-0.9.tar.gz", "{what}");
            assert_eq!(padded.version, "0.9", "{what}");
            assert_eq!(ask("v1.0-RC.1"), "ruamel_yaml-1.0rc1.tar.bz2", "{what}");
            assert_eq!(ask("7"), "unknown-version", "{what}");
        }
    }
}

#[test]
fn a_yanked_version_is_taken_only_where_asked_for() {
    for forms in PYPI_FORMS {
        let registry = Registry::start();
        publish_ruamel(&registry);
        registry
            .add_pypi("gone", "1.0", "gone-1.0.tar.gz", "x")
            .yanked();
        registry.everything().offer(forms);
        let release = resolve_pypi(&registry, "ruamel.yaml", Some("0.11")).unwrap();
        assert_eq!(release.file_name, "ruamel.yaml-0.11.tar.gz", "{forms:?}");
        assert_eq!(
            release.warnings,
            ["ruamel-yaml 0.11 is yanked: wrong \"file\" & <more>"],
            "{forms:?}"
        );
        let all = outcome(resolve_pypi(&registry, "gone", None));
        assert_eq!(all, "all-yanked", "{forms:?}");
        let release = resolve_pypi(&registry, "gone", Some("1.0")).unwrap();
        assert_eq!(release.warnings, ["gone 1.0 is yanked"], "{forms:?}");
    }
}

#[test]
fn projects_without_an_sdist_have_their_own_failures() {
    for forms in PYPI_FORMS {
        let registry = Registry::start();
        registry.add_pypi("wheels", "1.0", "wheels-1.0.tar.gz", "x");
        for tags in ["cp312-cp312-win_amd64", "py2-none-any"] {
            let file = format!("wheels-2.0-{tags}.whl");
            registry.add_pypi("wheels", "2.0", &file, "x");
        }
        registry.add_pypi("eggs", "1.0", "eggs-1.0-py2.7.egg", "x");
        registry.add_pypi("eggs", "1.0", "eggs-1.0-py2-none-any.whl", "x");
        registry.add_pypi_without_files("empty", "1.0");
        registry.everything().offer(forms);
        let ask = |name, version| resolve_pypi(&registry, name, version);

        let error = ask("wheels", None).unwrap_err();
        let message = "wheels 2.0 has no sdist, only wheels for one platform each";
        assert_eq!(error.to_string(), message, "{forms:?}");
        assert_eq!(error.code(), Code::PlatformWheelsOnly);
        let asked = outcome(ask("wheels", Some("2")));
        assert_eq!(asked, "platform-wheels-only", "{forms:?}");
        assert_eq!(outcome(ask("eggs", None)), "no-sdist", "{forms:?}");
        assert_eq!(outcome(ask("wheels", Some("1"))), "wheels-1.0.tar.gz");
        assert_eq!(outcome(ask("empty", None)), "no-files", "{forms:?}");
        assert_eq!(
            outcome(ask("unknown", None)),
            "unknown-package",
            "{forms:?}"
        );
        let unknown = outcome(ask("unknown", Some("1.0")));
        assert_eq!(unknown, "unknown-package", "{forms:?}");
    }
    let registry = Registry::start();
    registry.add_pypi_without_files("empty", "1.0");
    let error = resolve_pypi(&registry, "empty", Some("1.0")).unwrap_err();
    assert_eq!(error.to_string(), "empty has no files for 1.0");
}

#[test]
fn a_pure_wheel_stands_in_for_an_sdist() {
    for forms in PYPI_FORMS {
        let registry = Registry::start();
        let pure = "only_wheels-2.0-py2.py3-none-any.whl";
        for (version, file) in [
            ("1.0", "only_wheels-1.0.tar.gz"),
            (
                "2.0",
                "only_wheels-2.0-cp312-cp312-manylinux_2_17_x86_64.whl",
            ),
            ("2.0", pure),
            ("3.0rc1", "only_wheels-3.0rc1-py3-none-any.whl"),
        ] {
            registry.add_pypi("only-wheels", version, file, file);
        }
        let withdrawn = "only_wheels-2.1-py3-none-any.whl";
        registry
            .add_pypi("only-wheels", "2.1", withdrawn, "x")
            .yanked();
        registry.add_pypi("both", "1.0", "both-1.0-py3-none-any.whl", "x");
        registry.add_pypi("both", "1.0", "both-1.0.zip", "x");
        registry.everything().offer(forms);
        let release = resolve_pypi(&registry, "Only.Wheels", None).unwrap();
        assert_eq!(release.file_name, pure, "{forms:?}");
        assert_eq!(release.sha256, Some(Sha256::of(pure.as_bytes())));
        assert_eq!(
            release.warnings,
            [format!(
                "only-wheels 2.0 has no sdist: packaged from the wheel {pure}"
            )],
            "{forms:?}"
        );
        assert_eq!(fetched(&release), pure.as_bytes(), "{forms:?}");
        let ask = |name, version| outcome(resolve_pypi(&registry, name, Some(version)));
        assert_eq!(ask("only-wheels", "2.1"), withdrawn, "{forms:?}");
        assert_eq!(ask("both", "1"), "both-1.0.zip", "{forms:?}");
    }
}

#[test]
fn preliminary_releases_are_taken_where_there_is_nothing_else() {
    for forms in PYPI_FORMS {
        let registry = Registry::start();
        registry.add_pypi("a", "1.0a2", "a-1.0a2.tar.gz", "x");
        registry.add_pypi("a", "1.0.dev3", "a-1.0.dev3.tar.gz", "x");
        registry.everything().offer(forms);
        let latest = outcome(resolve_pypi(&registry, "a", None));
        assert_eq!(latest, "a-1.0a2.tar.gz", "{forms:?}");
    }
}

#[test]
fn a_named_version_costs_one_request() {
    let registry = Registry::start();
    publish_ruamel(&registry);
    resolve_pypi(&registry, "ruamel.yaml", Some("0.9")).unwrap();
    let requests = registry.all_requests();
    assert_eq!(requests.len(), 1, "{requests:?}");
    assert_eq!(registry.requests("/pypi/ruamel-yaml/0.9/json"), 1);
    resolve_pypi(&registry, "ruamel.yaml", None).unwrap();
    assert_eq!(registry.requests("/pypi/ruamel-yaml/json"), 1);
    assert_eq!(registry.all_requests().len(), 2);
}

#[test]
fn a_project_s_json_may_lack_its_releases() {
    let registry = Registry::start();
    publish_ruamel(&registry);
    let forms = [Form::ProjectJson, Form::SimpleHtml];
    registry.everything().without_releases().offer(&forms);
    let ask = |version| outcome(resolve_pypi(&registry, "ruamel.yaml", version));
    assert_eq!(ask(Some("0.9")), "ruamel.yaml-0.9.tar.gz");
    assert_eq!(ask(Some("7")), "unknown-version");
    registry.everything().offer(&[Form::ProjectJson]);
    assert_eq!(ask(Some("0.9")), "unknown-version");
}

#[test]
fn a_broken_form_is_passed_over() {
    let faults = [
        Fault::Garbage,
        Fault::Fail(500),
        Fault::Fail(403),
        Fault::RedirectLoop,
    ];
    for fault in faults {
        let registry = Registry::start();
        publish_ruamel(&registry);
        let json = registry.path("/pypi/ruamel-yaml/json");
        json.fault(fault.clone());
        let latest = outcome(resolve_pypi(&registry, "ruamel.yaml", None));
        assert_eq!(latest, "ruamel.yaml-0.10.tar.gz", "{fault:?}");

        registry.add_gem("rake", "1.0", "x");
        registry.path("/info/rake").fault(fault.clone());
        let latest = outcome(resolve_gem(&registry, "rake", None));
        assert_eq!(latest, "rake-1.0.gem", "{fault:?}");
    }
}

#[test]
fn a_registry_that_fails_in_all_forms_is_not_missing_the_package() {
    for (fault, code) in [
        (Fault::Garbage, Code::RegistryInvalid),
        (Fault::Fail(500), Code::HttpError),
        (Fault::Fail(403), Code::HttpRefused),
        (Fault::RedirectLoop, Code::RedirectLoop),
        (Fault::Truncate, Code::NetworkUnreachable),
        (Fault::RateLimit(99, "9999".to_owned()), Code::RateLimited),
    ] {
        let registry = Registry::start();
        publish_ruamel(&registry);
        registry.add_gem("rake", "1.0", "x");
        registry.everything().index().fault(fault.clone());
        for version in [None, Some("0.10")] {
            let error = resolve_pypi(&registry, "ruamel.yaml", version).unwrap_err();
            assert_eq!(error.code(), code, "{fault:?}: {error}");
        }
        let error = resolve_gem(&registry, "rake", None).unwrap_err();
        assert_eq!(error.code(), code, "{fault:?}: {error}");
    }
}

#[test]
fn one_broken_form_and_no_other_is_not_an_unknown_package() {
    let registry = Registry::start();
    registry.path("/pypi/a/json").fault(Fault::Fail(500));
    registry.path("/info/a").fault(Fault::Garbage);
    assert_eq!(outcome(resolve_pypi(&registry, "a", None)), "http-error");
    let gem = outcome(resolve_gem(&registry, "a", None));
    assert_eq!(gem, "registry-invalid");
}

#[test]
fn a_moved_simple_page_is_what_its_addresses_are_relative_to() {
    let registry = Registry::start();
    publish_ruamel(&registry);
    for form in [Form::SimpleHtml, Form::SimpleJson] {
        registry.everything().relative_urls().offer(&[form]);
        let page = registry.path("/simple/ruamel-yaml/");
        page.heal().fault(Fault::RedirectOnce);
        let release = resolve_pypi(&registry, "ruamel.yaml", None).unwrap();
        let path = "/moved/files/ruamel-yaml/ruamel.yaml-0.10.tar.gz";
        assert_eq!(release.url.path(), path);
        assert_eq!(fetched(&release), b"ruamel.yaml-0.10.tar.gz");
    }
}

#[test]
fn digests_are_handed_on_as_they_are_given() {
    for forms in PYPI_FORMS {
        let registry = Registry::start();
        registry.everything().offer(forms);
        registry
            .add_pypi("a", "1", "a-1.tar.gz", "x")
            .wrong_sha256();
        registry.add_pypi("b", "1", "b-1.tar.gz", "x").no_sha256();
        let wrong = resolve_pypi(&registry, "a", None).unwrap();
        assert_eq!(wrong.sha256, Some(Sha256([0; 32])), "{forms:?}");
        let missing = resolve_pypi(&registry, "b", None).unwrap();
        assert_eq!(missing.sha256, None, "{forms:?}");
        let warning = "the index gives no SHA-256 for b-1.tar.gz";
        assert_eq!(missing.warnings, [warning], "{forms:?}");
    }
    for forms in GEM_FORMS {
        let registry = Registry::start();
        registry.everything().offer(forms);
        registry.add_gem("a", "1", "x").wrong_sha256();
        registry.add_gem("b", "1", "x").no_sha256();
        let wrong = resolve_gem(&registry, "a", None).unwrap();
        assert_eq!(wrong.sha256, Some(Sha256([0; 32])), "{forms:?}");
        let missing = resolve_gem(&registry, "b", None).unwrap();
        assert_eq!(missing.sha256, None, "{forms:?}");
        assert_eq!(missing.warnings.len(), 1, "{forms:?}");
    }
}

#[test]
fn hostile_files_are_refused() {
    for forms in PYPI_FORMS {
        let registry = Registry::start();
        registry.everything().offer(forms);
        let add = |name, url| {
            registry
                .add_pypi(name, "1", &format!("{name}-1.tar.gz"), "x")
                .at(url)
        };
        add("local", "file:///etc/passwd");
        add("script", "javascript:alert(1)");
        add("broken", "http://[::1/x");
        for name in ["local", "script", "broken"] {
            let refused = outcome(resolve_pypi(&registry, name, None));
            assert_eq!(refused, "registry-invalid", "{name} {forms:?}");
        }
    }
    let registry = Registry::start();
    registry.everything().offer(&[Form::ProjectJson]);
    registry.add_pypi("up", "1", "../../up-1.tar.gz", "x");
    let refused = outcome(resolve_pypi(&registry, "up", None));
    assert_eq!(refused, "registry-invalid");
}

#[test]
fn hostile_names_and_versions_ask_nobody() {
    let registry = Registry::start();
    for name in ["", "..", "../x", "a/b", "a?b", "a b", "a\n", "é"] {
        assert_eq!(outcome(resolve_pypi(&registry, name, None)), "unsafe-name");
        assert_eq!(outcome(resolve_gem(&registry, name, None)), "unsafe-name");
    }
    for version in ["", "x", "1/2", "../1", "1 2", "1\n%x"] {
        let pypi = resolve_pypi(&registry, "a", Some(version));
        assert_eq!(outcome(pypi), "version-invalid", "{version:?}");
        let gem = resolve_gem(&registry, "a", Some(version));
        assert_eq!(outcome(gem), "version-invalid", "{version:?}");
    }
    assert!(registry.all_requests().is_empty());
}

#[test]
fn any_form_of_the_gem_index_will_do() {
    for forms in GEM_FORMS {
        let registry = Registry::start();
        registry.everything().offer(forms);
        registry.add_gem("net-http_2", "1.9", "1.9");
        registry.add_gem("net-http_2", "1.10", "1.10");
        registry.add_gem("net-http_2", "1.10", "j").platform("java");
        registry
            .add_gem("net-http_2", "1.11", "j")
            .platform("x86_64-linux-gnu");
        registry.add_gem("net-http_2", "1.12", "y").yanked();
        registry.add_gem("net-http_2", "2.0.0.rc1", "rc");
        registry.add_gem("only-java", "1.0", "j").platform("java");
        let ask = |name, version| resolve_gem(&registry, name, version);

        let release = ask("net-http_2", None).unwrap();
        assert_eq!(release.version, "1.10", "{forms:?}");
        assert_eq!(release.file_name, "net-http_2-1.10.gem");
        assert_eq!(release.sha256, Some(Sha256::of(b"1.10")));
        assert!(release.warnings.is_empty());
        assert_eq!(fetched(&release), b"1.10");

        let named = |version| outcome(ask("net-http_2", Some(version)));
        assert_eq!(named("1.9.0"), "net-http_2-1.9.gem", "{forms:?}");
        assert_eq!(named("2.0.0.rc1"), "net-http_2-2.0.0.rc1.gem", "{forms:?}");
        assert_eq!(named("1.11"), "no-ruby-platform", "{forms:?}");
        assert_eq!(named("1.12"), "unknown-version", "{forms:?}");
        assert_eq!(outcome(ask("only-java", None)), "no-ruby-platform");
        assert_eq!(outcome(ask("unknown", None)), "unknown-package");
    }
}

#[test]
fn gems_that_are_all_preliminary_or_yanked() {
    let registry = Registry::start();
    registry.add_gem("early", "1.0.a", "x");
    registry.add_gem("early", "1.0.b", "x");
    registry.add_gem("gone", "1.0", "x").yanked();
    assert_eq!(
        outcome(resolve_gem(&registry, "early", None)),
        "early-1.0.b.gem"
    );
    assert_eq!(outcome(resolve_gem(&registry, "gone", None)), "all-yanked");
}

#[test]
fn faults_of_files_leave_the_index_alone() {
    let registry = Registry::start();
    publish_ruamel(&registry);
    registry.add_gem("rake", "1.0", "x");
    registry.everything().files().fault(Fault::Fail(500));
    registry.package("RAKE").index().fault(Fault::Fail(500));
    let release = resolve_pypi(&registry, "ruamel.yaml", None).unwrap();
    let mut open = || Ok(Vec::new());
    let file = client().download(&release.url, 9, &mut open, &mut |_, _| {});
    assert_eq!(file.unwrap_err().code(), Code::HttpError);
    assert_eq!(outcome(resolve_gem(&registry, "rake", None)), "http-error");
}

#[test]
fn an_index_below_a_path_is_found_there() {
    let registry = Registry::start();
    let page = r#"{"meta": {"api-version": "1.0"}, "name": "a", "files": [
        {"filename": "a-1.zip", "url": "../a-1.zip", "hashes": {}}]}"#;
    let json = "application/vnd.pypi.simple.v1+json";
    registry.serve("/mirror/x/simple/a/", Reply::page(json, page));
    let base = registry.url().join("mirror/x/").unwrap();
    let release = pypi::resolve(&client(), &base, "a", None).unwrap();
    assert_eq!(release.url, base.join("simple/a-1.zip").unwrap());
}
