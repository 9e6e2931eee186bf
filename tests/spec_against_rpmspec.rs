//! Specs as the real `rpmspec` and `rpmbuild` read them: those made here run nothing and say what
//! was meant, and the header read here is the header that `rpmbuild -bs` writes.

use crate::support::descriptions::{
    cases, description, gem, list, pypi, requirement, settings, some, under, wheel,
};
use distmill::import::description::{Description, Details, Evidence, License};
use distmill::import::spec::{self, ParseSettings, SpecText};
use distmill::rpmfile::{Dependency, SourceHeader};
use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

#[test]
fn specs_are_as_they_were_agreed_on() {
    for (name, description) in cases() {
        let spec = spec::write(&description, &settings()).unwrap();
        let golden = under(&format!("fixtures/specs/made/{name}.spec"));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            fs::write(&golden, &spec.text).unwrap();
        }
        let expected = fs::read_to_string(&golden).unwrap();
        assert_eq!(
            spec.text, expected,
            "{name}: UPDATE_GOLDEN=1 if it is meant"
        );
    }
}

/// An empty folder in which the real tools work on one spec.
struct Bench {
    folder: tempfile::TempDir,
    spec: PathBuf,
}

impl Bench {
    fn new(text: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let spec = folder.path().join("it.spec");
        fs::write(&spec, text).unwrap();
        Self { folder, spec }
    }

    fn run(&self, program: &str, arguments: &[&str]) -> String {
        let top = self.folder.path().display();
        let output = Command::new(program)
            .current_dir(self.folder.path())
            .env("HOME", self.folder.path())
            .env("TZ", "UTC")
            .env("LC_ALL", "C.UTF-8")
            .arg(format!(
                "--load={}",
                under("tests/support/rpm-macros/macros.pyproject").display()
            ))
            .arg(format!(
                "--load={}",
                under("tests/support/rpm-macros/macros.rubygems").display()
            ))
            .arg(format!("-D_topdir {top}"))
            .arg(format!("-D_sourcedir {top}"))
            .args(["-Ddist .fc43", "-D_lib lib64"])
            .args(arguments)
            .output()
            .unwrap();
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            output.status.success(),
            "{program}: {errors}\n{}",
            fs::read_to_string(&self.spec).unwrap()
        );
        String::from_utf8(output.stdout).unwrap()
    }

    fn parsed(&self) -> String {
        self.run("rpmspec", &["-P", self.spec.to_str().unwrap()])
    }

    fn files(&self) -> Vec<String> {
        let mut out: Vec<String> = fs::read_dir(self.folder.path())
            .unwrap()
            .map(|it| it.unwrap().file_name().into_string().unwrap())
            .collect();
        out.sort();
        out
    }

    /// The header of the source package that the real `rpmbuild` makes.
    fn built(&self, sources: &[String]) -> Told {
        for source in sources {
            fs::write(self.folder.path().join(source), "").unwrap();
        }
        self.run(
            "rpmbuild",
            &["-bs", "--nodeps", self.spec.to_str().unwrap()],
        );
        let made = fs::read_dir(self.folder.path().join("SRPMS")).unwrap();
        let made = made.last().unwrap().unwrap().path();
        let query: String = FIELDS.iter().fold(String::new(), |mut query, (tag, form)| {
            let _ = write!(query, "@@{tag}@@{form}");
            query
        });
        let text = self.run(
            "rpm",
            &[
                "-qp",
                "--nosignature",
                "--qf",
                &query,
                made.to_str().unwrap(),
            ],
        );
        Told { text }
    }
}

