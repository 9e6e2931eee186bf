//! What is written is what is read back, whatever upstream wrote.

use super::*;
use crate::config::Identity;
use crate::import::description::{
    Description, Details, Evidence, GemDetails, GemRequirement, License, LicenseSearch,
    PypiDetails, RuntimeRequirements, WheelDetails,
};
use crate::model::Code;
use proptest::prelude::*;

pub(super) fn settings() -> SpecSettings {
    SpecSettings {
        dist: ".fc43".to_owned(),
        arch: "x86_64".to_owned(),
        identity: Identity::default(),
        templates: Templates::default(),
    }
}

pub(super) fn pypi() -> Description {
    Description {
        name: "Pello".to_owned(),
        version: "1.0.4".to_owned(),
        summary: Some("Hello World.".to_owned()),
        description: None,
        license: None,
        license_search: LicenseSearch::default(),
        url: None,
        file_name: "Pello-1.0.4.tar.gz".to_owned(),
        download_url: None,
        modified: None,
        tools: Vec::new(),
        archful: false,
        license_files: Vec::new(),
        doc_files: Vec::new(),
        warnings: Vec::new(),
        details: Details::Pypi(PypiDetails {
            runtime: RuntimeRequirements::default(),
            top_folder: Some("Pello-1.0.4".to_owned()),
            extras: Vec::new(),
            requires_python: None,
        }),
    }
}

pub(super) fn wheel() -> Description {
    Description {
        details: Details::Wheel(WheelDetails {
            dist_info: "Pello-1.0.4.dist-info".to_owned(),
            platlib: false,
            names_licenses: false,
            extras: Vec::new(),
            requires_python: None,
        }),
        file_name: "Pello-1.0.4-py3-none-any.whl".to_owned(),
        ..pypi()
    }
}

pub(super) fn gem() -> Description {
    Description {
        details: Details::Gem(GemDetails {
            authors: Vec::new(),
            dependencies: Vec::new(),
            required_ruby: Vec::new(),
            required_rubygems: Vec::new(),
            executables: Vec::new(),
            bindir: "bin".to_owned(),
            extensions: Vec::new(),
            require_paths: vec!["lib".to_owned()],
            files: vec!["lib/pello.rb".to_owned()],
        }),
        file_name: "Pello-1.0.4.gem".to_owned(),
        ..pypi()
    }
}

#[test]
fn the_same_input_gives_the_same_spec() {
    for description in [pypi(), wheel(), gem()] {
        let spec = write(&description, &settings()).unwrap();
        assert_eq!(spec, write(&description, &settings()).unwrap());
        assert_eq!(spec.file_name, format!("{}.spec", spec.package));
        assert_eq!(spec.warnings, [Warning::NoLicense]);
        let header = parse(&spec.text, &settings().parse_settings()).unwrap();
        assert_eq!(header.license, "LicenseRef-Unknown");
        assert_eq!(header.summary, "Hello World");
        assert_eq!(header.description, "Hello World");
        assert_eq!(header.sources, [description.file_name]);
        assert_eq!(
            header.changelog[0].time, 852_120_000,
            "1 January 1997, noon"
        );
    }
}

#[test]
fn long_summaries_are_whole_or_show_that_they_are_cut() {
    let words = "sentence ".repeat(20);
    let longer = "sentence ".repeat(200);
    for (upstream, whole) in [
        (words.trim(), true),
        (&format!("{}...", words.trim()), true),
        (longer.trim(), false),
    ] {
        let mut description = pypi();
        description.summary = Some(upstream.to_owned());
        let spec = write(&description, &settings()).unwrap();
        let header = parse(&spec.text, &settings().parse_settings()).unwrap();
        assert_eq!(header.summary == words.trim(), whole, "{}", header.summary);
        assert_eq!(header.summary.ends_with("sentence..."), !whole);
    }
}

/// RPM fails an archful package without a file to debug, and whether anything is compiled is
/// decided only in the build.
#[test]
fn an_archful_package_may_turn_out_to_hold_no_binary() {
    for mut description in [pypi(), gem()] {
        for archful in [false, true] {
            description.archful = archful;
            let spec = write(&description, &settings()).unwrap();
            let lenient = "\n%global _empty_manifest_terminate_build 0\n";
            assert_eq!(spec.text.contains(lenient), archful);
        }
    }
}

