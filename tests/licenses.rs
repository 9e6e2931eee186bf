//! Where the license is not declared it is told from the files of the archive, the spec says how,
//! and what stays unknown fails with a code of its own.

use crate::support::pack::{Tar, gem};
use crate::support::program::{Program, Run};
use crate::support::tools::run;
use serde_json::Value;
use spdx::text::LICENSE_TEXTS;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Paths below the package's folder, and contents.
type Files<'a> = [(&'a str, &'a [u8])];

fn license(id: &str) -> String {
    let text = LICENSE_TEXTS.iter().find(|it| it.0 == id).unwrap().1;
    text.replace("<year> <copyright holders>", "2011-2020 J\u{f6}rg Example")
}

/// An sdist beside the root: further lines of its metadata, and its files.
fn sdist(program: &Program, fields: &str, files: &Files<'_>) -> String {
    let info = format!("Metadata-Version: 2.1\nName: demo\nVersion: 1.0\n{fields}");
    let mut tar = Tar::default().file(b"demo-1.0/PKG-INFO", info.as_bytes());
    for (name, content) in files {
        tar = tar.file(format!("demo-1.0/{name}").as_bytes(), content);
    }
    placed(program.scratch().join("demo-1.0.tar.gz"), &tar.gz())
}

fn gem_of(program: &Program, fields: &str, files: &Files<'_>) -> String {
    let metadata = format!(
        "--- !ruby/object:Gem::Specification\nname: demo\nversion: '1.0'\nplatform: ruby\nsummary: s\nauthors: [a]\n{fields}"
    );
    let mut tar = Tar::default().file(b"lib/demo.rb", b"");
    for (name, content) in files {
        tar = tar.file(name.as_bytes(), content);
    }
    let bytes = gem(metadata.as_bytes(), &tar.end());
    placed(program.scratch().join("demo-1.0.gem"), &bytes)
}

fn placed(path: PathBuf, bytes: &[u8]) -> String {
    fs::write(&path, bytes).unwrap();
    path.into_os_string().into_string().unwrap()
}

/// The tag and the comment above it.
fn license_lines(program: &Program, package: &str) -> (String, String) {
    let spec = program.show(package, &format!("{package}.spec"));
    let lines: Vec<&str> = spec.lines().collect();
    let at = lines.iter().position(|it| it.starts_with("License:"));
    let at = at.unwrap();
    let tag = lines[at].trim_start_matches("License:").trim();
    (tag.to_owned(), lines[at - 1].to_owned())
}

/// Imports an sdist and tells the license and the comment of its spec.
fn of_sdist(fields: &str, files: &Files<'_>) -> (String, String) {
    let program = Program::new();
    let outcome = program.imported(&sdist(&program, fields, files));
    assert_eq!(outcome["warnings"], serde_json::json!([]), "{outcome:#}");
    license_lines(&program, "python-demo")
}

fn failed(outcome: &Value) -> String {
    assert_eq!(outcome["state"], "failed", "{outcome:#}");
    assert_eq!(outcome["failure"]["code"], "license-unknown", "{outcome:#}");
    assert_eq!(outcome["failure"]["fault"], "upstream");
    assert_eq!(outcome["failure"]["retry"], false);
    let hint = outcome["failure"]["hint"].as_str().unwrap();
    assert!(hint.contains("--allow-unknown-license"), "{hint}");
    outcome["failure"]["message"].as_str().unwrap().to_owned()
}

#[test]
fn an_sdist_that_declares_none_has_the_license_of_its_file() {
    let (mit, gpl) = (license("MIT"), license("GPL-3.0-only"));
    let found = of_sdist("", &[("LICENSE", mit.as_bytes())]);
    assert_eq!(found.0, "MIT");
    assert_eq!(
        found.1,
        "# Told from the license's text (100 per cent of it) in LICENSE."
    );
    let windows = mit
        .replace('\u{f6}', "\u{1}")
        .replace('\n', "\r\n")
        .into_bytes();
    let windows: Vec<u8> = windows
        .into_iter()
        .map(|it| if it == 1 { 0xf6 } else { it })
        .collect();
    assert_eq!(of_sdist("", &[("LICENCE.txt", &windows)]).0, "MIT");
    let found = of_sdist("License: see COPYING\n", &[("COPYING", gpl.as_bytes())]);
    assert_eq!(found.0, "GPL-3.0-only");
    assert!(
        found.1.contains("no notice there grants later versions"),
        "{}",
        found.1
    );
    let named = [("demo/terms/LICENSE.mit", mit.as_bytes())];
    let found = of_sdist("License-File: demo/terms/LICENSE.mit\n", &named);
    assert_eq!(found.0, "MIT");
    assert!(
        found.1.ends_with("in demo/terms/LICENSE.mit."),
        "{}",
        found.1
    );
}