/// What is asked of a real source package.
const FIELDS: &[(&str, &str)] = &[
    ("name", "%{NAME}"),
    ("epoch", "%{EPOCH}"),
    ("version", "%{VERSION}"),
    ("release", "%{RELEASE}"),
    ("summary", "%{SUMMARY}"),
    ("description", "%{DESCRIPTION}"),
    ("group", "%{GROUP}"),
    ("license", "%{LICENSE}"),
    ("url", "%{URL}"),
    ("vendor", "%{VENDOR}"),
    ("packager", "%{PACKAGER}"),
    ("arch", "%{ARCH}"),
    ("sources", "[%{SOURCE}\n]"),
    ("patches", "[%{PATCH}\n]"),
    ("no_source", "[%{NOSOURCE}\n]"),
    ("no_patch", "[%{NOPATCH}\n]"),
    ("build_archs", "[%{BUILDARCHS}\n]"),
    ("exclude_arch", "[%{EXCLUDEARCH}\n]"),
    ("exclusive_arch", "[%{EXCLUSIVEARCH}\n]"),
    (
        "provides",
        "[%{PROVIDENAME} %{PROVIDEFLAGS} %{PROVIDEVERSION}\n]",
    ),
    (
        "requires",
        "[%{REQUIRENAME} %{REQUIREFLAGS} %{REQUIREVERSION}\n]",
    ),
    (
        "conflicts",
        "[%{CONFLICTNAME} %{CONFLICTFLAGS} %{CONFLICTVERSION}\n]",
    ),
    (
        "changelog",
        "[%{CHANGELOGTIME} %{CHANGELOGNAME}\n%{CHANGELOGTEXT}\n]",
    ),
    ("end", ""),
];

/// The real tool's answer.
struct Told {
    text: String,
}

impl Told {
    fn field(&self, name: &str) -> &str {
        let start = format!("@@{name}@@");
        let at = self.text.find(&start).unwrap() + start.len();
        let rest = &self.text[at..];
        &rest[..rest.find("@@").unwrap_or(rest.len())]
    }

    fn lines(&self, name: &str) -> Vec<String> {
        self.field(name).lines().map(str::to_owned).collect()
    }
}

fn lines_of(dependencies: &[Dependency]) -> Vec<String> {
    dependencies
        .iter()
        .map(|it| format!("{} {} {}", it.name, it.sense.bits(), it.version))
        .collect()
}

fn sorted(mut lines: Vec<String>) -> Vec<String> {
    lines.sort();
    lines
}

/// Holds a header that was read here against the one of the real source package.
fn compare(what: &str, header: &SourceHeader, told: &Told) {
    let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "(none)".to_owned());
    for (name, ours) in [
        ("name", header.name.clone()),
        (
            "epoch",
            header
                .epoch
                .map_or("(none)".to_owned(), |it| it.to_string()),
        ),
        ("version", header.version.clone()),
        ("release", header.release.clone()),
        ("summary", header.summary.clone()),
        ("description", header.description.clone()),
        (
            "group",
            header
                .group
                .clone()
                .unwrap_or_else(|| "Unspecified".to_owned()),
        ),
        ("license", header.license.clone()),
        ("url", or_none(&header.url)),
        ("vendor", or_none(&header.vendor)),
        ("packager", or_none(&header.packager)),
        (
            "arch",
            header
                .build_archs
                .first()
                .cloned()
                .unwrap_or_else(|| std::env::consts::ARCH.to_owned()),
        ),
    ] {
        assert_eq!(ours, told.field(name), "{what}: {name}");
    }
    for (name, ours) in [
        ("build_archs", header.build_archs.clone()),
        ("exclude_arch", header.exclude_arch.clone()),
        ("exclusive_arch", header.exclusive_arch.clone()),
        ("provides", lines_of(&header.provides)),
    ] {
        assert_eq!(ours, told.lines(name), "{what}: {name}");
    }
    compare_lists(what, header, told);
    let changelog: String = header.changelog.iter().fold(String::new(), |mut out, it| {
        let _ = writeln!(out, "{} {}\n{}", it.time, it.author, it.text);
        out
    });
    assert_eq!(changelog, told.field("changelog"), "{what}: changelog");
}

