//! What becomes of a PEP 440 version in RPM.
//!
//! PEP 440 orders the versions of one release so: development releases, then the candidates
//! (each with its own development and post-releases around it), the release, the release with a
//! local part, its post-releases.

use super::RpmVersion;
use pep440_rs::{LocalSegment, PrereleaseKind, Version};
use std::fmt::Write as _;

/// The RPM version of a PEP 440 version: `1.0rc1` becomes `1.0~rc1`, `1.0.dev2` `1.0~~dev2`,
/// `1.0.post1` `1.0^post1`, a local part `^local`, an epoch the epoch.
///
/// Local parts sort between a release and its post-releases, as upstream; among each other they
/// sort by RPM's rules, which know no difference between `cu.9` and `cu9`. An epoch over RPM's
/// 32 bits becomes the highest one.
#[must_use]
pub fn of_pep440(version: &Version) -> RpmVersion {
    let release: Vec<String> = version.release().iter().map(u64::to_string).collect();
    let mut text = release.join(".");
    if let Some(pre) = version.pre() {
        let word = match pre.kind {
            PrereleaseKind::Alpha => "a",
            PrereleaseKind::Beta => "b",
            PrereleaseKind::Rc => "rc",
        };
        let _ = write!(text, "~{word}{}", pre.number);
    }
    if let Some(number) = version.post() {
        let _ = write!(text, "^post{number}");
    }
    if let Some(number) = version.dev() {
        let _ = write!(text, "~~dev{number}");
    }
    if !version.local().is_empty() {
        text.push('^');
        text.push_str(&local(version.local()));
    }
    let epoch = u32::try_from(version.epoch()).unwrap_or(u32::MAX);
    RpmVersion {
        epoch: (epoch > 0).then_some(epoch),
        version: text,
    }
}

/// The local part in a form that sorts before `post`: RPM puts numbers after letters, so a local
/// part that begins with a number, or with letters late in the alphabet, follows `plus`.
fn local(segments: &[LocalSegment]) -> String {
    let parts: Vec<String> = segments.iter().map(ToString::to_string).collect();
    let text = parts.join(".");
    let word: &str = text
        .split(|c: char| !c.is_ascii_alphabetic())
        .next()
        .unwrap_or_default();
    if word.is_empty() || word >= "plus" {
        format!("plus.{text}")
    } else {
        text
    }
}
