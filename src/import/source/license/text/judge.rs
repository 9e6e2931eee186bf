//! Whether a text that is much like a license grants what the license grants.
//!
//! Likeness in per cent cannot tell: one word more can turn a license into its opposite. So every
//! difference is looked at. Names of people and companies may stand where the license speaks of
//! its holders; a few words may differ, as they do between copies; but a word that grants, forbids
//! or conditions may be neither missing nor new. What is in doubt stays unknown.

use super::align::{Alignment, Run};
use super::shelf::Entry;
use super::words::{GONE, word};

/// Words that may differ in one place.
const MAX_RUN: usize = 5;
/// The same in a long text or a notice, which hold addresses.
const MAX_LONG_RUN: usize = 16;
/// The same where somebody is named.
const MAX_NAME: usize = 18;
/// A text of so many words is long.
const LONG: usize = 1_000;
/// The share of its words that may differ, names left out, as 1/n, and the least of it.
const SHARE: usize = 25;
const MIN_SHARE: usize = 4;
/// The same of a notice, which may or may not speak of later versions.
const NOTICE_SHARE: usize = 5;
/// How near to a difference a word stands that makes it a name's place.
const NEAR: usize = 3;

/// Where these stand, licenses name somebody.
const NAMED: &[u32] = &[
    word("holder"),
    word("holders"),
    word("author"),
    word("authors"),
    word("contributors"),
    word("name"),
    word("names"),
    word("organization"),
    word("company"),
    word("copyright"),
    word("university"),
    word("regents"),
    word("foundation"),
    word("project"),
    word("yyyy"),
    word("year"),
];

/// Words that decide what a license grants.
const DECIDING: &[u32] = &[
    word("not"),
    word("no"),
    word("never"),
    word("cannot"),
    word("except"),
    word("unless"),
    word("only"),
    word("solely"),
    word("must"),
    word("may"),
    word("shall"),
    word("with"),
    word("without"),
    word("provided"),
    word("condition"),
    word("conditions"),
    word("subject"),
    word("commons"),
    word("clause"),
    word("commercial"),
    word("noncommercial"),
    word("commercially"),
    word("prohibited"),
    word("forbidden"),
    word("restricted"),
    word("restriction"),
    word("restrictions"),
    word("exclude"),
    word("excluding"),
    word("permission"),
    word("permitted"),
    word("granted"),
    word("grant"),
    word("required"),
    word("requires"),
    word("fee"),
    word("royalty"),
    word("evaluation"),
    word("proprietary"),
    word("confidential"),
    word("redistribution"),
    word("redistribute"),
    word("sell"),
    word("modify"),
    word("modification"),
    word("modifications"),
    word("sublicense"),
    word("distribute"),
    word("copy"),
    word("evil"),
    word("military"),
];

/// Of these words the ones that anybody may use beside a license.
const PLAIN: &[u32] = &[word("with"), word("copy"), word("clause")];

/// Words of a text beside its licenses that show that it says more of them.
const SAYING_MORE: &[u32] = &[
    word("warranty"),
    word("warranties"),
    word("liable"),
    word("hereby"),
    word("agree"),
    word("agreement"),
    word("exception"),
    word("exceptions"),
    word("redistributions"),
    word("patent"),
    word("patents"),
];
/// Words beside the licenses in a license's file.
const MAX_BESIDE: usize = 400;

/// How much of what a license needs is there, in per cent, where nothing is missing that counts.
pub(super) fn percent(entry: &Entry, text: &[u32], found: &Alignment) -> Option<u8> {
    let needed = entry.advice - entry.title;
    let run_limit = match needed > LONG || entry.is_notice {
        true => MAX_LONG_RUN,
        false => MAX_RUN,
    };
    let (mut differ, mut named) = (0, 0);
    for run in &found.runs {
        let missing = needed_part(entry, run);
        let inserted = &text[run.inserted.clone()];
        if decides(missing, inserted) {
            return None;
        }
        let longest = missing.len().max(inserted.len());
        if longest <= run_limit {
            differ += longest;
        } else if longest <= MAX_NAME && names_somebody(entry, run) {
            named += longest;
        } else {
            return None;
        }
    }
    let share = if entry.is_notice { NOTICE_SHARE } else { SHARE };
    let allowed = (needed / share).max(MIN_SHARE);
    let small_names = found.runs.iter().filter(|it| names_somebody(entry, it));
    let small_names: usize = small_names.map(|it| size(it).min(run_limit)).sum();
    if differ > allowed + small_names || named + differ > needed / 4 {
        return None;
    }
    let good = needed.saturating_sub(differ + named) * 100 / needed;
    u8::try_from(good).ok()
}

/// How well a license explains a text: the more words the better, each difference against it.
pub(super) fn score(entry: &Entry, found: &Alignment) -> usize {
    let off: usize = found
        .runs
        .iter()
        .map(|it| needed_part(entry, it).len() + it.inserted.len())
        .sum();
    found.matched.saturating_sub(off)
}

/// Whether words between and around licenses say no more of them.
pub(super) fn is_harmless(beside: &[u32]) -> bool {
    let left = || beside.iter().filter(|it| **it != GONE);
    let says =
        |it: &u32| (DECIDING.contains(it) && !PLAIN.contains(it)) || SAYING_MORE.contains(it);
    left().count() <= MAX_BESIDE && !left().any(says)
}

/// What a run lacks of the part that every copy has.
fn needed_part<'e>(entry: &'e Entry, run: &Run) -> &'e [u32] {
    let from = run.missing.start.max(entry.title);
    let to = run.missing.end.min(entry.advice);
    entry.words.get(from..to).unwrap_or_default()
}

fn size(run: &Run) -> usize {
    run.missing.len().max(run.inserted.len())
}

/// Whether the deciding words on both sides differ.
fn decides(missing: &[u32], inserted: &[u32]) -> bool {
    let deciding = |side: &[u32]| {
        let mut out: Vec<u32> = side.to_vec();
        out.retain(|it| DECIDING.contains(it));
        out
    };
    deciding(missing) != deciding(inserted)
}

/// Whether the license speaks of somebody where a run stands.
fn names_somebody(entry: &Entry, run: &Run) -> bool {
    let from = run.missing.start.saturating_sub(NEAR);
    let to = (run.missing.end + NEAR).min(entry.words.len());
    entry.words[from..to].iter().any(|it| NAMED.contains(it))
}
