//! Requires and conflicts of a source package: the spec's own and those on features of RPM.
//!
//! `rpmbuild` sorts them by name, version and flags, and keeps one of several that are equal.

use super::super::compression::Compression;
use super::super::source_header::{Dependency, Sense, SourceHeader};
use super::super::tag;

/// A dependency as its three tags hold it; the order of the fields is the order of sorting.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Line<'a> {
    pub(super) name: &'a str,
    pub(super) version: &'a str,
    pub(super) flags: u32,
}

impl<'a> Line<'a> {
    fn of(dependency: &'a Dependency) -> Self {
        let on_rpm = dependency.name.starts_with("rpmlib(");
        Self {
            name: &dependency.name,
            version: &dependency.version,
            flags: dependency.sense.bits() | if on_rpm { tag::SENSE_RPMLIB } else { 0 },
        }
    }

    fn feature(name: &'a str, version: &'a str) -> Self {
        Self {
            name,
            version,
            flags: tag::SENSE_RPMLIB | Sense::LessEqual.bits(),
        }
    }
}

/// Flag of the one feature that a reader may do without.
const MISSING_OK: u32 = 1 << 19;

/// The requires.
pub(super) fn requires(
    header: &SourceHeader,
    compression: Compression,
    has_large_file: bool,
) -> Vec<Line<'_>> {
    let mut out: Vec<Line<'_>> = header.build_requires.iter().map(Line::of).collect();
    out.push(Line::feature("rpmlib(CompressedFileNames)", "3.0.4-1"));
    out.push(Line::feature("rpmlib(FileDigests)", "4.6.0-1"));
    if let Some((name, version)) = compression.feature() {
        out.push(Line::feature(name, version));
    }
    if has_large_file {
        out.push(Line::feature("rpmlib(LargeFiles)", "4.12.0-1"));
    }
    if header.dynamic_build_requires {
        let mut line = Line::feature("rpmlib(DynamicBuildRequires)", "4.15.0-1");
        line.flags |= MISSING_OK;
        out.push(line);
    }
    let all = || header.build_requires.iter().chain(&header.build_conflicts);
    if all().any(|it| it.name.starts_with('(')) {
        out.push(Line::feature("rpmlib(RichDependencies)", "4.12.0-1"));
    }
    if all().any(|it| version_has(it, '~')) {
        out.push(Line::feature("rpmlib(TildeInVersions)", "4.10.0-1"));
    }
    if all().any(|it| version_has(it, '^')) {
        out.push(Line::feature("rpmlib(CaretInVersions)", "4.15.0-1"));
    }
    sorted(out)
}

/// The conflicts.
pub(super) fn conflicts(header: &SourceHeader) -> Vec<Line<'_>> {
    sorted(header.build_conflicts.iter().map(Line::of).collect())
}

fn sorted(mut lines: Vec<Line<'_>>) -> Vec<Line<'_>> {
    lines.sort();
    lines.dedup();
    lines
}

/// Whether a version holds the character; in a rich dependency that is any word that follows a
/// comparison.
fn version_has(dependency: &Dependency, wanted: char) -> bool {
    if !dependency.name.starts_with('(') {
        return dependency.version.contains(wanted);
    }
    let words: Vec<&str> = dependency
        .name
        .split(|c: char| c.is_whitespace() || c == '(' || c == ')')
        .filter(|it| !it.is_empty())
        .collect();
    words
        .windows(2)
        .any(|pair| pair[0].bytes().all(|it| b"<=>".contains(&it)) && pair[1].contains(wanted))
}
