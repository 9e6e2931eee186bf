//! Every fixture gives the description that its project's files promise.

use crate::support::archive::describe_fixture;
use distmill::import::description::{
    Description, Details, Evidence, GemDependency, GemDetails, GemRequirement, License,
    LicenseSearch, PypiDetails, RuntimeRequirements,
};

/// When every fixture was made.
const MADE: i64 = 1_700_000_000;

fn license(expression: &str, evidence: Evidence) -> Option<License> {
    Some(License {
        expression: expression.to_owned(),
        evidence,
    })
}

fn strings(list: &[&str]) -> Vec<String> {
    list.iter().map(|it| (*it).to_owned()).collect()
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// An sdist that says only its name, version and summary.
fn sdist(name: &str, version: &str, summary: &str, file_name: &str, top: &str) -> Description {
    Description {
        name: name.to_owned(),
        version: version.to_owned(),
        summary: text(summary),
        description: None,
        license: None,
        license_search: LicenseSearch::default(),
        url: None,
        file_name: file_name.to_owned(),
        download_url: None,
        modified: Some(MADE),
        tools: Vec::new(),
        archful: false,
        license_files: Vec::new(),
        doc_files: Vec::new(),
        warnings: Vec::new(),
        details: Details::Pypi(PypiDetails {
            runtime: RuntimeRequirements::default(),
            top_folder: text(top),
            extras: Vec::new(),
            requires_python: None,
        }),
    }
}

fn pypi_details(top: &str, extras: &[&str], requires_python: Option<&str>) -> Details {
    Details::Pypi(PypiDetails {
        runtime: RuntimeRequirements::default(),
        top_folder: text(top),
        extras: strings(extras),
        requires_python: requires_python.map(str::to_owned),
    })
}

#[test]
fn a_setuptools_sdist() {
    let file = "plainpkg-1.2.3.tar.gz";
    assert_eq!(
        describe_fixture("sdist-setuptools", file),
        Description {
            description: text("First line.\n\nSecond paragraph: %(id) and ünïcode."),
            license: license("MIT", Evidence::Classifier),
            url: text("https://example.test/plainpkg"),
            license_files: strings(&["LICENSE"]),
            doc_files: strings(&["README.rst"]),
            details: pypi_details("plainpkg-1.2.3", &[], Some(">=3.8")),
            ..sdist(
                "plainpkg",
                "1.2.3",
                "A plain package, 100% Python.",
                file,
                ""
            )
        }
    );
}

#[test]
fn a_flit_sdist_with_extras() {
    let file = "flitpkg-0.5rc1.tar.gz";
    assert_eq!(
        describe_fixture("sdist-flit-extras", file),
        Description {
            description: text("# flitpkg"),
            license: license("BSD-3-Clause", Evidence::Classifier),
            url: text("https://example.test/flit"),
            doc_files: strings(&["README.md"]),
            details: pypi_details("flitpkg-0.5rc1", &["fast", "test"], Some(">=3.9")),
            ..sdist("flitpkg", "0.5rc1", "Has extras", file, "")
        }
    );
}

#[test]
fn a_hatchling_sdist_with_a_license_expression() {
    let file = "hatch_pkg-2024.1.tar.gz";
    assert_eq!(
        describe_fixture("sdist-hatchling-expression", file),
        Description {
            description: text("# hatch-pkg"),
            license: license("MIT OR Apache-2.0", Evidence::Expression),
            url: text("https://example.test/hatch.git"),
            license_files: strings(&["LICENSES/Apache-2.0.txt", "LICENSES/MIT.txt"]),
            doc_files: strings(&["CHANGELOG.md", "README.md"]),
            details: pypi_details("hatch_pkg-2024.1", &[], Some(">=3.10")),
            ..sdist(
                "hatch-pkg",
                "2024.1",
                "Says its license as an expression",
                file,
                ""
            )
        }
    );
}

#[test]
fn an_sdist_with_an_extension() {
    let file = "cpkg-3.0.tar.gz";
    assert_eq!(
        describe_fixture("sdist-c-extension", file),
        Description {
            license: license("GPL-3.0-or-later", Evidence::FreeText),
            license_files: strings(&["COPYING"]),
            tools: strings(&["gcc"]),
            archful: true,
            ..sdist("cpkg", "3.0", "Compiles", file, "cpkg-3.0")
        }
    );
}

#[test]
fn the_same_sdist_in_every_form() {
    for (case, file) in [
        ("sdist-zip", "zippkg-0.1.dev3.zip"),
        ("sdist-bz2", "zippkg-0.1.dev3.tar.bz2"),
        ("sdist-xz", "zippkg-0.1.dev3.tar.xz"),
    ] {
        assert_eq!(
            describe_fixture(case, file),
            Description {
                license: license("ISC", Evidence::FreeText),
                doc_files: strings(&["README"]),
                ..sdist("zippkg", "0.1.dev3", "Zipped", file, "zippkg-0.1.dev3")
            }
        );
    }
}

#[test]
fn an_sdist_with_an_odd_name() {
    let file = "Zope.Thing_x-1.0.tar.gz";
    assert_eq!(
        describe_fixture("sdist-odd-name", file),
        Description {
            license: license("ZPL-2.1", Evidence::FreeText),
            ..sdist(
                "Zope.Thing_x",
                "1.0",
                "Oddly named",
                file,
                "Zope.Thing_x-1.0"
            )
        }
    );
}

#[test]
fn a_poetry_sdist() {
    let file = "poetry_pkg-1.0.post2.tar.gz";
    assert_eq!(
        describe_fixture("sdist-poetry", file),
        Description {
            description: text("# poetry-pkg"),
            license: license("Apache-2.0", Evidence::FreeText),
            url: text("https://example.test/poetry"),
            doc_files: strings(&["README.md"]),
            details: pypi_details("poetry_pkg-1.0.post2", &[], Some(">=3.9,<4.0")),
            ..sdist("poetry-pkg", "1.0.post2", "Made by Poetry", file, "")
        }
    );
}

#[test]
fn a_pdm_sdist_with_an_epoch() {
    let file = "pdm_pkg-1!2.0+local.7.tar.gz";
    assert_eq!(
        describe_fixture("sdist-pdm", file),
        Description {
            license_search: LicenseSearch {
                declared: strings(&["see the web page"]),
                files: Vec::new(),
            },
            details: pypi_details("pdm_pkg-1!2.0+local.7", &[], Some(">=3.9")),
            ..sdist("pdm.pkg", "1!2.0+local.7", "Made by PDM", file, "")
        }
    );
}

fn requirement(operator: &str, version: &str) -> GemRequirement {
    GemRequirement {
        operator: operator.to_owned(),
        version: version.to_owned(),
    }
}

fn dependency(name: &str, requirements: &[GemRequirement]) -> GemDependency {
    GemDependency {
        name: name.to_owned(),
        requirements: requirements.to_vec(),
    }
}

/// A gem that says only what it must.
fn gem(name: &str, version: &str, summary: &str, files: &[&str]) -> (Description, GemDetails) {
    let details = GemDetails {
        authors: strings(&["Ada Example"]),
        dependencies: Vec::new(),
        required_ruby: vec![requirement(">=", "0")],
        required_rubygems: vec![requirement(">=", "0")],
        executables: Vec::new(),
        bindir: "bin".to_owned(),
        extensions: Vec::new(),
        require_paths: strings(&["lib"]),
        files: strings(files),
    };
    let file = format!("{name}-{version}.gem");
    (sdist(name, version, summary, &file, ""), details)
}

#[test]
fn a_plain_gem() {
    let files = [
        "LICENSE.txt",
        "README.md",
        "docs/guide.md",
        "lib/plaingem.rb",
    ];
    let (base, details) = gem("plaingem", "1.2.0", "A plain gem.", &files);
    assert_eq!(
        describe_fixture("gem-plain", "plaingem-1.2.0.gem"),
        Description {
            description: text("Many\nlines, %(id) and ünïcode."),
            license: license("MIT", Evidence::List),
            url: text("https://example.test/plaingem"),
            license_files: strings(&["LICENSE.txt"]),
            doc_files: strings(&["README.md", "docs/guide.md"]),
            details: Details::Gem(GemDetails {
                authors: strings(&["Ada Example", "Bob"]),
                dependencies: vec![
                    dependency(
                        "rake",
                        &[requirement("~>", "13.0"), requirement(">=", "13.0.6")]
                    ),
                    dependency("json", &[requirement(">=", "0")]),
                ],
                required_ruby: vec![requirement(">=", "2.7")],
                ..details
            }),
            ..base
        }
    );
}

#[test]
fn a_gem_with_an_executable() {
    let files = [".hidden", "exe/runme", "lib/runme.rb"];
    let (base, details) = gem("runme", "0.3", "Runs", &files);
    assert_eq!(
        describe_fixture("gem-executable", "runme-0.3.gem"),
        Description {
            license: license("Ruby AND BSD-2-Clause", Evidence::List),
            details: Details::Gem(GemDetails {
                executables: strings(&["runme"]),
                bindir: "exe".to_owned(),
                ..details
            }),
            ..base
        }
    );
}

#[test]
fn a_gem_with_an_extension() {
    let files = [
        "ext/fastgem/extconf.rb",
        "ext/fastgem/fastgem.c",
        "lib/fastgem.rb",
    ];
    let (base, details) = gem("fastgem", "2.0.1", "Compiles", &files);
    assert_eq!(
        describe_fixture("gem-c-extension", "fastgem-2.0.1.gem"),
        Description {
            tools: strings(&["gcc", "make"]),
            archful: true,
            details: Details::Gem(GemDetails {
                extensions: strings(&["ext/fastgem/extconf.rb"]),
                ..details
            }),
            ..base
        }
    );
}

#[test]
fn a_prerelease_of_a_gem() {
    let (base, details) = gem("early-bird", "1.0.0.rc1", "Early", &["lib/early/bird.rb"]);
    assert_eq!(
        describe_fixture("gem-prerelease", "early-bird-1.0.0.rc1.gem"),
        Description {
            license: license("Apache-2.0", Evidence::List),
            details: Details::Gem(GemDetails {
                dependencies: vec![dependency("plaingem", &[requirement("!=", "1.5")])],
                required_rubygems: vec![requirement(">", "1.3.1")],
                ..details
            }),
            ..base
        }
    );
}
