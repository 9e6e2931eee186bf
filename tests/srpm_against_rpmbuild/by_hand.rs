//! Specs made by hand, each about one thing that a source header can say.

use std::fmt::Write as _;

/// A preamble with what every spec needs; `more` are further tags.
fn tags(name: &str, more: &str) -> String {
    format!(
        "Name: {name}\nVersion: 1.0\nRelease: 3%{{?dist}}\nSummary: A demo\nLicense: MIT\n{more}"
    )
}

/// A whole spec that has no sources to unpack.
fn whole(name: &str, more: &str) -> String {
    let tags = tags(name, more);
    format!("{tags}%description\nA demo.\n%prep\ntrue\n%files\n")
}

/// Tags only, or those and what follows the description.
const TAGS: &[(&str, &str)] = &[
    ("none", ""),
    ("epoch", "Epoch: 7\n"),
    ("epoch-zero", "Epoch: 0\n"),
    ("noarch", "BuildArch: noarch\n"),
    ("archs", "BuildArch: noarch x86_64\n"),
    ("old-archs", "BuildArchitectures: noarch\n"),
    (
        "excluded",
        "ExcludeArch: s390x ppc64le\nExcludeArch: i686\nExcludeOS: solaris\n",
    ),
    (
        "exclusive",
        "BuildArch: noarch\nExclusiveArch: x86_64 aarch64 noarch\nExclusiveOS: linux\n",
    ),
    ("arch-macros", "ExclusiveArch: %{ix86} %{power64} %{arm}\n"),
    (
        "people",
        "Vendor: A vendor of things\nPackager: Ann Ünïque <ann@a.example>\nGroup: System Environment/Libraries\nDistribution: A distribution\n",
    ),
    (
        "links",
        "URL: https://a.example/x?y=1#z\nBugURL: https://bugs.a.example/\nVCS: git:https://a.example/x.git\nTranslationURL: https://t.a.example\nUpstreamReleases: https://r.a.example\nDistTag: tag\nModularityLabel: a:b:c:d\n",
    ),
    ("licenses", "SourceLicense: MIT AND BSD-3-Clause\n"),
    ("one-source", "Source: a.txt\n"),
    (
        "source-address",
        "Source0: https://a.example/p/a.txt\nSource1: https://a.example/get?x=1#/b.txt\nSource2: https://a.example/get?file=c.txt\n",
    ),
    (
        "source-gaps",
        "Source7: g.txt\nSource2: b.txt\nSource: h.txt\nSource100: z.txt\n",
    ),
    (
        "source-twice",
        "Source0: a.txt\nSource1: b.txt\nSource2: a.txt\n",
    ),
    (
        "patches",
        "Patch10: j.patch\nPatch2: b.patch\nPatch: k.patch\nSource: a.txt\n",
    ),
    (
        "nosource",
        "Source0: a.txt\nSource1: b.txt\nSource2: c.txt\nNoSource: 2\nNoSource: 0\n",
    ),
    (
        "nopatch",
        "Source0: a.txt\nPatch0: a.patch\nPatch1: b.patch\nNoPatch: 1\n",
    ),
    (
        "requires",
        "BuildRequires: gcc, make   cmake >= 3.1 ,zlib-devel\nBuildRequires: b <= 1:2-3 c = 2 d < 4 e > 5 f => 6 g =< 7 h == 8\n",
    ),
    (
        "requires-odd",
        "BuildRequires: perl(A::B) >= 1.2 pkgconfig(x) python3dist(a[b]) /usr/bin/x lib.so.1()(64bit) _under Zed config(x)\nBuildPreReq: old\n",
    ),
    (
        "requires-twice",
        "BuildRequires: a\nBuildRequires: a, a >= 1\nBuildRequires: a >= 1, a < 2, a >= 2\n",
    ),
    (
        "requires-new-versions",
        "BuildRequires: a >= 1~rc1, b < 2^git1\nBuildConflicts: c = 3~1\n",
    ),
    (
        "rich",
        "BuildRequires: (a or b), (c and d >= 1:2-3)\nBuildRequires: ((e and f) or (g with h)) (i with j(k) < 3)\nBuildRequires: (l if m else n) (o without p)\n",
    ),
    (
        "rich-new-versions",
        "BuildRequires: (a >= 1~rc1 and b < 2^x)\n",
    ),
    (
        "conflicts",
        "BuildConflicts: bad < 2, worse, (q or r)\nBuildConflicts: bad < 2\n",
    ),
    (
        "rpmlib",
        "BuildRequires: rpmlib(DynamicBuildRequires) >= 4.15, rpm >= 4.14\n",
    ),
    (
        "unused",
        "Requires: a\nProvides: b = 1\nObsoletes: c < 2\nRecommends: d\nPrefix: /opt\nBuildRoot: /x\nAutoReqProv: no\nRequires(post): e\n",
    ),
    (
        "bconds",
        "%bcond_with x\n%bcond_without y\n%if %{with x}\nBuildRequires: no\n%endif\n%if %{with y}\nBuildRequires: yes\n%endif\n%{?with_y:BuildRequires: also}\n",
    ),
    (
        "branches",
        "%if 0%{?fedora}\nSource: fedora.txt\n%else\n%ifarch x86_64\nSource: here.txt\n%else\nSource: there.txt\n%endif\n%endif\n%ifos linux\nSource: linux.txt\n%endif\n",
    ),
    (
        "macros",
        "%global a 1\n%define b() x%{1}y%{?2:-%2}\n%global c %{a}%%\nSource: %{b 5 6}-%{a}.txt\n%{!?zz:BuildRequires: %{b:1}}\n%undefine a\nBuildRequires: v%{?a}%{!?a:none} %[2*3] %{expr:1+1}x\n",
    ),
    (
        "spaces",
        "Source:   a.txt   \t\n\n# a comment\n   # another one\t\nBuildRequires:\tx   \n",
    ),
    (
        "case",
        "SOURCE0: a.txt\nbuildrequires: x\nbuildarch: noarch\nPATCH3: a.patch\n",
    ),
    (
        "languages",
        "Summary(de): Eine Vorführung\nSummary(fr_FR.UTF-8): Une démo\nGroup: Dev/Tools\nGroup(pl): Programowanie\nBuildArch: noarch\n",
    ),
    (
        "languages-group",
        "Group(ja): 開発\nSummary(C): The last one counts\n",
    ),
];

