//! The words with a percent sign that are no macros: sections, conditions and
//! what stands within sections.

/// A section, as far as a source header is concerned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Section {
    Package,
    Description,
    Prep,
    Files,
    Changelog,
    GenerateBuildRequires,
    SourceList,
    PatchList,
    /// A script, or anything else that no source header shows.
    Other,
}

const OTHERS: [&str; 28] = [
    "conf",
    "build",
    "install",
    "check",
    "clean",
    "preun",
    "postun",
    "pretrans",
    "posttrans",
    "preuntrans",
    "postuntrans",
    "pre",
    "post",
    "triggerpostun",
    "triggerprein",
    "triggerun",
    "triggerin",
    "trigger",
    "verifyscript",
    "sepolicy",
    "filetriggerin",
    "filetrigger",
    "filetriggerun",
    "filetriggerpostun",
    "transfiletriggerin",
    "transfiletrigger",
    "transfiletriggerun",
    "transfiletriggerpostun",
];

/// The words that open, continue and close a condition, and the one that brings in a file.
const CONDITIONS: [&str; 11] = [
    "if", "ifarch", "ifnarch", "ifos", "ifnos", "elif", "elifarch", "elifos", "else", "endif",
    "include",
];

/// The words of `%prep` and `%files`.
const COMMANDS: [&str; 17] = [
    "setup",
    "patch",
    "artifact",
    "attr",
    "config",
    "defattr",
    "dev",
    "dir",
    "doc",
    "docdir",
    "exclude",
    "ghost",
    "lang",
    "license",
    "missingok",
    "readme",
    "verify",
];

/// Whether a word behind a percent sign is part of a spec's form, and never a macro.
pub(super) fn is_directive(word: &str) -> bool {
    CONDITIONS.contains(&word) || COMMANDS.contains(&word) || section_named(word).is_some()
}

/// The section that a line begins.
pub(super) fn section(line: &str) -> Option<Section> {
    let rest = line.strip_prefix('%')?;
    let end = rest
        .find(|c: char| c.is_ascii_whitespace())
        .unwrap_or(rest.len());
    section_named(&rest[..end])
}

fn section_named(word: &str) -> Option<Section> {
    const NAMED: [(&str, Section); 9] = [
        ("package", Section::Package),
        ("description", Section::Description),
        ("prep", Section::Prep),
        ("files", Section::Files),
        ("changelog", Section::Changelog),
        ("generate_buildrequires", Section::GenerateBuildRequires),
        ("sourcelist", Section::SourceList),
        ("patchlist", Section::PatchList),
        ("end", Section::Other),
    ];
    NAMED
        .iter()
        .find(|it| it.0.eq_ignore_ascii_case(word))
        .map(|it| it.1)
        .or_else(|| {
            OTHERS
                .iter()
                .any(|it| it.eq_ignore_ascii_case(word))
                .then_some(Section::Other)
        })
}
