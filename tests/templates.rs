//! Own templates: taken where they are meant for, and checked before anything is done.

use crate::support::fixtures;
use crate::support::program::Program;
use crate::support::registry::Registry;
use crate::support::tools::run;
use distmill::import::spec::{TEMPLATE_VALUES, TemplateKind};
use std::fs;
use std::path::Path;
use std::process::Command;

const SDIST: &str = "sdist-setuptools/plainpkg-1.2.3.tar.gz";
const GEM: &str = "gem-plain/plaingem-1.2.0.gem";
const WHEEL: &str = "wheel-flit/wheel_only-3.1.post1-py3-none-any.whl";

fn distmill(arguments: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_distmill"))
        .args(arguments)
        .output()
        .unwrap();
    assert!(output.status.success(), "{arguments:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// A file beside the root, and the option that names it.
fn option(program: &Program, key: &str, text: &str) -> String {
    let path = program
        .scratch()
        .join(format!("{}.spec", key.replace(':', "-")));
    fs::write(&path, text).unwrap();
    format!("--template={key}={}", path.display())
}

/// A template whose specs are told by their release.
fn with_release(kind: TemplateKind, release: &str) -> String {
    let text = kind.built_in();
    assert!(text.contains("\nRelease:        1%{?dist}\n"));
    text.replace(
        "Release:        1%{?dist}",
        &format!("Release:        {release}"),
    )
}

#[test]
fn what_is_printed_makes_the_same_specs_again() {
    let built_in = Program::new();
    let mut own = Program::new();
    for kind in TemplateKind::ALL {
        let printed = distmill(&["template", kind.word()]);
        assert_eq!(printed, kind.built_in());
        own = own.with(&option(&built_in, kind.word(), &printed));
    }
    for (file, package) in [
        (SDIST, "python-plainpkg"),
        (GEM, "rubygem-plaingem"),
        (WHEEL, "python-wheel-only"),
    ] {
        let source = fixtures::argument(file);
        built_in.imported(&source);
        own.imported(&source);
        let spec = format!("{package}.spec");
        assert_eq!(built_in.show(package, &spec), own.show(package, &spec));
    }
}

#[test]
fn a_package_has_its_own_template_before_its_kind() {
    let program = Program::new();
    let options = [
        option(&program, "pypi", &with_release(TemplateKind::Pypi, "2")),
        option(
            &program,
            "pypi:Flit_Pkg",
            &with_release(TemplateKind::Pypi, "3"),
        ),
        option(
            &program,
            "pypi:FLITPKG",
            &with_release(TemplateKind::Pypi, "4"),
        ),
        option(&program, "gem:other", &with_release(TemplateKind::Gem, "5")),
    ];
    let program = options.iter().fold(program, |it, option| it.with(option));
    for (file, evr) in [
        (SDIST, "1.2.3-2"),
        ("sdist-flit-extras/flitpkg-0.5rc1.tar.gz", "0.5~rc1-4"),
        (GEM, "1.2.0-1"),
        (WHEEL, "3.1^post1-1"),
    ] {
        let outcome = program.imported(&fixtures::argument(file));
        assert_eq!(outcome["evr"], evr);
    }
}

#[test]
fn a_configuration_file_names_templates_and_options_go_before_it() {
    let program = Program::new();
    let folder = program.scratch();
    let write = |name: &str, release: &str| {
        let path = folder.join(name);
        fs::write(&path, with_release(TemplateKind::Pypi, release)).unwrap();
        path
    };
    write("7.spec", "7");
    let eight = write("8.spec", "8");
    let config = folder.join("distmill.toml");
    fs::write(&config, "[templates]\npypi = \"7.spec\"\n").unwrap();
    let source = fixtures::argument(SDIST);
    let config = format!("--config={}", config.display());
    let option = format!("--template=pypi={}", eight.display());
    let evr = |options: &[&str]| {
        let all: Vec<&str> = options.iter().copied().chain([&*source]).collect();
        program.outcomes(&all)[&source]["evr"].clone()
    };
    assert_eq!(evr(&[&config]), "1.2.3-7");
    assert_eq!(evr(&[&config, &option]), "1.2.3-8");
    fs::write(folder.join("distmill.toml"), "[templates]\nnpm = \"x\"\n").unwrap();
    let run = program.import(&[&config, &source]);
    assert_eq!(run.code, Some(2));
    assert!(
        run.stderr.contains("\"npm\" names no template"),
        "{}",
        run.stderr
    );
}

#[test]
fn a_template_may_name_the_package() {
    let program = Program::new();
    let text = with_release(TemplateKind::Pypi, "1");
    let text = text.replace(
        "{{ name }}",
        "python3.13-{{ name | replace(\"python-\", \"\") }}",
    );
    let option = option(&program, "pypi", &text);
    let program = program.with(&option);
    let outcome = program.imported(&fixtures::argument(SDIST));
    assert_eq!(outcome["package"], "python3.13-plainpkg");
    let srpm = Path::new(outcome["srpm"].as_str().unwrap());
    program.assert_same_as_srpm("python3.13-plainpkg", srpm);
    let listed = run("rpm", &["-qpl", srpm.to_str().unwrap()]);
    assert!(listed.contains("python3.13-plainpkg.spec"), "{listed}");
}

#[test]
fn mistakes_are_told_before_any_job_runs() {
    let registry = Registry::start();
    let program = Program::new().with_registry(&registry.url());
    let broken = option(&program, "pypi", "Name: {{ name }}\n{% if %}\n");
    let unknown = option(&program, "gem", "\n\nName: {{ nmae }}\n");
    let run = program.import(&[
        "pypi:six",
        &broken,
        &unknown,
        "--template=wheel=/nowhere/x.spec",
        "--template=npm=x",
    ]);
    assert_eq!(run.code, Some(2), "{}", run.stderr);
    for part in [
        "pypi.spec, line 2: syntax error",
        "gem.spec, line 3: there is no value \"nmae\"",
        "/nowhere/x.spec: No such file",
        "\"npm\" names no template",
    ] {
        assert!(run.stderr.contains(part), "{part}: {}", run.stderr);
    }
    assert!(registry.all_requests().is_empty());
    assert!(!program.root().exists(), "a root was made");
}

#[test]
fn what_only_a_package_shows_fails_that_job() {
    for (text, code, part) in [
        (
            "Name: {{ name }}\nVersion: {{ summary.none.none }}\n".to_owned(),
            "spec-invalid",
            "pypi.spec, line 2: undefined value",
        ),
        (
            "{% for a in range(90000) %}{% for b in range(90000) %}{% endfor %}{% endfor %}"
                .to_owned(),
            "spec-invalid",
            "it takes more than 5000000 steps",
        ),
        (
            with_release(TemplateKind::Pypi, "1\nPatch0: own.patch"),
            "spec-invalid",
            "pypi.spec makes of plainpkg: Source0 has to be plainpkg-1.2.3.tar.gz",
        ),
        (
            with_release(TemplateKind::Pypi, "%(touch ran)"),
            "spec-unsupported",
            "pypi.spec makes of plainpkg: line 3: ",
        ),
    ] {
        let program = Program::new();
        let option = option(&program, "pypi", &text);
        let program = program.with(&option);
        let source = fixtures::argument(SDIST);
        let outcome = program.outcomes(&[&source]).remove(&source).unwrap();
        assert_eq!(outcome["failure"]["code"], code, "{outcome:#}");
        let message = outcome["failure"]["message"].as_str().unwrap();
        assert!(message.contains(part), "{message}");
    }
}

/// The README's table and the program's help hold every value; that the list is whole, a test
/// beside the templates sees to.
#[test]
fn every_value_is_documented() {
    let readme =
        fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("README.md")).unwrap();
    let help = distmill(&["template", "--help"]);
    for value in TEMPLATE_VALUES {
        let kinds: Vec<&str> = value.kinds.iter().map(|it| it.word()).collect();
        let kinds = match kinds.len() {
            3 => "all".to_owned(),
            _ => kinds.join(", "),
        };
        let row = format!("| `{}` | {kinds} | {} |\n", value.name, value.meaning);
        assert!(readme.contains(&row), "README.md lacks: {row}");
        let words = [value.name, value.meaning];
        let line = help
            .lines()
            .find(|it| it.trim_start().starts_with(&format!("{} ", value.name)));
        let line = line.unwrap_or_default();
        assert!(words.iter().all(|it| line.contains(it)), "{line}");
    }
    let rows = readme
        .lines()
        .filter(|it| it.starts_with("| `") && it.matches('|').count() == 4);
    let listed = rows.filter(|it| {
        [" all ", " pypi", " wheel ", " gem "].iter().any(|kind| {
            it.split('|')
                .nth(2)
                .is_some_and(|cell| cell.starts_with(kind))
        })
    });
    assert_eq!(
        listed.count(),
        TEMPLATE_VALUES.len(),
        "README.md lists what is gone"
    );
}
