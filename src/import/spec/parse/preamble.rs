//! The tags of the main package and of subpackages.

use super::super::error::Error;
use super::super::expand::{Expander, has_mark, split_quoted};
use super::dependency::{Together, dependencies};
use super::draft::{Draft, File, check_length};
use super::line::{Line, known};
use super::tags::{Tag, TagLine, tag_line};
use crate::rpmfile::Dependency;

/// What came of a tag.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Outcome {
    Done,
    /// The main package says for which architectures it is: RPM begins anew for the first.
    BuildArch,
}

/// Where a tag stands.
pub(super) struct Place<'a> {
    pub(super) draft: &'a mut Draft,
    pub(super) expander: &'a mut Expander,
    /// The package that the preamble is of.
    pub(super) package: usize,
}

fn invalid<T>(line: usize, problem: impl Into<String>) -> Result<T, Error> {
    Err(Error::Invalid {
        line,
        problem: problem.into(),
    })
}

/// Takes in one line of a preamble.
pub(super) fn take(place: &mut Place<'_>, line: &Line) -> Result<Outcome, Error> {
    let text = line.text.trim_ascii_end();
    if text.is_empty() {
        return Ok(Outcome::Done);
    }
    let Some(found) = tag_line(text).filter(|it| !has_mark(it.number)) else {
        // A macro in place of a tag: it may stand for anything.
        known(text, "a tag", line.number)?;
        let start: String = text.chars().take(60).collect();
        return invalid(line.number, format!("{start:?} is no tag"));
    };
    if found.value.is_empty() {
        return invalid(line.number, format!("{} has no value", found.name));
    }
    let main = place.package == 0;
    if main && found.tag != Tag::Other || reaches_header_anyway(found.tag) {
        known(found.value, found.name, line.number)?;
    }
    let outcome = set(place, &found, line.number)?;
    if found.defines_macro {
        place.expander.define(found.name, found.value);
        if main {
            let name = found.name.to_ascii_uppercase();
            place.expander.define(&name, found.value);
        }
    }
    Ok(outcome)
}

/// Whether the tag of a subpackage shows in the source header.
const fn reaches_header_anyway(tag: Tag) -> bool {
    !matches!(
        tag,
        Tag::Summary
            | Tag::License
            | Tag::Group
            | Tag::Vendor
            | Tag::Packager
            | Tag::Url
            | Tag::Distribution
            | Tag::Dist
            | Tag::BugUrl
            | Tag::Vcs
            | Tag::TranslationUrl
            | Tag::UpstreamReleases
            | Tag::ModularityLabel
            | Tag::Other
    )
}

fn set(place: &mut Place<'_>, found: &TagLine<'_>, line: usize) -> Result<Outcome, Error> {
    let value = found.value;
    let header = &mut place.draft.header;
    match found.tag {
        Tag::Name | Tag::Version | Tag::Release | Tag::Epoch => identity(place, found, line)?,
        Tag::Summary | Tag::Group => {
            place.draft.packages[place.package].has_summary |= found.tag == Tag::Summary;
            if place.package == 0 {
                translated(place.draft, found);
            }
        }
        Tag::SourceLicense => place.draft.source_license = Some(value.to_owned()),
        Tag::Source | Tag::Patch => {
            add_file(place, found.tag, Some(found.number), value, line)?;
        }
        Tag::NoSource | Tag::NoPatch => leave_out(place.draft, found, line)?,
        Tag::ExcludeArch => header.exclude_arch.extend(split_quoted(value)),
        Tag::ExclusiveArch => header.exclusive_arch.extend(split_quoted(value)),
        Tag::ExcludeOs => header.exclude_os.extend(split_quoted(value)),
        Tag::ExclusiveOs => header.exclusive_os.extend(split_quoted(value)),
        Tag::BuildRequires => {
            add_dependencies(&mut header.build_requires, value, Together::All, line)?;
        }
        Tag::BuildConflicts => {
            add_dependencies(&mut header.build_conflicts, value, Together::None, line)?;
        }
        Tag::BuildArch => return build_arch(place, value, line),
        _ if place.package == 0 => text_tag(place.draft, found, line)?,
        _ => {}
    }
    Ok(Outcome::Done)
}

/// A summary or group, in the language that stands behind the tag; a second one takes the place of
/// the first.
fn translated(draft: &mut Draft, found: &TagLine<'_>) {
    let summary = found.tag == Tag::Summary;
    let value = found.value.to_owned();
    match found.qualifier.filter(|it| *it != "C") {
        Some(language) if summary => draft.translation(language).summary = value,
        Some(language) => draft.translation(language).group = value,
        None if summary => draft.header.summary = value,
        None => draft.header.group = Some(value),
    }
}

