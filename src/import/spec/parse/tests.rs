//! What a header says of small specs; `tests/spec_against_rpmspec.rs` asks the real RPM.

use super::*;
use crate::import::spec::Error;
use crate::model::Code;
use crate::rpmfile::SourceHeader;

fn settings() -> ParseSettings {
    ParseSettings {
        dist: ".fc43".to_owned(),
        arch: "x86_64".to_owned(),
        defines: Vec::new(),
    }
}

fn spec(top: &str, rest: &str) -> String {
    format!("{top}\nName: a\nVersion: 1\nRelease: 1%{{?dist}}\nSummary: s\nLicense: MIT\n{rest}\n")
}

fn read(top: &str, rest: &str) -> Result<SourceHeader, Error> {
    parse(&spec(top, rest), &settings())
}

/// Reads a spec whose rest has a description, and so is whole.
fn header(top: &str, rest: &str) -> SourceHeader {
    let rest = format!("{rest}\n%description\nd\n");
    read(top, &rest).unwrap()
}

fn names(list: &[crate::rpmfile::Dependency]) -> Vec<&str> {
    list.iter().map(|it| it.name.as_str()).collect()
}

#[test]
fn tags_are_read_and_define_macros() {
    let it = header(
        "%global up 1.0rc1",
        "URL: https://x/%{name}/%{up}\nEpoch: 2\nSource: %{url}/%{NAME}-%{up}.tar.gz\nPatch5: b.patch\nPatch: c\nNoPatch: 5",
    );
    assert_eq!((it.epoch, it.release.as_str()), (Some(2), "1.fc43"));
    assert_eq!(it.url.as_deref(), Some("https://x/a/1.0rc1"));
    assert_eq!(it.sources, ["a-1.0rc1.tar.gz"]);
    assert_eq!(it.patches, ["b.patch", "c"]);
    assert_eq!(it.no_patch, [5]);
}

#[test]
fn conditions_and_build_conditions_choose() {
    let it = header(
        "%bcond_with x\n%bcond_without y\n%bcond z 1\n%if 0%{?fedora} >= 40\nBuildRequires: no1\n%elif %{without x} && \"a\" != \"b\"\nBuildRequires: yes1\n%else\nBuildRequires: no2\n%endif",
        "%ifarch x86_64 %{arm}\n%if %{with y}\n%if %{with z}\nBuildRequires: yes2\n%endif\n%endif\n%else\n%(false) %{lua:x}\n%endif\n%{?with_x:BuildRequires: no3}\n%{!?with_x:BuildRequires: yes3}",
    );
    assert_eq!(names(&it.build_requires), ["yes1", "yes2", "yes3"]);
}

#[test]
fn macros_take_arguments_and_nest() {
    let it = header(
        "%define req(n:v) BuildRequires: %{-n*}-%1 %{-v:verbose %{#}}\n%global two() %{expand:\nBuildRequires: %1\nBuildRequires: %{?2}%{!?2:none}\n}\n%global body x%%y",
        "%req -n n1 -v a b\n%two c\n%{two: d}\nBuildRequires: %{basename:/p/q.r} %{suffix:q.r} %{expr:1+2} %[1 ? \"t\" : \"u\"]\nBuildRequires: %{?undefined_thing}%{?nil}e %dnl comment\n",
    );
    let requires = names(&it.build_requires);
    assert_eq!(
        requires,
        [
            "n1-a", "verbose", "2", "c", "none", "d", "q.r", "r", "3", "t", "e"
        ]
    );
}

#[test]
fn packages_with_files_are_provided_in_order() {
    let it = header(
        "",
        "%package -n b\nSummary: s\nVersion: 3\nEpoch: 1\nRequires: %(unknown)\n%description -n b\n%(x)\n%package c\nSummary: s\n%description c\nx\n%package d\nSummary: s\n%description d\n%files c\n%files -n b -f %{pyproject_files}\n%{unknown}\n%files",
    );
    let provided: Vec<String> = it
        .provides
        .iter()
        .map(|it| format!("{}={}", it.name, it.version))
        .collect();
    assert_eq!(provided, ["a=1-1.fc43", "b=1:3-1.fc43", "a-c=1-1.fc43"]);
}

#[test]
fn the_extras_macro_makes_packages() {
    let it = header(
        "",
        "%description\nd\n%pyproject_extras_subpkg -n python3-a x,y\n%prep\n%autosetup\n%generate_buildrequires\n%pyproject_buildrequires\n%files",
    );
    assert_eq!(names(&it.provides), ["a", "python3-a+x", "python3-a+y"]);
    assert!(it.dynamic_build_requires);
}

