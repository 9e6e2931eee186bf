//! All licenses that a text holds.
//!
//! The best is found, taken out, and the next looked for, until none is left. The text counts as
//! recognised only where what remains says no more of licenses.

use super::align::align;
use super::judge::{is_harmless, percent, score};
use super::shelf::{Entry, find, says_later, shelf};
use super::words::{GONE, word, words};

/// Licenses and notices of one text.
const MAX_FOUND: usize = 12;
/// The candidates that are laid over a text in one round.
const MAX_TRIES: usize = 5;

/// What a text holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::import::source::license) struct Recognised {
    /// SPDX names, each once, in the order of the text.
    pub(in crate::import::source::license) licenses: Vec<String>,
    /// How much of the least sure license is there word by word.
    pub(in crate::import::source::license) percent: u8,
}

/// One license in a text.
struct Found {
    start: usize,
    entry: &'static Entry,
    /// The SPDX name, without what a notice may say of later versions.
    id: String,
    later: bool,
    percent: u8,
}

/// The licenses of a text, where it holds at least one and leaves nothing open.
pub(in crate::import::source::license) fn recognise(text: &str) -> Option<Recognised> {
    let mut left = words(text);
    let mut all: Vec<Found> = Vec::new();
    while all.len() < MAX_FOUND {
        let Some(found) = take_best(&mut left) else {
            break;
        };
        all.push(found);
    }
    if all.is_empty() || !is_harmless(&left) {
        return None;
    }
    all.sort_by_key(|it| it.start);
    let percent = all.iter().map(|it| it.percent).min()?;
    let later = says_later(&left);
    let mut licenses: Vec<String> = Vec::new();
    for it in &all {
        let name = name(it, &all, later);
        if !licenses.contains(&name) {
            licenses.push(name);
        }
    }
    without_implied(&mut licenses);
    Some(Recognised { licenses, percent })
}

/// The LGPL of version 3 is written as an addition to the GPL, which therefore comes with it.
pub(in crate::import::source::license) fn without_implied(licenses: &mut Vec<String>) {
    if licenses.iter().any(|it| it.starts_with("LGPL-3.0")) {
        licenses.retain(|it| !it.starts_with("GPL-3.0"));
    }
}

/// Finds the license that explains most of the words and removes it from them.
fn take_best(left: &mut [u32]) -> Option<Found> {
    let mut best: Option<(usize, Found, std::ops::Range<usize>)> = None;
    for (shared, entry) in shelf().candidates(left).into_iter().take(MAX_TRIES) {
        // With fewer shingles than that it cannot explain more.
        if best
            .as_ref()
            .is_some_and(|it| it.0 > shared + shared / 4 + 40)
        {
            break;
        }
        let Some(laid) = align(&entry.words, left) else {
            continue;
        };
        let score = score(entry, &laid);
        if best.as_ref().is_some_and(|it| it.0 >= score) {
            continue;
        }
        if let Some(percent) = percent(entry, left, &laid) {
            let region = &left[laid.region.clone()];
            let found = Found {
                start: laid.region.start,
                id: id(entry, region),
                later: entry.is_notice && says_later(region),
                entry,
                percent,
            };
            best = Some((score, found, laid.region));
        }
    }
    let (_, found, region) = best?;
    left[region].fill(GONE);
    Some(found)
}

/// The name of what was found; the notices of the GNU licenses say their version themselves.
fn id(entry: &Entry, region: &[u32]) -> String {
    let family = entry.id.split('-').next().unwrap_or_default();
    if !(entry.is_notice && entry.is_gnu()) {
        return entry.id.to_owned();
    }
    let versions = [("1", "1.0"), ("2", "2.0"), ("3", "3.0")];
    let said = |number: &str| find(region, &[word("version"), word(number)]).is_some();
    if find(region, &[word("version"), word("2"), word("1")]).is_some() {
        return format!("{family}-2.1-only");
    }
    let version = versions.iter().find(|it| said(it.0));
    version.map_or(entry.id.to_owned(), |it| format!("{family}-{}-only", it.1))
}

/// The name with what the notices of the same license say of later versions. The text of a license
/// alone does not say it; then only its own version is granted.
fn name(found: &Found, all: &[Found], later: bool) -> String {
    let noticed = all.iter().any(|it| it.id == found.id && it.later);
    match found.id.strip_suffix("-only") {
        Some(base) if found.entry.is_gnu() && (noticed || later) => format!("{base}-or-later"),
        _ => found.id.clone(),
    }
}