/// Tags of the main package that are a text.
fn text_tag(draft: &mut Draft, found: &TagLine<'_>, line: usize) -> Result<(), Error> {
    let header = &mut draft.header;
    let value = found.value.to_owned();
    let field = match found.tag {
        Tag::License => {
            let before = std::mem::replace(&mut header.license, value);
            if !before.is_empty() {
                return invalid(line, "license stands twice");
            }
            return Ok(());
        }
        Tag::Url => &mut header.url,
        Tag::Vendor => &mut header.vendor,
        Tag::Packager => &mut header.packager,
        Tag::Distribution => &mut header.distribution,
        Tag::Dist => &mut header.dist_tag,
        Tag::BugUrl => &mut header.bug_url,
        Tag::Vcs => &mut header.vcs,
        Tag::TranslationUrl => &mut header.translation_url,
        Tag::UpstreamReleases => &mut header.upstream_releases,
        Tag::ModularityLabel => &mut header.modularity_label,
        _ => return Ok(()),
    };
    let single = matches!(
        found.tag,
        Tag::Url
            | Tag::Dist
            | Tag::BugUrl
            | Tag::Vcs
            | Tag::TranslationUrl
            | Tag::UpstreamReleases
            | Tag::ModularityLabel
    );
    if single && value.contains(|c: char| c.is_ascii_whitespace()) {
        return invalid(line, format!("{} takes one word", found.name));
    }
    if field.replace(value).is_some() {
        return invalid(line, format!("{} stands twice", found.name));
    }
    Ok(())
}

/// Name, epoch, version and release.
fn identity(place: &mut Place<'_>, found: &TagLine<'_>, line: usize) -> Result<(), Error> {
    let value = found.value;
    if value.contains(|c: char| c.is_ascii_whitespace()) {
        return invalid(line, format!("{} takes one word", found.name));
    }
    let name = found.tag == Tag::Name;
    let extra = if name { ".-_+" } else { "._+~^" };
    let first = value.chars().next().unwrap_or(' ');
    let plain = value
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || extra.contains(c));
    if !plain || value.contains("..") || (name && !(first.is_ascii_alphanumeric() || first == '_'))
    {
        return invalid(line, format!("{value:?} is no {}", found.name));
    }
    let epoch = value.parse::<u32>();
    if found.tag == Tag::Epoch && epoch.is_err() {
        return invalid(line, format!("{value:?} is no epoch"));
    }
    // A subpackage begins with the main package's epoch, version and release.
    let package = &mut place.draft.packages[place.package];
    let field = match found.tag {
        Tag::Name => &mut package.name,
        Tag::Version => &mut package.version,
        Tag::Release => &mut package.release,
        _ => {
            let before = package.epoch.replace(epoch.unwrap_or_default());
            if before.is_some() && place.package == 0 {
                return invalid(line, "epoch stands twice");
            }
            return Ok(());
        }
    };
    if place.package == 0 && !field.is_empty() {
        return invalid(line, format!("{} stands twice", found.name));
    }
    value.clone_into(field);
    Ok(())
}

/// Adds a source or a patch; without a number it follows the highest one.
pub(super) fn add_file(
    place: &mut Place<'_>,
    tag: Tag,
    number: Option<&str>,
    value: &str,
    line: usize,
) -> Result<(), Error> {
    let source = tag == Tag::Source;
    let list = if source {
        &mut place.draft.sources
    } else {
        &mut place.draft.patches
    };
    check_length(list.len(), line)?;
    let number = match number {
        Some(digits) if !digits.is_empty() => digits.parse().ok(),
        _ => Some(list.last_key_value().map_or(0, |it| it.0.saturating_add(1))),
    };
    let Some(number) = number.filter(|it| *it <= 1 << 30) else {
        return invalid(line, "a source or patch has no good number");
    };
    let name = match value.rsplit_once('/') {
        Some((_, last)) => last.rsplit_once('=').map_or(last, |it| it.1),
        None => value,
    };
    let file = File {
        name: name.to_owned(),
        left_out: false,
        place: list.len(),
    };
    if list.insert(number, file).is_some() {
        return invalid(line, format!("source or patch {number} stands twice"));
    }
    let kind = if source { "SOURCE" } else { "PATCH" };
    let path = format!("%{{_sourcedir}}/{name}");
    place.expander.define(&format!("{kind}{number}"), &path);
    place.expander.define(&format!("{kind}URL{number}"), value);
    Ok(())
}

fn leave_out(draft: &mut Draft, found: &TagLine<'_>, line: usize) -> Result<(), Error> {
    let list = if found.tag == Tag::NoSource {
        &mut draft.sources
    } else {
        &mut draft.patches
    };
    // One number and no list, though rpm's own manual says otherwise: rpm 4.18 takes nothing else.
    let digits = found.value.bytes().all(|it| it.is_ascii_digit());
    let number = found.value.parse().ok().filter(|_| digits);
    match number.and_then(|it: u32| list.get_mut(&it)) {
        Some(file) => file.left_out = true,
        None => {
            let problem = format!("{} names no file {:?}", found.name, found.value);
            return invalid(line, problem);
        }
    }
    Ok(())
}

fn add_dependencies(
    list: &mut Vec<Dependency>,
    value: &str,
    together: Together,
    line: usize,
) -> Result<(), Error> {
    check_length(list.len(), line)?;
    list.extend(dependencies(value, together).map_err(|problem| Error::Invalid { line, problem })?);
    Ok(())
}

fn build_arch(place: &mut Place<'_>, value: &str, line: usize) -> Result<Outcome, Error> {
    let archs = split_quoted(value);
    if place.package > 0 {
        if archs != ["noarch"] {
            return invalid(line, "a subpackage can have no BuildArch but noarch");
        }
        return Ok(Outcome::Done);
    }
    if !place.draft.header.build_archs.is_empty() {
        return invalid(line, "BuildArch stands twice");
    }
    place.draft.header.build_archs = archs;
    Ok(Outcome::BuildArch)
}