#[test]
fn build_arch_begins_anew() {
    let it = header(
        "%ifarch noarch\n%global seen yes\n%endif",
        "BuildArch: noarch\nBuildRequires: %{?seen}%{!?seen:no}",
    );
    assert_eq!(it.build_archs, ["noarch"]);
    assert_eq!(names(&it.build_requires), ["yes"]);
}

#[test]
fn code_is_an_error_only_where_it_reaches_the_header() {
    let fine = "%global c %(git rev-parse HEAD)\n%global l %{lua: print(1)}";
    let it = header(
        fine,
        "Requires: %{c}\n%build\n%if %{c}\n%global q 1\nmake\n%endif\n%{lua:x} %(date) %unknown\n%if 1\n%endif",
    );
    assert_eq!(it.name, "a");
    for (top, rest, place, text) in [
        (fine, "URL: %{c}", "url", "%(git rev-parse HEAD)"),
        (fine, "Release: %autorelease", "release", "%autorelease"),
        (
            fine,
            "Source: %{basename:%{l}}",
            "source",
            "%{basename:%{l}}",
        ),
        (fine, "%gometa -f", "a tag", "%gometa"),
        (
            fine,
            "%if %{c}\n%endif",
            "a condition",
            "%(git rev-parse HEAD)",
        ),
        (
            fine,
            "%description\n%{l}",
            "the description",
            "%{lua: print(1)}",
        ),
        (
            fine,
            "%changelog\n%autochangelog",
            "%changelog",
            "%autochangelog",
        ),
        (
            fine,
            "%package %{l}",
            "the name of a subpackage",
            "%{lua: print(1)}",
        ),
        (fine, "%files -n %{l}", "the package of %files", "%{lua:"),
        (
            "",
            "%build\n%if %(x)\n%global q 1\n%endif\n%package %{?q}",
            "the name of a subpackage",
            "%{?q}",
        ),
        (
            "",
            "%{expand:%{quote:%{getenv:HOME}}}: x",
            "a tag",
            "%{quote:%{getenv:HOME}}",
        ),
    ] {
        let spec = spec(top, rest).replace(
            "Release: 1%{?dist}\n",
            if rest.starts_with("Release") {
                ""
            } else {
                "Release: 1\n"
            },
        );
        match parse(&spec, &settings()).unwrap_err() {
            error @ Error::Unknown { .. } => {
                assert_eq!(error.code(), Code::SpecUnsupported);
                let Error::Unknown {
                    place: at,
                    macro_text,
                    line,
                } = error
                else {
                    unreachable!()
                };
                assert_eq!((at, macro_text.as_str()), (place, text), "{rest}");
                assert!(line > 1);
            }
            other => panic!("{rest}: {other}"),
        }
    }
}

#[test]
fn a_macro_that_adds_to_an_unknown_one_stays_unknown() {
    let it = header(
        "%{expand: %%define optflags %{optflags} -g}\n%global ldflags %{ldflags} -g",
        "%build\n%{optflags} %{ldflags}",
    );
    assert_eq!(it.name, "a");
    let error = read("%global rel %{rel}.1", "URL: %{rel}\n%description\nd").unwrap_err();
    assert_eq!(error.code(), Code::SpecUnsupported);
}

#[test]
fn a_shortened_commit_is_understood() {
    let it = header(
        "%global commit 0123456789abcdef\n%global short %(c=%{commit}; echo ${c:0:7})",
        "%{?perl_default_filter}\n%filter_from_requires /^x(/d\nSource: %{short}.tar",
    );
    assert_eq!(it.sources, ["0123456.tar"]);
    for script in [
        "c=a b; echo ${c:0:7}",
        "c=a; echo ${c:0:7};x",
        "c=$(x); echo ${c:0:7}",
    ] {
        let error = read("", &format!("URL: %({script})\n%description\nd")).unwrap_err();
        assert_eq!(error.code(), Code::SpecUnsupported, "{script}");
    }
}

#[test]
fn debug_packages_are_provided_where_the_spec_asks_for_them() {
    let it = header("", "%files\n%debug_package\n%install");
    assert_eq!(names(&it.provides), ["a", "a-debuginfo"]);
    let it = header(
        "%global debug_package %{nil}",
        "%files\n%debug_package\n%install",
    );
    assert_eq!(names(&it.provides), ["a"]);
    let it = header("", "BuildArch: noarch\n%files\n%debug_package");
    assert_eq!(names(&it.provides), ["a"]);
}

