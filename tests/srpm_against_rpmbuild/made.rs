//! Specs that distmill makes, of the fixtures and of descriptions, and the sources of all specs.

use crate::support::descriptions::{
    cases, description, gem, list, pypi, requirement, settings, some, under,
};
use crate::support::pack::Tar;
use distmill::import::description::{Description, Details};
use distmill::import::spec;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

/// Names of sdists with their versions.
const SDISTS: &[(&str, &str)] = &[
    ("simple", "1.0"),
    ("Zope.Interface_x", "5.4.0"),
    ("A__b-C", "2024.12.31"),
    ("0x10c-asm", "0.0.1"),
    ("pre-a", "1.0a1"),
    ("pre-b", "2.0b3"),
    ("pre-rc", "3.0.0rc2"),
    ("pre-dev", "1.2.dev4"),
    ("post", "1.0.post7"),
    ("epoch", "2!1.0"),
    ("local", "1.0+ubuntu.1"),
    ("all-of-it", "1!2.0rc1.post2.dev3+cu118"),
    ("long-version", "1.2.3.4.5.6.7.8"),
];

/// Names of gems with their versions.
const GEMS: &[(&str, &str)] = &[
    ("simple", "1.0.0"),
    ("under_score", "0.9"),
    ("Camel-Case", "12.3.4.5"),
    ("early-bird", "1.0.0.rc1"),
    ("beta", "2.0.0.beta.10"),
    ("letters", "1.a.2"),
];

fn non_ascii(mut it: Description) -> Description {
    it.summary = some("Größe, naïveté & 大きさ — 100% “quoted”");
    it.description = some("Ünïcode 😀\n\n%{name} %(echo x) and # no comment\n\n  * 開発\n");
    it
}

/// Every description, with the name of its case.
fn descriptions() -> Vec<(String, Description)> {
    let mut out: Vec<_> = cases()
        .into_iter()
        .map(|it| (it.0.to_owned(), it.1))
        .collect();
    for (number, (name, version)) in SDISTS.iter().enumerate() {
        // Sdists leave the epoch out of their names.
        let plain = version.rsplit('!').next().unwrap();
        let file = format!("{}-{plain}.tar.gz", name.replace('-', "_"));
        let folder = file.strip_suffix(".tar.gz").unwrap();
        let extras: &[&str] = match number % 3 {
            0 => &[],
            1 => &["cli"],
            _ => &["Tests_x", "docs.all", "cli"],
        };
        let mut it = description(name, version, &file, pypi(Some(folder), extras));
        it.archful = number % 4 == 3;
        if it.archful {
            it.tools = list(&["gcc", "cython >= 3.0~a1"]);
        }
        out.push((format!("pypi-{name}"), it));
    }
    for (number, (name, version)) in GEMS.iter().enumerate() {
        let mut details = gem();
        details.required_ruby = vec![requirement("~>", "2.7"), requirement("!=", "3.0.1")];
        if number % 2 == 1 {
            details.extensions = list(&["ext/x/extconf.rb"]);
            details.executables = list(&["run-it"]);
        }
        let file = format!("{name}-{version}.gem");
        let mut it = description(name, version, &file, Details::Gem(details));
        it.archful = number % 2 == 1;
        out.push((format!("gem-{name}"), it));
    }
    let wide = description(
        "wide",
        "1",
        "wide-1.tar.gz",
        pypi(Some("wide-1"), &["ext-ra"]),
    );
    out.push(("pypi-non-ascii".to_owned(), non_ascii(wide)));
    let wide = description("wide", "1", "wide-1.gem", Details::Gem(gem()));
    out.push(("gem-non-ascii".to_owned(), non_ascii(wide)));
    out
}

/// Specs of all descriptions.
pub(super) fn of_descriptions() -> Vec<(String, String)> {
    let made = descriptions().into_iter();
    made.map(|(name, it)| (name, spec::write(&it, &settings()).unwrap().text))
        .collect()
}

/// The sdists and gems among the fixtures.
fn fixtures() -> Vec<PathBuf> {
    let mut out = Vec::new();
    for folder in fs::read_dir(under("fixtures")).unwrap() {
        let folder = folder.unwrap().path();
        let name = folder.file_name().unwrap().to_str().unwrap();
        if name.starts_with("sdist-") || name.starts_with("gem-") {
            let files = fs::read_dir(&folder).unwrap().map(|it| it.unwrap().path());
            out.extend(files.filter(|it| it.extension().is_some_and(|it| it != "md")));
        }
    }
    out.sort();
    out
}

/// Specs of all fixtures, as the program leaves them.
pub(super) fn of_fixtures() -> Vec<(String, String)> {
    let mut out = Vec::new();
    for fixture in fixtures() {
        let dir = tempfile::tempdir().unwrap();
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        command.args(["srpm", "--quiet", "--spec", "--dist=.fc43"]);
        command.args(["--allow-unknown-license", "-o"]);
        let output = command.arg(dir.path()).arg(&fixture).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let files = fs::read_dir(dir.path())
            .unwrap()
            .map(|it| it.unwrap().path());
        let spec = files
            .into_iter()
            .find(|it| it.extension().is_some_and(|it| it == "spec"));
        let name = fixture.file_name().unwrap().to_str().unwrap().to_owned();
        out.push((name, fs::read_to_string(spec.unwrap()).unwrap()));
    }
    out
}

/// The content of a source, told from its name: archives can be unpacked, and have a folder that
/// is called as they are.
pub(super) fn content(name: &str) -> Vec<u8> {
    if let Some(fixture) = fixtures().iter().find(|it| it.ends_with(name)) {
        return fs::read(fixture).unwrap();
    }
    if name.ends_with(".gem") {
        return fs::read(under("fixtures/gem-plain/plaingem-1.2.0.gem")).unwrap();
    }
    if name.ends_with(".zip") {
        return fs::read(under("fixtures/sdist-zip/zippkg-0.1.dev3.zip")).unwrap();
    }
    if let Some(folder) = name.strip_suffix(".tar.gz") {
        let file = format!("{folder}/README.md");
        return Tar::default().file(file.as_bytes(), name.as_bytes()).gz();
    }
    format!("The content of {name}.\n").into_bytes()
}