#[test]
fn requirements_that_only_the_wheel_tells_are_not_asked_for() {
    for (runtime, line) in [
        (RuntimeRequirements::Backend, " -x fast,slow"),
        (RuntimeRequirements::ProjectTable, " -p -x fast,slow"),
        (RuntimeRequirements::Wheel, " -R"),
    ] {
        let mut description = pypi();
        if let Details::Pypi(details) = &mut description.details {
            details.runtime = runtime;
            details.extras = vec!["fast".to_owned(), "slow".to_owned()];
        }
        let spec = write(&description, &settings()).unwrap();
        let line = format!("\n%pyproject_buildrequires{line}\n");
        assert!(spec.text.contains(&line), "{line}");
        assert!(spec.text.contains("-n python3-pello fast,slow\n"));
    }
}

#[test]
fn sources_are_called_as_the_archive_is() {
    for (url, file) in [
        (
            "https://a.example/x/Pello-1.0.4.tar.gz",
            "Pello-1.0.4.tar.gz",
        ),
        (
            "https://a.example/x/Pello-1.0.4.tar.gz#sha256=0",
            "Pello-1.0.4.tar.gz",
        ),
        ("https://a.example/get?file=1", "Pello-1.0.4.tar.gz"),
        ("not an address", "Pello-1.0.4.tar.gz"),
        ("https://a.example/", "Pello-1.0.4.tar.gz"),
    ] {
        let mut description = pypi();
        description.download_url = Some(url.to_owned());
        let spec = write(&description, &settings()).unwrap();
        let header = parse(&spec.text, &settings().parse_settings()).unwrap();
        assert_eq!(header.sources, [file], "{url}");
    }
}

#[test]
fn versions_that_rpm_spells_differently_keep_their_files() {
    for (version, rpm) in [
        ("1.0rc1", "1.0~rc1"),
        ("2!1.0.post1", "1.0^post1"),
        ("v1.0", "1.0"),
    ] {
        let mut description = pypi();
        description.version = version.to_owned();
        let bare = version.trim_start_matches("2!");
        description.file_name = format!("Pello-{bare}.tar.gz");
        description.download_url = Some(format!("https://a.example/Pello-{bare}.tar.gz"));
        let spec = write(&description, &settings()).unwrap();
        assert!(spec.text.contains("Pello-%{upstream_version}.tar.gz\n"));
        let header = parse(&spec.text, &settings().parse_settings()).unwrap();
        assert_eq!(header.version, rpm);
        assert_eq!(header.epoch, version.starts_with("2!").then_some(2));
        assert_eq!(header.sources, [description.file_name]);
    }
    let mut description = gem();
    description.version = "1.0.0.rc1".to_owned();
    description.file_name = "Pello-1.0.0.rc1.gem".to_owned();
    let spec = write(&description, &settings()).unwrap();
    let header = parse(&spec.text, &settings().parse_settings()).unwrap();
    assert_eq!(header.version, "1.0.0~rc1");
    assert_eq!(header.sources, [description.file_name]);
}

#[test]
fn what_cannot_be_said_is_refused_or_left_out() {
    let refused = |change: fn(&mut Description), code| {
        let mut description = pypi();
        change(&mut description);
        assert_eq!(write(&description, &settings()).unwrap_err().code(), code);
    };
    refused(|it| it.name = "../x".to_owned(), Code::UnsafeName);
    refused(|it| it.version = "%(x)".to_owned(), Code::VersionInvalid);
    refused(|it| it.version = "1".repeat(200), Code::VersionInvalid);
    refused(
        |it| it.file_name = "a b.tar.gz".to_owned(),
        Code::UnsafeName,
    );
    refused(
        |it| {
            it.details = Details::Pypi(PypiDetails {
                runtime: RuntimeRequirements::default(),
                top_folder: Some("'; touch x; '".to_owned()),
                extras: Vec::new(),
                requires_python: None,
            });
        },
        Code::UnsafeName,
    );
    let mut description = pypi();
    description.license_files = vec!["LICENSE".to_owned(), "../x".to_owned()];
    description.tools = vec!["cargo >= 1.70".to_owned(), "%(x)".to_owned()];
    let spec = write(&description, &settings()).unwrap();
    assert_eq!(spec.warnings.len(), 3, "{:?}", spec.warnings);
    assert!(spec.text.contains("%license LICENSE\n"));
    assert!(spec.text.contains("BuildRequires:  cargo >= 1.70\n"));
}