/// The lists that RPM keeps in an order of its own.
fn compare_lists(what: &str, header: &SourceHeader, told: &Told) {
    let numbers = |list: &[u32]| list.iter().map(ToString::to_string).collect::<Vec<_>>();
    let is_build = |line: &String| !line.starts_with("rpmlib(");
    let requires = told
        .lines("requires")
        .into_iter()
        .filter(is_build)
        .collect();
    for (name, ours, theirs) in [
        ("sources", header.sources.clone(), told.lines("sources")),
        ("patches", header.patches.clone(), told.lines("patches")),
        (
            "no_source",
            numbers(&header.no_source),
            told.lines("no_source"),
        ),
        (
            "no_patch",
            numbers(&header.no_patch),
            told.lines("no_patch"),
        ),
        ("requires", lines_of(&header.build_requires), requires),
        (
            "conflicts",
            lines_of(&header.build_conflicts),
            told.lines("conflicts"),
        ),
    ] {
        assert_eq!(sorted(ours), sorted(theirs), "{what}: {name}");
    }
    let dynamic = told
        .field("requires")
        .contains("rpmlib(DynamicBuildRequires)");
    assert_eq!(header.dynamic_build_requires, dynamic, "{what}");
}

#[test]
fn made_specs_have_the_header_that_rpmbuild_writes() {
    for (name, description) in cases() {
        let spec = spec::write(&description, &settings()).unwrap();
        let header = spec::parse(&spec.text, &settings().parse_settings()).unwrap();
        let bench = Bench::new(&spec.text);
        let parsed = bench.parsed();
        assert!(parsed.contains("\n%changelog\n"), "{name}: {parsed}");
        assert_eq!(header.sources, [description.file_name]);
        compare(name, &header, &bench.built(&header.sources));
    }
}

#[test]
fn specs_by_hand_have_the_header_that_rpmbuild_writes() {
    let mut seen = 0;
    for entry in fs::read_dir(under("fixtures/specs/by-hand")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let what = path.file_name().unwrap().to_str().unwrap();
        let header = spec::parse(&text, &settings().parse_settings())
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        let files: Vec<String> = [header.sources.clone(), header.patches.clone()].concat();
        compare(what, &header, &Bench::new(&text).built(&files));
        seen += 1;
    }
    assert!(seen >= 8, "only {seen} specs were found");
}

/// Texts that would run a command, open a section, change a tag or break the reading of a spec,
/// were they not escaped.
const HOSTILE: &[&str] = &[
    "%(touch ran)",
    "%%(touch ran)",
    "\\%(touch ran)",
    "\\\\%(touch ran)",
    "%{lua: io.open('ran', 'w')}",
    "%{expand:%(touch ran)}",
    "%[ 1 ? \"%(touch ran)\" : 0 ]",
    "x\nRelease: 66\n%description\n",
    "x\r\nEpoch: 66\r\n",
    "x\u{2028}Epoch: 66",
    "%if 0\nx",
    "%endif\n%else",
    "%files\n/etc/passwd\n%changelog\n%prep\ntouch ran",
    "ends with a backslash \\",
    "\\%{ never closed",
    "%{ never closed",
    "never opened }}}",
    "%define name other\n%global version 66",
    "nul \0 in it",
    "bidi \u{202e}edoc\u{202c} and \u{1b}[31mcolour",
    "# a comment",
    "%dnl gone",
    "' ; touch ran ; '",
    "`touch ran` $(touch ran)",
    "\"unbalanced",
    "%include /etc/passwd",
    "%{error: no}",
    "%undefine name",
    "{{ name }} {% if x %}",
];

