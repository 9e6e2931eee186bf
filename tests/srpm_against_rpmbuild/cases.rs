//! Specs, and the headers that stand for them, made by hand.

use distmill::rpmfile::{ChangelogEntry, Dependency, Sense, SourceHeader};

/// A spec and what it says.
pub(crate) struct Case {
    pub(crate) name: &'static str,
    pub(crate) spec: &'static str,
    /// Without SPEC, which is taken from `rpmbuild`.
    pub(crate) header: SourceHeader,
    pub(crate) sources: &'static [(&'static str, &'static [u8])],
}

fn texts(values: &[&str]) -> Vec<String> {
    values.iter().map(|it| (*it).to_owned()).collect()
}

/// `name`, or `name OPERATOR version`.
fn dependency(text: &str) -> Dependency {
    let words: Vec<&str> = text.split(' ').collect();
    let (sense, version) = match words[..] {
        [_, sign, version] if !text.starts_with('(') => {
            let sense = match sign {
                "<" => Sense::Less,
                ">" => Sense::Greater,
                "=" => Sense::Equal,
                "<=" => Sense::LessEqual,
                _ => Sense::GreaterEqual,
            };
            (sense, version)
        }
        _ => (Sense::Any, ""),
    };
    Dependency {
        name: if version.is_empty() { text } else { words[0] }.to_owned(),
        sense,
        version: version.to_owned(),
    }
}

fn dependencies(values: &[&str]) -> Vec<Dependency> {
    values.iter().map(|it| dependency(it)).collect()
}

fn base(name: &str, version: &str) -> SourceHeader {
    SourceHeader {
        name: name.to_owned(),
        version: version.to_owned(),
        release: "3".to_owned(),
        summary: "A demo".to_owned(),
        license: "MIT".to_owned(),
        ..SourceHeader::default()
    }
}

fn change(time: u32, author: &str, text: &str) -> ChangelogEntry {
    ChangelogEntry {
        time,
        author: author.to_owned(),
        text: text.to_owned(),
    }
}

/// Every case.
pub(crate) fn all() -> Vec<Case> {
    vec![
        plain(),
        numbered(),
        restricted(),
        left_out(),
        versions(),
        empty(),
    ]
}

fn plain() -> Case {
    Case {
        name: "demo.spec",
        spec: "\
Name: demo
Version: 1.0
Release: 3
Summary: A demo
License: MIT
URL: https://example.org/
Source0: https://example.org/demo-1.0.tar.gz
BuildArch: noarch
BuildRequires: python3-devel
%description
One.

Two.
%files
%changelog
* Mon Jan 02 2023 Ann Other <ann@example.org> - 1.0-3
- ünïcode
- more

* Sun Jan 01 2023 Ann Other <ann@example.org> - 1.0-2
- first
",
        header: SourceHeader {
            url: Some("https://example.org/".to_owned()),
            description: "One.\n\nTwo.".to_owned(),
            sources: texts(&["demo-1.0.tar.gz"]),
            build_archs: texts(&["noarch"]),
            build_requires: dependencies(&["python3-devel"]),
            provides: dependencies(&["demo = 1.0-3"]),
            changelog: vec![
                change(
                    1_672_660_800,
                    "Ann Other <ann@example.org> - 1.0-3",
                    "- ünïcode\n- more",
                ),
                change(
                    1_672_574_400,
                    "Ann Other <ann@example.org> - 1.0-2",
                    "- first",
                ),
            ],
            ..base("demo", "1.0")
        },
        sources: &[("demo-1.0.tar.gz", b"not much of an archive")],
    }
}