#[test]
fn a_field_or_a_readme_may_hold_the_whole_text() {
    let isc = license("ISC");
    let folded = isc.trim().replace('\n', "\n        ");
    let found = of_sdist(&format!("License: {folded}\n"), &[]);
    assert_eq!(found.0, "ISC");
    assert!(
        found.1.contains("in upstream's license field."),
        "{}",
        found.1
    );
    let readme = format!("Demo\n====\n\nDoes things.\n\nLicense\n-------\n\n{isc}\n");
    let found = of_sdist("", &[("README.rst", readme.as_bytes())]);
    assert_eq!(found.0, "ISC");
    assert!(found.1.ends_with("in README.rst."), "{}", found.1);
    // A license file comes first.
    let zlib = license("Zlib");
    let both = [
        ("README.rst", readme.as_bytes()),
        ("LICENSE", zlib.as_bytes()),
    ];
    assert_eq!(of_sdist("", &both).0, "Zlib");
}

#[test]
fn what_is_declared_plainly_needs_no_file_and_what_is_vague_does() {
    let two = license("BSD-2-Clause");
    let files = [("LICENSE", two.as_bytes())];
    let classifier = "Classifier: License :: OSI Approved :: ";
    let found = of_sdist(&format!("{classifier}MIT License\n"), &files);
    assert_eq!(
        found,
        (
            "MIT".into(),
            "# Told from upstream's trove classifiers.".into()
        )
    );
    let found = of_sdist(&format!("{classifier}BSD License\n"), &files);
    assert_eq!(found.0, "BSD-2-Clause");
    assert!(found.1.ends_with("in LICENSE."), "{}", found.1);
    let found = of_sdist(&format!("{classifier}BSD License\n"), &[]);
    assert_eq!(found.0, "BSD-3-Clause");
}

#[test]
fn a_gem_without_licenses_has_those_of_its_files() {
    let (mit, apache, bsd) = (
        license("MIT"),
        license("Apache-2.0"),
        license("BSD-3-Clause"),
    );
    let choice = [
        ("LICENSE-APACHE", apache.as_bytes()),
        ("LICENSE-MIT", mit.as_bytes()),
    ];
    let both = [
        ("LICENSE", mit.as_bytes()),
        ("LICENSE.vendored", bsd.as_bytes()),
    ];
    for (fields, files, tag, told) in [
        (
            "licenses: []\n",
            &choice,
            "Apache-2.0 OR MIT",
            "LICENSE-APACHE, LICENSE-MIT",
        ),
        (
            "",
            &both,
            "MIT AND BSD-3-Clause",
            "LICENSE, LICENSE.vendored",
        ),
    ] {
        let program = Program::new();
        program.imported(&gem_of(&program, fields, files));
        let found = license_lines(&program, "rubygem-demo");
        assert_eq!(found.0, tag);
        assert!(found.1.ends_with(&format!("in {told}.")), "{}", found.1);
    }
}

#[test]
fn what_stays_unknown_fails_and_says_what_was_looked_at() {
    let program = Program::new();
    let own = b"You may use this on Tuesdays, without warranty.\n";
    let files: &Files<'_> = &[("LICENSE", own), ("README", b"Demo\n")];
    let source = sdist(&program, "License: see the web page\n", files);
    let ended = program.import(&["--json", &source]);
    assert_eq!(ended.code, Some(1));
    let message = failed(&ended.outcomes()[&source]);
    assert_eq!(
        message,
        "the license of demo is unknown: it declares \"see the web page\"; no license was \
         recognised in \"LICENSE\", \"README\""
    );
    assert_eq!(program.files(), [""; 0].map(PathBuf::from));
    let source = gem_of(&program, "", &[]);
    let message = failed(&program.outcomes(&[&source])[&source]);
    assert_eq!(
        message,
        "the license of demo is unknown: it declares nothing; it has no license file"
    );
}

