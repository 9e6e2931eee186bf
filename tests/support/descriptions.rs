//! Descriptions of packages of every kind, and the settings that make specs of them.

use distmill::config::Identity;
use distmill::import::description::{
    Description, Details, Evidence, GemDetails, GemRequirement, License, LicenseSearch,
    PypiDetails, RuntimeRequirements, WheelDetails,
};
use distmill::import::spec::{SpecSettings, Templates};
use std::path::{Path, PathBuf};

/// A distribution and an author.
pub(crate) fn settings() -> SpecSettings {
    SpecSettings {
        dist: ".fc43".to_owned(),
        arch: std::env::consts::ARCH.to_owned(),
        identity: Identity {
            name: "Dist Mill".to_owned(),
            email: "mill@a.example".to_owned(),
        },
        templates: Templates::default(),
    }
}

/// A path below the project's folder.
pub(crate) fn under(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

pub(crate) fn some(text: &str) -> Option<String> {
    Some(text.to_owned())
}

pub(crate) fn list(texts: &[&str]) -> Vec<String> {
    texts.iter().map(ToString::to_string).collect()
}

pub(crate) fn description(
    name: &str,
    version: &str,
    file_name: &str,
    details: Details,
) -> Description {
    Description {
        name: name.to_owned(),
        version: version.to_owned(),
        summary: some("A thing to say hello with."),
        description: some(
            "# Hello\n\nSays *hello* to 100% of the people who ask for it, in as many words as they like, and then some more.\n\n\n* one\n* two\n",
        ),
        license_search: LicenseSearch::default(),
        license: Some(License {
            expression: "MIT AND Apache-2.0".to_owned(),
            evidence: Evidence::Expression,
        }),
        url: some("https://hello.example/home?a=b%20c"),
        file_name: file_name.to_owned(),
        download_url: some(&format!("https://files.example/ab/cd/{file_name}")),
        modified: Some(1_705_312_345),
        tools: Vec::new(),
        archful: false,
        license_files: list(&["LICENSE"]),
        doc_files: list(&["README.md", "CHANGES [old].txt"]),
        warnings: Vec::new(),
        details,
    }
}

pub(crate) fn pypi(folder: Option<&str>, extras: &[&str]) -> Details {
    Details::Pypi(PypiDetails {
        runtime: RuntimeRequirements::default(),
        top_folder: folder.map(str::to_owned),
        extras: list(extras),
        requires_python: some(">=3.9"),
    })
}

pub(crate) fn wheel(dist_info: &str, extras: &[&str]) -> Details {
    Details::Wheel(WheelDetails {
        dist_info: dist_info.to_owned(),
        platlib: false,
        names_licenses: false,
        extras: list(extras),
        requires_python: None,
    })
}

pub(crate) fn gem() -> GemDetails {
    GemDetails {
        authors: list(&["A"]),
        dependencies: Vec::new(),
        required_ruby: Vec::new(),
        required_rubygems: Vec::new(),
        executables: Vec::new(),
        bindir: "bin".to_owned(),
        extensions: Vec::new(),
        require_paths: list(&["lib"]),
        files: list(&[
            "lib/hello.rb",
            "LICENSE",
            "README.md",
            "Rakefile",
            ".gitignore",
        ]),
    }
}

pub(crate) fn requirement(operator: &str, version: &str) -> GemRequirement {
    GemRequirement {
        operator: operator.to_owned(),
        version: version.to_owned(),
    }
}

/// Descriptions of every kind, by the name of their golden spec.
pub(crate) fn cases() -> Vec<(&'static str, Description)> {
    let mut all = archive_cases();
    all.extend(wheel_cases());
    all
}

fn wheel_cases() -> [(&'static str, Description); 2] {
    let mut pure = description(
        "Hello.Wheel",
        "2.0.post1",
        "Hello_Wheel-2.0.post1-py3-none-any.whl",
        wheel("Hello_Wheel-2.0.post1.dist-info", &["cli"]),
    );
    pure.license_files = list(&["licenses/a b/MIT.txt", "LICENSE"]);
    let mut mixed = description(
        "hello-mixed",
        "1",
        "hello_mixed-1-py3-none-any.whl",
        wheel("hello_mixed-1.dist-info", &[]),
    );
    mixed.archful = true;
    if let Details::Wheel(details) = &mut mixed.details {
        details.platlib = true;
    }
    [("python-hello-wheel", pure), ("python-hello-mixed", mixed)]
}

fn archive_cases() -> Vec<(&'static str, Description)> {
    let plain = description(
        "Hello",
        "1.2.0",
        "Hello-1.2.0.tar.gz",
        pypi(Some("Hello-1.2.0"), &[]),
    );
    let mut bare = description(
        "hello_bare",
        "2024.1",
        "hello_bare-2024.1.zip",
        pypi(None, &[]),
    );
    bare.summary = None;
    bare.description = None;
    bare.license = None;
    bare.url = None;
    bare.download_url = None;
    bare.modified = None;
    bare.license_files.clear();
    bare.doc_files.clear();
    let mut compiled = description(
        "hello.fast",
        "1!2.0rc1.post2.dev3+cu118",
        "hello_fast-2.0rc1.post2.dev3+cu118.tar.gz",
        pypi(
            Some("hello_fast-2.0rc1.post2.dev3+cu118"),
            &["Fast_Json", "cli", "cli"],
        ),
    );
    compiled.archful = true;
    compiled.tools = list(&["cargo >= 1.70", "gcc-c++"]);
    let mut gem_bin = gem();
    gem_bin.executables = list(&["hello", "hello-2"]);
    gem_bin.required_ruby = vec![requirement(">=", "2.7"), requirement("!=", "3.0.1")];
    gem_bin.required_rubygems = vec![requirement("~>", "3.1.2")];
    gem_bin.files.extend(list(&[
        "bin/hello",
        "test/a.rb",
        "data/x",
        "Gemfile.lock",
        "odd name$",
    ]));
    let mut gem_ext = gem();
    gem_ext.extensions = list(&["ext/hello/extconf.rb"]);
    gem_ext.require_paths = list(&["lib", "ext"]);
    gem_ext.files.push("ext/hello/a.c".to_owned());
    let mut fast = description(
        "hello-fast",
        "1.0",
        "hello-fast-1.0.gem",
        Details::Gem(gem_ext.clone()),
    );
    fast.archful = true;
    gem_ext.require_paths = list(&["lib"]);
    let mut fast_beta = description(
        "hello-fast",
        "1.0.0.beta.2",
        "hello-fast-1.0.0.beta.2.gem",
        Details::Gem(gem_ext),
    );
    fast_beta.archful = true;
    vec![
        ("python-hello", plain),
        ("python-hello-bare", bare),
        ("python-hello-fast", compiled),
        (
            "rubygem-hello",
            description("hello", "0.1.3", "hello-0.1.3.gem", Details::Gem(gem())),
        ),
        (
            "rubygem-hello-bin",
            description("hello", "0.2", "hello-0.2.gem", Details::Gem(gem_bin)),
        ),
        ("rubygem-hello-fast", fast),
        ("rubygem-hello-fast-beta", fast_beta),
    ]
}
