//! The known texts, and which of them a text may hold.
//!
//! The texts come with the spdx crate. They are read once, when the first text is looked up:
//! every run of four words that a license needs is listed with the licenses that hold it, so that
//! a text is compared with the few that share most of it.

use super::words::{GONE, word, words};
use spdx::LicenseId;
use spdx::text::LICENSE_TEXTS;
use std::sync::OnceLock;

/// Words of one shingle.
pub(super) const SHINGLE: usize = 4;
/// Shorter texts say too little to be told from others.
const MIN_WORDS: usize = 25;
/// A title is not longer.
const MAX_TITLE: usize = 14;
/// The share of its shingles that a text must hold to be compared with a license, as 1/n.
const SHARE: usize = 2;
/// The licenses that a text is compared with.
const MAX_CANDIDATES: usize = 8;

/// One known text.
pub(super) struct Entry {
    /// The SPDX name. Of the GNU licenses the one with `-only`.
    pub(super) id: &'static str,
    /// Whether it is the notice that refers to a license, and not the license.
    pub(super) is_notice: bool,
    pub(super) words: Box<[u32]>,
    /// The words before this one are the title, which copies leave out.
    pub(super) title: usize,
    /// The words from this one on are advice, which copies leave out.
    pub(super) advice: usize,
    /// How many shingles are in the index.
    shingles: usize,
}

/// All known texts and their index.
pub(super) struct Shelf {
    pub(super) entries: Vec<Entry>,
    /// Shingle and entry, in buckets of those with the same upper 16 bits.
    postings: Vec<(u32, u16)>,
    /// Where each bucket begins.
    starts: Vec<u32>,
}

/// Notices within the texts of licenses: whose, and the words that they begin and end with.
const NOTICES: &[(&str, &str, &str)] = &[
    (
        "GPL-2.0-only",
        "This program is free software; you can",
        "if not, write to the Free Software Foundation",
    ),
    (
        "GPL-3.0-only",
        "This program is free software: you can",
        "along with this program. If not, see",
    ),
    (
        "LGPL-2.1-only",
        "This library is free software; you can",
        "if not, write to the Free Software Foundation",
    ),
    (
        "AGPL-3.0-only",
        "This program is free software: you can",
        "along with this program. If not, see",
    ),
    (
        "Apache-2.0",
        "Licensed under the Apache License, Version 2.0",
        "limitations under the License",
    ),
    (
        "MPL-2.0",
        "This Source Code Form is subject to the terms",
        "You can obtain one at",
    ),
];

/// What copies have at the end and the crate's text has not.
const EPILOGUES: &[(&str, &str)] = &[(
    "GPL-2.0-only",
    "This General Public License does not permit incorporating your program into proprietary \
     programs. If your program is a subroutine library, you may consider it more useful to permit \
     linking proprietary applications with the library. If this is what you want to do, use the \
     GNU Lesser General Public License instead of this License.",
)];

/// What stands before a license and belongs to it: the Ruby license leaves the choice of another.
const PROLOGUES: &[(&str, &str)] = &[(
    "Ruby",
    "You can redistribute it and/or modify it under either the terms of the 2-clause BSDL (see \
     the file BSDL), or the conditions below:\n\n",
)];

/// The shelf; the first call reads it.
pub(super) fn shelf() -> &'static Shelf {
    static SHELF: OnceLock<Shelf> = OnceLock::new();
    SHELF.get_or_init(Shelf::read)
}

/// The hash of a shingle; none where a word is gone.
pub(super) fn shingle(words: &[u32]) -> Option<u32> {
    let mut hash = 0_u32;
    for word in words {
        if *word == GONE {
            return None;
        }
        hash = (hash ^ word).wrapping_mul(0x9e37_79b1).rotate_left(15);
    }
    Some(hash ^ (hash >> 13))
}

impl Shelf {
    fn read() -> Self {
        let mut entries = Vec::new();
        for (id, text) in LICENSE_TEXTS {
            let same = id.ends_with("-or-later") || id.ends_with("-invariants-only");
            let replaced = spdx::license_id(id).is_none_or(LicenseId::is_deprecated);
            if !same && !replaced {
                entries.extend(Entry::of_license(id, text));
            }
            for (of, from, to) in NOTICES {
                if of == id {
                    entries.extend(Entry::of_notice(id, text, from, to));
                }
            }
        }
        let mut postings = Vec::new();
        for (number, entry) in (0_u16..).zip(&mut entries) {
            let mut own: Vec<u32> = entry.words[entry.title..entry.advice]
                .windows(SHINGLE)
                .filter_map(shingle)
                .collect();
            own.sort_unstable();
            own.dedup();
            entry.shingles = own.len();
            postings.extend(own.into_iter().map(|it| (it, number)));
        }
        let (postings, starts) = in_buckets(&postings);
        Self {
            entries,
            postings,
            starts,
        }
    }