fn hostile(text: &str, kind: Details) -> Description {
    let mut out = description("hello", "1.0", "hello-1.0.tar.gz", kind);
    out.summary = some(text);
    out.description = some(&format!("{text}\n\nmiddle\n{text}"));
    out.license = Some(License {
        expression: text.to_owned(),
        evidence: Evidence::Text {
            files: list(&[text, "LICENSE"]),
            percent: 100,
        },
    });
    out.url = some(&format!("https://a.example/{text}"));
    out.download_url = some(&format!("https://a.example/{text}"));
    out.tools = list(&[text]);
    out.license_files = list(&[text]);
    out.doc_files = list(&[text, "plain"]);
    match &mut out.details {
        Details::Pypi(details) => {
            details.extras = list(&[text, "extra"]);
            details.requires_python = some(text);
        }
        Details::Wheel(details) => {
            details.extras = list(&[text, "extra"]);
            details.requires_python = some(text);
        }
        Details::Gem(details) => {
            details.authors = list(&[text]);
            details.executables = list(&[text]);
            details.bindir = text.to_owned();
            details.extensions = list(&[text, &format!("{text}/extconf.rb")]);
            details.files = list(&[text, &format!("{text}/a")]);
            details.require_paths = list(&[text]);
            details.required_ruby = vec![requirement("~>", text), requirement(text, "1")];
        }
    }
    out
}

#[test]
fn hostile_text_runs_nothing_and_changes_nothing() {
    let long = format!("%({}touch ran)", "x".repeat(1 << 20));
    for text in HOSTILE.iter().copied().chain([long.as_str()]) {
        for kind in [
            pypi(Some("hello-1.0"), &[]),
            wheel("hello-1.0.dist-info", &[]),
            Details::Gem(gem()),
        ] {
            let description = hostile(text, kind);
            let start: String = text.chars().take(60).collect();
            let spec = spec::write(&description, &settings()).unwrap();
            let header = spec::parse(&spec.text, &settings().parse_settings()).unwrap();
            let bench = Bench::new(&spec.text);
            let parsed = bench.parsed();
            assert!(
                parsed.ends_with("- Take in hello-1.0.tar.gz\n\n")
                    || parsed.ends_with("- Take in hello-1.0.tar.gz\n"),
                "{parsed}"
            );
            let told = bench.built(&header.sources);
            let files = [
                "BUILD",
                "BUILDROOT",
                "RPMS",
                "SOURCES",
                "SPECS",
                "SRPMS",
                "hello-1.0.tar.gz",
                "it.spec",
            ];
            let new: Vec<String> = bench
                .files()
                .into_iter()
                .filter(|it| !files.contains(&it.as_str()))
                .collect();
            assert!(new.is_empty(), "{start:?} made {new:?}");
            compare(&start, &header, &told);
            assert_eq!(header.epoch, None, "{start:?}");
            assert_eq!(
                (header.version.as_str(), header.release.as_str()),
                ("1.0", "1.fc43")
            );
            let expected = SpecText::line(text, 1_000)
                .map_or("LicenseRef-Unknown".to_owned(), |it| it.plain());
            assert_eq!(header.license, expected, "{start:?}");
            assert!(
                header.description.contains("middle") || text.len() > 1_000,
                "{start:?}"
            );
            assert!(header.summary.chars().count() <= 210);
        }
    }
}

/// A distribution's macros, which no text of a spec holds, come from the settings.
#[test]
fn settings_can_define_what_a_distribution_knows() {
    let text = "Name: a\nVersion: 1\nRelease: 1%{?dist}\nSummary: s\nLicense: MIT\nExclusiveArch: %{java_arches}\n%if 0%{?fedora} > 42\nBuildRequires: new\n%endif\n%description\nd\n";
    let mut settings = ParseSettings {
        dist: ".fc43".to_owned(),
        arch: std::env::consts::ARCH.to_owned(),
        defines: Vec::new(),
    };
    let error = spec::parse(text, &settings).unwrap_err();
    assert_eq!(error.code().as_str(), "spec-unsupported");
    assert!(error.to_string().contains("line 6"), "{error}");
    settings.defines = vec![
        ("java_arches".to_owned(), "x86_64 aarch64".to_owned()),
        ("fedora".to_owned(), "43".to_owned()),
    ];
    let header = spec::parse(text, &settings).unwrap();
    assert_eq!(header.exclusive_arch, ["x86_64", "aarch64"]);
    assert_eq!(header.build_requires[0].name, "new");
}