/// What follows the tags, after a description.
const BODIES: &[(&str, &str)] = &[
    ("no-files", ""),
    (
        "subpackages",
        "%package sub\nSummary: s\n%description sub\nx\n%package -n other-name\nSummary: s\nVersion: 2\nRelease: 9\nEpoch: 4\n%description -n other-name\nx\n%package unbuilt\nSummary: s\n%description unbuilt\nx\n%package own\nSummary: s\nVersion: 7\n%description own\nx\n%files own\n%files\n%files -n other-name\n%files sub -f list\n",
    ),
    (
        "dynamic",
        "%generate_buildrequires\necho 'a-thing >= 1'\n%files\n",
    ),
    (
        "translated",
        "%description -l de\nDeutsch.\n\nZwei Absätze.\n%description -l pl\nPolski.\n%package sub\nSummary: s\nSummary(cs): Pod\n%description sub\nx\n%description -l es sub\nno\n%files\n%files sub\n",
    ),
    (
        "lists",
        "%sourcelist\na.txt\nhttps://a.example/b.txt\n\n# no\n%patchlist\na.patch\nb.patch\n%files\n",
    ),
    (
        "scripts",
        "%prep\n# kept %%  \n%if 1\necho yes   \n%endif\n%build\n# kept too\n\n%install\n   # and this\n%check\n%pre\nexit 0\n%post -p /bin/sh\n%preun\ntrue\n%triggerin -- foo\ntrue\n%verifyscript\ntrue\n%files\n# gone\n%defattr(-,root,root)\n%if 0\n%doc no\n%endif\n%config(noreplace) /etc/x   \n%changelog\n# gone\n* Mon Jan 02 2023 Ann <ann@a.example> - 1.0-3\n- x   \n",
    ),
    (
        "changelog-times",
        "%files\n%changelog\n* Mon Jan 02 2023 10:22:33 UTC Not a time\n- x\n* Sun Jan 01 2023 A B C <abc@a.example>\n- long\n  and longer\n\n  and apart\n* Sat Dec 31 2022 D - 1\n-\n",
    ),
    (
        "changelog-percent",
        "%files\n%changelog\n* Mon Jan 02 2023 A <a@a.example> - 1\n- %%files, 100%% and %{name}\n",
    ),
    (
        "unicode",
        "%package -n unicode-sub\nSummary: Größe — 大きさ\n%description -n unicode-sub\nñ\n%files -n unicode-sub\n%files\n/usr/share/ünïcode\n%changelog\n* Mon Jan 02 2023 Änn Öther 姓名 <a@a.example> - 1.0-3\n- “quoted” … 😀\n",
    ),
];

/// All of them: a name each, and the text.
pub(super) fn all() -> Vec<(String, String)> {
    let tagged = TAGS.iter().map(|(name, more)| (*name, whole(name, more)));
    let bodied = BODIES.iter().map(|(name, more)| {
        let text = format!(
            "{}%description\nText.\n\n  Indented — text.\n# gone\n\n\n{more}",
            tags(name, "")
        );
        (*name, text)
    });
    let more = [
        ("many-sources", many_sources()),
        ("many-requires", many_requires()),
        ("many-packages", many_packages()),
        ("long-changelog", long_changelog()),
        ("empty-description", "Name: empty-description\nVersion: 0\nRelease: 0\nSummary: S\nLicense: L\n%description\n".to_owned()),
        ("versions", "Name: Ver_sions+x\nVersion: 1.0~rc1^git.2\nRelease: 0.1.a_b%{?dist}.2\nSummary: s\nLicense: GPL-2.0-or-later OR (MIT AND BSD)\nBuildRequires: %{name}-x = %{version}-%{release}\n%description\n%{summary} %{name}\n%files\n".to_owned()),
    ];
    let all = tagged.chain(bodied).chain(more);
    all.map(|(name, text)| (name.to_owned(), text)).collect()
}

fn many_sources() -> String {
    let mut more = String::new();
    for number in (0..300).rev() {
        let _ = writeln!(more, "Source{number}: s{number}.txt");
    }
    for number in 0..100 {
        let _ = writeln!(more, "Patch{}: p{number}.patch", number * 3);
    }
    whole("many-sources", &more)
}

fn many_requires() -> String {
    let mut more = String::new();
    for number in 0..500 {
        let _ = writeln!(more, "BuildRequires: r{} >= {number}", number * 7919 % 500);
    }
    whole("many-requires", &more)
}

fn many_packages() -> String {
    let mut rest = String::new();
    for number in 0..60 {
        let _ = writeln!(
            rest,
            "%package p{number}\nSummary: s\n%description p{number}\nx\n%files p{number}"
        );
    }
    format!("{}{rest}", whole("many-packages", "BuildArch: noarch\n"))
}

fn long_changelog() -> String {
    let mut text = whole("long-changelog", "");
    text.push_str("%changelog\n");
    for number in 0..600 {
        let _ = writeln!(
            text,
            "* Mon Jan 02 2023 Ann Other <ann@a.example> - 1.0-{number}\n- Änderung {number}\n  - and\n"
        );
    }
    text
}