/// Sources and patches out of order, one of them twice; an epoch; packages with versions of
/// their own.
fn numbered() -> Case {
    Case {
        name: "a.spec",
        spec: "\
Name: numbered
Epoch: 2
Version: 1.0
Release: 3
Summary: A demo
License: MIT
Source10: s1.tar.gz
Source0: s0.tar.gz
Source5: s2.tar.gz
Source6: s0.tar.gz
Patch3: p2.patch
Patch1: p1.patch
BuildRequires: gcc, make
BuildRequires: zlib >= 1.2, zlib >= 1.2, zlib < 3, zlib, zlib > 1.2, zlib = 10
BuildRequires: pkgconfig(abc) = 1:2, /usr/bin/perl, Zed, _under
BuildConflicts: evil, bad < 2, bad < 2, (q or r)
%description
%package sub
Summary: sub
Version: 5
%description sub
%package -n aaa
Summary: aaa
Epoch: 7
Release: 9
%description -n aaa
%package unbuilt
Summary: without files
%description unbuilt
%files
%files sub
%files -n aaa
",
        header: SourceHeader {
            epoch: Some(2),
            sources: texts(&["s1.tar.gz", "s0.tar.gz", "s2.tar.gz", "s0.tar.gz"]),
            patches: texts(&["p2.patch", "p1.patch"]),
            build_requires: dependencies(&[
                "gcc",
                "make",
                "zlib >= 1.2",
                "zlib >= 1.2",
                "zlib < 3",
                "zlib",
                "zlib > 1.2",
                "zlib = 10",
                "pkgconfig(abc) = 1:2",
                "/usr/bin/perl",
                "Zed",
                "_under",
            ]),
            build_conflicts: dependencies(&["evil", "bad < 2", "bad < 2", "(q or r)"]),
            provides: dependencies(&[
                "numbered = 2:1.0-3",
                "numbered-sub = 2:5-3",
                "aaa = 7:1.0-9",
            ]),
            ..base("numbered", "1.0")
        },
        sources: &[
            ("s0.tar.gz", b"zero"),
            ("s1.tar.gz", b"one"),
            ("s2.tar.gz", b"two two"),
            ("p1.patch", b"p"),
            ("p2.patch", b""),
        ],
    }
}

fn restricted() -> Case {
    Case {
        name: "restricted.spec",
        spec: "\
Name: restricted
Version: 1.0
Release: 3
Summary: A demo
License: MIT
Group: Applications/Text
Vendor: A vendor
Packager: A packager <p@example.org>
Distribution: A distribution
BugURL: https://example.org/bugs
VCS: git:https://example.org/git
ExclusiveArch: x86_64 aarch64 noarch
ExcludeArch: s390
ExclusiveOS: linux
ExcludeOS: windows
BuildRequires: rpmlib(FileDigests) >= 4
%description
%generate_buildrequires
echo another
",
        header: SourceHeader {
            group: Some("Applications/Text".to_owned()),
            vendor: Some("A vendor".to_owned()),
            packager: Some("A packager <p@example.org>".to_owned()),
            distribution: Some("A distribution".to_owned()),
            bug_url: Some("https://example.org/bugs".to_owned()),
            vcs: Some("git:https://example.org/git".to_owned()),
            exclusive_arch: texts(&["x86_64", "aarch64", "noarch"]),
            exclude_arch: texts(&["s390"]),
            exclusive_os: texts(&["linux"]),
            exclude_os: texts(&["windows"]),
            build_requires: dependencies(&["rpmlib(FileDigests) >= 4"]),
            dynamic_build_requires: true,
            ..base("restricted", "1.0")
        },
        sources: &[],
    }
}

fn left_out() -> Case {
    Case {
        name: "left.spec",
        spec: "\
Name: left
Version: 1.0
Release: 3
Summary: A demo
License: MIT
Source0: secret0.bin
Source1: open.bin
Source2: secret2.bin
Patch7: p7.patch
Patch8: p8.patch
NoSource: 0
NoSource: 2
NoPatch: 8
%description
",
        header: SourceHeader {
            sources: texts(&["secret0.bin", "open.bin", "secret2.bin"]),
            patches: texts(&["p7.patch", "p8.patch"]),
            no_source: vec![0, 2],
            no_patch: vec![8],
            left_out: texts(&["secret0.bin", "secret2.bin", "p8.patch"]),
            ..base("left", "1.0")
        },
        sources: &[
            ("secret0.bin", b"secret"),
            ("open.bin", b"open"),
            ("secret2.bin", b"secret too"),
            ("p7.patch", b"7"),
            ("p8.patch", b"88"),
        ],
    }
}

/// Versions that ask for features of RPM.
fn versions() -> Case {
    Case {
        name: "versions.spec",
        spec: "\
Name: versions
Version: 1.0~rc1
Release: 3
Summary: A demo
License: MIT
BuildRequires: name~tilde
BuildRequires: (a >= 1~2 if (b or c^d))
BuildConflicts: x < 1^git
%description
%files
",
        header: SourceHeader {
            build_requires: dependencies(&["name~tilde", "(a >= 1~2 if (b or c^d))"]),
            build_conflicts: dependencies(&["x < 1^git"]),
            provides: dependencies(&["versions = 1.0~rc1-3"]),
            ..base("versions", "1.0~rc1")
        },
        sources: &[],
    }
}

fn empty() -> Case {
    Case {
        name: "empty.spec",
        spec: "\
Name: empty
Version: 1.0
Release: 3
Summary: A demo
License: MIT
%description
",
        header: base("empty", "1.0"),
        sources: &[],
    }
}