    /// The entries that share most with these words: how many shingles, and which, best first.
    pub(super) fn candidates(&self, words: &[u32]) -> Vec<(usize, &Entry)> {
        let mut shingles: Vec<u32> = words.windows(SHINGLE).filter_map(shingle).collect();
        shingles.sort_unstable();
        shingles.dedup();
        let mut shared = vec![0_usize; self.entries.len()];
        for it in shingles {
            for number in self.holders(it) {
                shared[usize::from(*number)] += 1;
            }
        }
        let mut out: Vec<(usize, &Entry)> = shared
            .into_iter()
            .zip(&self.entries)
            .filter(|(shared, entry)| *shared > 0 && shared * SHARE >= entry.shingles)
            .collect();
        out.sort_by_key(|(shared, entry)| (usize::MAX - shared, entry.id.len(), entry.id));
        out.truncate(MAX_CANDIDATES);
        out
    }

    fn holders(&self, shingle: u32) -> impl Iterator<Item = &u16> {
        let upper = (shingle >> 16) as usize;
        let (from, to) = (self.starts[upper] as usize, self.starts[upper + 1] as usize);
        let same = self.postings[from..to].iter();
        same.filter(move |it| it.0 == shingle).map(|it| &it.1)
    }
}

/// Puts postings into their buckets; also where each begins, with the end of the last.
fn in_buckets(all: &[(u32, u16)]) -> (Vec<(u32, u16)>, Vec<u32>) {
    let bucket = |it: &(u32, u16)| (it.0 >> 16) as usize;
    let mut starts = vec![0; (1 << 16) + 1];
    for it in all {
        starts[bucket(it) + 1] += 1;
    }
    for at in 1..starts.len() {
        starts[at] += starts[at - 1];
    }
    let mut free = starts.clone();
    let mut postings = vec![(0, 0); all.len()];
    for it in all {
        let place = &mut free[bucket(it)];
        postings[*place as usize] = *it;
        *place += 1;
    }
    (postings, starts)
}

impl Entry {
    fn of_license(id: &'static str, text: &str) -> Option<Self> {
        let added = |table: &[(&str, &'static str)]| {
            let own = table.iter().find(|it| it.0 == id);
            words(own.map_or("", |it| it.1))
        };
        let prologue = added(PROLOGUES);
        let title = match prologue.len() {
            0 => title(text),
            length => length,
        };
        let all = [prologue, words(text), added(EPILOGUES)].concat();
        let advice = match id {
            // The rest is the GPL, which comes in a file of its own.
            "LGPL-3.0-only" => find(&all, &words("GNU GENERAL PUBLIC LICENSE Version 3 29 June")),
            _ => find(&all, &words("END OF TERMS AND CONDITIONS")),
        };
        let entry = Self {
            id,
            is_notice: false,
            title,
            advice: advice.unwrap_or(all.len()),
            words: all.into(),
            shingles: 0,
        };
        let needed = entry.advice.checked_sub(entry.title);
        needed.is_some_and(|it| it >= MIN_WORDS).then_some(entry)
    }

    fn of_notice(id: &'static str, text: &str, from: &str, to: &str) -> Option<Self> {
        let (all, to) = (words(text), words(to));
        let starts = &all[find(&all, &words(from))?..];
        let end = find(starts, &to)? + to.len();
        let details = words("General Public License for more details");
        let advice = find(starts, &details).map_or(end, |it| it + details.len());
        Some(Self {
            id,
            is_notice: true,
            words: starts[..end].into(),
            title: 0,
            advice: advice.min(end),
            shingles: 0,
        })
    }

    /// Whether it is one of the GNU licenses, which differ by what a notice says of later ones.
    pub(super) fn is_gnu(&self) -> bool {
        self.id.ends_with("-only")
    }
}

/// Words of the first paragraph, where it is short enough for a title.
fn title(text: &str) -> usize {
    let text = text.trim_start();
    let paragraph = text.split("\n\n").next().unwrap_or_default();
    let count = words(paragraph).len();
    let whole = paragraph.len() == text.len();
    if count <= MAX_TITLE && !whole {
        count
    } else {
        0
    }
}

/// Where one run of words stands in another.
pub(super) fn find(words: &[u32], wanted: &[u32]) -> Option<usize> {
    words
        .windows(wanted.len().max(1))
        .position(|it| it == wanted)
}

/// Whether the words say `any later version` or `or later`.
pub(super) fn says_later(words: &[u32]) -> bool {
    const ANY: [u32; 3] = [word("any"), word("later"), word("version")];
    const OR: [u32; 2] = [word("or"), word("later")];
    find(words, &ANY).is_some() || find(words, &OR).is_some()
}
