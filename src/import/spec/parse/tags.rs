//! The tags of a preamble.

/// A tag of a preamble.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Tag {
    Name,
    Version,
    Release,
    Epoch,
    Summary,
    License,
    SourceLicense,
    Group,
    Vendor,
    Packager,
    Url,
    Distribution,
    Dist,
    BugUrl,
    Vcs,
    TranslationUrl,
    UpstreamReleases,
    ModularityLabel,
    Source,
    Patch,
    NoSource,
    NoPatch,
    ExcludeArch,
    ExclusiveArch,
    ExcludeOs,
    ExclusiveOs,
    BuildArch,
    BuildRequires,
    BuildConflicts,
    /// Concerns binary packages only.
    Other,
}

/// A line of a preamble, taken apart.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct TagLine<'a> {
    pub(super) tag: Tag,
    /// How the tag is spelt in messages, and the macro it defines.
    pub(super) name: &'static str,
    pub(super) defines_macro: bool,
    /// The number behind `Source` or `Patch`.
    pub(super) number: &'a str,
    /// What stands in parentheses behind the tag.
    pub(super) qualifier: Option<&'a str>,
    pub(super) value: &'a str,
}

/// Every tag: how it begins, what it is, whether it defines a macro, and whether parentheses may
/// follow. One that begins like another stands before it.
const TAGS: &[(&str, Tag, bool, bool)] = &[
    ("name", Tag::Name, true, false),
    ("version", Tag::Version, true, false),
    ("release", Tag::Release, true, false),
    ("epoch", Tag::Epoch, true, false),
    ("summary", Tag::Summary, true, true),
    ("license", Tag::License, true, false),
    ("sourcelicense", Tag::SourceLicense, true, false),
    ("distribution", Tag::Distribution, true, false),
    ("disturl", Tag::Other, true, false),
    ("vendor", Tag::Vendor, true, false),
    ("group", Tag::Group, true, true),
    ("packager", Tag::Packager, true, false),
    ("url", Tag::Url, true, false),
    ("vcs", Tag::Vcs, true, false),
    ("source", Tag::Source, false, false),
    ("patch", Tag::Patch, false, false),
    ("nosource", Tag::NoSource, false, false),
    ("nopatch", Tag::NoPatch, false, false),
    ("excludearch", Tag::ExcludeArch, false, false),
    ("exclusivearch", Tag::ExclusiveArch, false, false),
    ("excludeos", Tag::ExcludeOs, false, false),
    ("exclusiveos", Tag::ExclusiveOs, false, false),
    ("icon", Tag::Other, false, false),
    ("provides", Tag::Other, false, false),
    ("requires", Tag::Other, false, true),
    ("recommends", Tag::Other, false, false),
    ("suggests", Tag::Other, false, false),
    ("supplements", Tag::Other, false, false),
    ("enhances", Tag::Other, false, false),
    ("prereq", Tag::Other, false, true),
    ("conflicts", Tag::Other, false, false),
    ("obsoletes", Tag::Other, false, false),
    ("prefixes", Tag::Other, true, false),
    ("prefix", Tag::Other, true, false),
    ("buildroot", Tag::Other, false, false),
    ("buildarchitectures", Tag::BuildArch, false, false),
    ("buildarch", Tag::BuildArch, false, false),
    ("buildconflicts", Tag::BuildConflicts, false, false),
    ("buildprereq", Tag::BuildRequires, false, false),
    ("buildrequires", Tag::BuildRequires, false, false),
    ("buildsystem", Tag::Other, false, false),
    ("buildoption", Tag::Other, false, true),
    ("autoreqprov", Tag::Other, false, false),
    ("autoreq", Tag::Other, false, false),
    ("autoprov", Tag::Other, false, false),
    ("docdir", Tag::Other, false, false),
    ("disttag", Tag::Dist, true, false),
    ("bugurl", Tag::BugUrl, true, false),
    ("translationurl", Tag::TranslationUrl, true, false),
    ("upstreamreleases", Tag::UpstreamReleases, true, false),
    ("orderwithrequires", Tag::Other, false, true),
    ("removepathpostfixes", Tag::Other, true, false),
    ("modularitylabel", Tag::ModularityLabel, true, false),
];

/// Takes a line of a preamble apart; nothing where it begins with no tag.
pub(super) fn tag_line(line: &str) -> Option<TagLine<'_>> {
    let (name, tag, defines_macro, parentheses) = TAGS.iter().find(|it| {
        line.get(..it.0.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(it.0))
    })?;
    let rest = line[name.len()..].trim_ascii_start();
    let (head, value) = rest.split_once(':')?;
    let head = head.trim_ascii();
    let numbered = matches!(tag, Tag::Source | Tag::Patch);
    let qualifier = head
        .strip_prefix('(')
        .and_then(|it| it.strip_suffix(')'))
        .map(str::trim_ascii)
        .filter(|_| *parentheses);
    (head.is_empty() || numbered || qualifier.is_some()).then_some(TagLine {
        tag: *tag,
        name,
        defines_macro: *defines_macro,
        number: if numbered { head } else { "" },
        qualifier,
        value: value.trim_ascii(),
    })
}