#[test]
fn the_own_license_is_not_replaced_by_a_bundled_one() {
    let mut description = pypi();
    description.license_files = [
        "a/LICENSE",
        "LICENSE",
        "b/COPYING",
        "b/c/COPYING",
        "b/d/COPYING.LIB",
    ]
    .map(str::to_owned)
    .to_vec();
    let spec = write(&description, &settings()).unwrap();
    let lines = spec.text.lines();
    let listed: Vec<&str> = lines.filter(|it| it.starts_with("%license")).collect();
    let want = [
        "%license LICENSE",
        "%license b/COPYING",
        "%license b/d/COPYING.LIB",
    ];
    assert_eq!(listed, want);
}

#[test]
fn a_gem_with_extensions_is_compiled() {
    let mut description = gem();
    let Details::Gem(details) = &mut description.details else {
        unreachable!()
    };
    details.extensions = vec!["ext/extconf.rb".to_owned()];
    let spec = write(&description, &settings()).unwrap();
    let header = parse(&spec.text, &settings().parse_settings()).unwrap();
    assert!(header.build_archs.is_empty());
    let requires: Vec<&str> = header
        .build_requires
        .iter()
        .map(|it| it.name.as_str())
        .collect();
    assert_eq!(
        requires,
        ["ruby(release)", "rubygems-devel", "ruby-devel", "gcc"]
    );
}

#[test]
fn an_own_template_is_used() {
    let mut settings = settings();
    let text = "Name: {{ name }}\nVersion: {{ version }}\nRelease: 7\nSummary: {{ summary }}\nLicense: {{ license }}\nSource0: {{ source }}\n%description\n{{ description }}\n";
    let mut set = |text: &str| {
        let key: TemplateKey = "pypi".parse().unwrap();
        settings
            .templates
            .set(key, "my.spec", text.to_owned())
            .unwrap();
        make(&pypi(), &settings)
    };
    let (spec, header) = set(&format!("{text}\n")).unwrap();
    assert_eq!(
        (header.release.as_str(), spec.template.as_deref()),
        ("7", Some("my.spec"))
    );
    let renamed = text.replace("{{ name }}", "python3.13-{{ name[7:] }}");
    let (spec, header) = set(&renamed).unwrap();
    assert_eq!(header.name, "python3.13-pello");
    assert_eq!(spec.file_name, "python3.13-pello.spec");
    assert_eq!(spec.package.as_str(), "python3.13-pello");

    for (from, to, expected) in [
        (
            "Release: 7",
            "Release: {{ name.none }}",
            "my.spec, line 3: undefined value",
        ),
        (
            "Name: {{ name }}",
            "Name: x.lock",
            "the spec that my.spec makes of Pello: \"x.lock\" makes no package name",
        ),
        (
            "Source0: {{ source }}",
            "Source0: {{ source }}\nPatch0: a.patch",
            "the spec that my.spec makes of Pello: Source0 has to be Pello-1.0.4.tar.gz, and there \
             is no other file; found: Pello-1.0.4.tar.gz, a.patch",
        ),
        ("Source0: {{ source }}", "", "found: none"),
        ("Release: 7", "Release: %{no_such}", "line 3: "),
        (
            "Release: 7",
            "Release: 7\nRelease: 8\n%if",
            "the spec that my.spec makes of Pello: line",
        ),
    ] {
        assert!(text.contains(from));
        let error = set(&text.replace(from, to)).unwrap_err();
        assert!(error.to_string().contains(expected), "{error}");
        let code = error.code();
        assert!(matches!(
            code,
            Code::SpecInvalid | Code::SpecUnsupported | Code::UnsafeName
        ));
    }
}