#[test]
fn percent_codes_are_no_macros() {
    let it = header(
        "",
        "URL: https://x/%20b%E6%2Fc\nSource: https://x/a%20b.tar",
    );
    assert_eq!(it.url.as_deref(), Some("https://x/%20b%E6%2Fc"));
    assert_eq!(it.sources, ["a%20b.tar"]);
}

#[test]
fn a_section_may_not_hang_on_what_nobody_knows() {
    let error = read("", "%build\n%if %(x)\n%files\n%endif\n%description\nd").unwrap_err();
    assert_eq!(error.code(), Code::SpecUnsupported, "{error}");
}

#[test]
fn changelogs_keep_stray_percent_signs() {
    let it = header(
        "",
        "%description\nd\n%changelog\n* Mon Jan 15 2024 A <a@b> - 1-1\n- Use %configure and 5% of %%{x}\n# gone\n- b\n",
    );
    assert_eq!(it.changelog[0].text, "- Use %configure and 5% of %{x}\n- b");
    assert_eq!(it.changelog[0].author, "A <a@b> - 1-1");
}

#[test]
fn mistakes_are_refused() {
    for (top, rest) in [
        ("", "Name: b\n%description\nd"),
        ("", "Nonsense\n%description\nd"),
        ("", "Foo: x\n%description\nd"),
        ("", "Epoch: x\n%description\nd"),
        ("", "URL: a b\n%description\nd"),
        ("", "Source0: a\nSource0: b\n%description\nd"),
        ("", "NoSource: 3\n%description\nd"),
        ("", "Source: a\nSource: b\nNoSource: 0, 1\n%description\nd"),
        ("", "Source: a\nNoSource: +0\n%description\nd"),
        ("", "%if 1\n%description\nd"),
        ("%endif", "%description\nd"),
        ("%if 1\n%else\n%else\n%endif", "%description\nd"),
        ("%if foo\n%endif", "%description\nd"),
        ("%{expand:", "%description\nd"),
        ("", "%package b\nSummary: s\n%description\nd"),
        ("", "%description\nd\n%files b"),
        (
            "",
            "%package b\nRequires: x\n%description\nd\n%description b\nd",
        ),
        ("", ""),
        ("%global name", "%description\nd"),
        ("%{error: no}", "%description\nd"),
    ] {
        let error = read(top, rest).unwrap_err();
        assert_eq!(error.code(), Code::SpecInvalid, "{top:?} {rest:?}: {error}");
    }
    let include = read("%include /etc/passwd", "%description\nd").unwrap_err();
    assert_eq!(include.code(), Code::SpecUnsupported);
}

#[test]
fn expansion_is_bounded() {
    let mut doubling = String::from("%global m0 xxxxxxxxxxxxxxxx\n");
    for i in 1..60 {
        doubling.push_str(&format!("%global m{i} %{{m{0}}}%{{m{0}}}\n", i - 1));
    }
    let mut lazy = String::from("%define m0 x\n");
    for i in 1..60 {
        lazy.push_str(&format!("%define m{i} %{{m{0}}}%{{m{0}}}\n", i - 1));
    }
    lazy.push_str("%{m59}\n");
    let endless = "%define loop %{loop}\n%{loop}".to_owned();
    let deep = format!("{}x{}", "%{?nil:".repeat(5_000), "}".repeat(5_000));
    let huge = "#".repeat(5 << 20);
    let unknown = format!("{}{}", "%{u ".repeat(100_000), "}".repeat(100_000));
    let open = "%if 0\n".repeat(100_000);
    let many = "Source: a\n".repeat(60_000);
    for top in [doubling, lazy, endless, deep, huge, unknown, open, many] {
        let error = read(&top, "%description\nd").unwrap_err();
        assert!(matches!(error, Error::TooLarge { .. }), "{error}");
    }
}

proptest::proptest! {
    #[test]
    fn any_text_is_read_or_refused(text in "([%{}()\\[\\]\\\\:?!#\"\n]|%\\{|%if|%global x|%description|Name: |1|a| |\\PC){0,200}") {
        let _ = parse(&text, &settings());
        let _ = parse(&spec("", &text), &settings());
    }
}