#[test]
fn files_do_not_overrule_what_is_declared() {
    let (mit, half) = (license("MIT"), license("MIT")[..500].to_owned());
    let large = format!("{mit}\n{}", "Thanks to everybody.\n".repeat(20_000));
    let program = Program::new();
    let mit = mit.as_bytes();
    let rows: [(&str, &Files<'_>); 6] = [
        ("License: Proprietary\n", &[("LICENSE", mit)]),
        (
            "Classifier: License :: Other/Proprietary License\n",
            &[("LICENSE", mit)],
        ),
        ("", &[("LICENSE", half.as_bytes())]),
        ("", &[("LICENSE", large.as_bytes())]),
        (
            "",
            &[("LICENSE", mit), ("LICENSE.other", b"Ask us first.\n")],
        ),
        ("", &[("vendored/LICENSE", mit)]),
    ];
    for (fields, files) in rows {
        let source = sdist(&program, fields, files);
        failed(&program.outcomes(&[&source])[&source]);
    }
    let source = gem_of(&program, "licenses: [MIT, Our own]\n", &[("LICENSE", mit)]);
    failed(&program.outcomes(&[&source])[&source]);
}

#[test]
fn unknown_licenses_are_imported_when_that_is_allowed() {
    let program = Program::new().with("--allow-unknown-license");
    let outcome = program.imported(&sdist(&program, "License: %(id)\n", &[]));
    let warnings = outcome["warnings"].to_string();
    assert!(warnings.contains("LicenseRef-Unknown"), "{warnings}");
    let found = license_lines(&program, "python-demo");
    assert_eq!(found.0, "LicenseRef-Unknown");
    let srpm = outcome["srpm"].as_str().unwrap();
    assert_eq!(run("rpm", &["-qp", "--qf", "%{LICENSE}", srpm]), found.0);
}

#[test]
fn distmill_srpm_has_the_same_outcome_and_the_same_flag() {
    let program = Program::new();
    let source = sdist(&program, "", &[]);
    let out = program.scratch().join("out");
    let srpm = |options: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        command.args(["srpm", "--quiet", "--json", "-o"]).arg(&out);
        Run::of(command.args(options).arg(&source).output().unwrap())
    };
    let ended = srpm(&[]);
    assert_eq!(ended.code, Some(1));
    failed(&ended.outcomes()[&source]);
    let ended = srpm(&["--allow-unknown-license"]);
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
    assert!(out.join("python-demo-1.0-1.src.rpm").is_file());
}

#[test]
fn names_of_license_files_are_never_expanded() {
    let program = Program::new();
    let mit = license("MIT");
    for name in [
        "LICENSE%(touch touched)",
        "LICENSE %{lua:print(1)}",
        "LICENSE\u{202e}%if 1",
    ] {
        let files = [(name, mit.as_bytes())];
        let source = sdist(&program, "", &files);
        let out = program.scratch().join("out");
        let mut command = Command::new(env!("CARGO_BIN_EXE_distmill"));
        command.args(["srpm", "--quiet", "--spec", "-o"]).arg(&out);
        let ended = Run::of(command.arg(&source).output().unwrap());
        assert_eq!(ended.code, Some(0), "{name:?}: {}", ended.stdout);
        let spec = out.join("python-demo.spec");
        let parsed = query(&spec);
        assert_eq!(parsed, "MIT");
        let text = fs::read_to_string(&spec).unwrap();
        let comment = text
            .lines()
            .find(|it| it.starts_with("# Told from"))
            .unwrap();
        assert!(comment.contains("LICENSE"), "{comment}");
        // The parser ran in the folder of this process.
        assert!(!Path::new("touched").exists());
        fs::remove_dir_all(&out).unwrap();
    }
}

/// The license as the real parser reads it.
fn query(spec: &Path) -> String {
    let defines = ["pyproject_files /dev/null", "python3_pkgversion 3"];
    let mut arguments = vec!["-q", "--srpm", "--qf", "%{LICENSE}"];
    for define in &defines {
        arguments.extend(["--define", define]);
    }
    arguments.push(spec.to_str().unwrap());
    run("rpmspec", &arguments)
}