/// Text made of what a spec could stumble over.
fn hostile() -> impl Strategy<Value = String> {
    "(%\\(touch x\\)|%\\{lua:|%\\{|\\}|%if |%endif|\n%description\n|\nRelease: 9\n|%|\\\\|\\\\\n|#|\u{202e}|\0|\"|'|\\$\\(x\\)|[a-z]{1,4}|[ \n]|\\PC){0,30}"
}

fn hostile_description() -> impl Strategy<Value = Description> {
    let texts = proptest::collection::vec(hostile(), 18);
    let flags = (any::<bool>(), any::<bool>());
    (texts, flags, any::<Option<i64>>()).prop_map(|(mut texts, (archful, is_wheel), modified)| {
        let mut next = || texts.pop().unwrap_or_default();
        let mut out = pypi();
        out.summary = Some(next());
        out.description = Some(next());
        out.license = Some(License {
            expression: next(),
            evidence: Evidence::Text {
                files: vec![next(), next()],
                percent: 100,
            },
        });
        out.url = Some(format!("https://a.example/{}", next()));
        out.download_url = Some(format!("https://a.example/{}", next()));
        out.tools = vec![next(), next()];
        out.license_files = vec![next(), next()];
        out.doc_files = vec![next(), next()];
        out.archful = archful;
        out.modified = modified;
        let extras = vec![next(), "good".to_owned()];
        if is_wheel {
            out.file_name = wheel().file_name;
            out.details = Details::Wheel(WheelDetails {
                dist_info: "Pello-1.0.4.dist-info".to_owned(),
                platlib: archful,
                names_licenses: false,
                extras,
                requires_python: Some(next()),
            });
        } else if archful {
            out.details = Details::Pypi(PypiDetails {
                runtime: RuntimeRequirements::default(),
                top_folder: None,
                extras,
                requires_python: Some(next()),
            });
        } else {
            let requirement = GemRequirement {
                operator: "~>".to_owned(),
                version: next(),
            };
            out.file_name = "Pello-1.0.4.gem".to_owned();
            out.details = Details::Gem(GemDetails {
                authors: vec![next()],
                dependencies: Vec::new(),
                required_ruby: vec![requirement],
                required_rubygems: Vec::new(),
                executables: vec![next()],
                bindir: next(),
                extensions: vec![next()],
                require_paths: extras.clone(),
                files: extras,
            });
        }
        out
    })
}

proptest! {
    #[test]
    fn hostile_text_changes_no_tag(description in hostile_description()) {
        let spec = write(&description, &settings()).unwrap();
        let header = parse(&spec.text, &settings().parse_settings()).unwrap();
        prop_assert_eq!(&header.name, spec.package.as_str());
        prop_assert_eq!(&header.version, "1.0.4");
        prop_assert_eq!(&header.release, "1.fc43");
        let license = description
            .license
            .and_then(|it| SpecText::line(&it.expression, 1_000))
            .map_or("LicenseRef-Unknown".to_owned(), |it| it.plain());
        prop_assert_eq!(&header.license, &license);
        let summary = description
            .summary
            .and_then(|it| SpecText::line(&it, 800))
            .and_then(|it| SpecText::line(it.plain().trim_end_matches(['.', ' ']), 200))
            .map(|it| it.plain());
        if let Some(summary) = summary {
            prop_assert_eq!(&header.summary, &summary);
        }
        let text = description.description.and_then(|it| SpecText::paragraphs(&it));
        if let Some(text) = text {
            prop_assert_eq!(&header.description, &text.plain());
        }
        let url = SpecText::url(&description.url.unwrap_or_default());
        prop_assert_eq!(header.url, url.map(|it| it.plain()));
        prop_assert_eq!(header.sources, vec![description.file_name]);
        prop_assert_eq!(header.changelog.len(), 1);
        prop_assert!(header.provides.iter().all(|it| it.version == "1.0.4-1.fc43"));
        let plain = |it: &crate::rpmfile::Dependency| !it.name.contains(['%', '$', '\'']);
        prop_assert!(header.build_requires.iter().all(plain));
    }
}
