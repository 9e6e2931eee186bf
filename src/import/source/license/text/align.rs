//! Lays a license over a text: which of its words are there, in order, and what stands between.
//!
//! Shingles that occur once in the license are the fixed points; the longest rising row of them
//! within one band is kept, so that of two copies in a text only one is taken. What lies between
//! is compared word by word.

use super::shelf::{SHINGLE, shingle};
use std::collections::HashMap;
use std::ops::Range;

/// The longest stretch between fixed points that is compared word by word.
const MAX_GAP: usize = 80;

/// Words that are in one of both only, at one place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Run {
    /// Words of the license.
    pub(super) missing: Range<usize>,
    /// Words of the text.
    pub(super) inserted: Range<usize>,
}

/// How a license lies over a text.
#[derive(Debug)]
pub(super) struct Alignment {
    /// The words of the text from the first to the last that belong to the license.
    pub(super) region: Range<usize>,
    /// How many words both have.
    pub(super) matched: usize,
    /// All that differs, in order.
    pub(super) runs: Vec<Run>,
}

/// A place in text and license.
type Point = (usize, usize);

/// Lays `license` over `text`; nothing where no shingle of it is there.
pub(super) fn align(license: &[u32], text: &[u32]) -> Option<Alignment> {
    let points = rising(&in_band(fixed_points(license, text), license.len()));
    let (first, last) = (*points.first()?, *points.last()?);
    let mut out = Alignment {
        region: first.0..last.0 + SHINGLE,
        matched: 0,
        runs: Vec::new(),
    };
    // The words before the first point; what the text has before them is not in the region.
    let before = first.0.saturating_sub(first.1 + SHINGLE);
    let mut head = pairs(&text[before..first.0], &license[..first.1]);
    for pair in &mut head {
        pair.0 += before;
    }
    let mut at = (first.0, 0);
    if let Some(start) = head.first() {
        out.region.start = start.0;
        at = (start.0, 0);
    }
    for pair in head {
        at = out.step(at, pair, 1);
    }
    for point in points {
        at = out.go_to(at, point, license, text);
    }
    // The words behind the last point.
    let behind = at;
    let rest = license.len() - behind.1;
    let end = (behind.0 + rest + SHINGLE).min(text.len());
    for (t, l) in pairs(&text[behind.0..end], &license[behind.1..]) {
        at = out.step(at, (behind.0 + t, behind.1 + l), 1);
    }
    out.region.end = at.0;
    if at.1 < license.len() {
        out.runs.push(Run {
            missing: at.1..license.len(),
            inserted: at.0..at.0,
        });
    }
    Some(out)
}

impl Alignment {
    /// Goes on from `at` to the next fixed point; the place behind it.
    fn go_to(&mut self, at: Point, point: Point, license: &[u32], text: &[u32]) -> Point {
        if point.0 < at.0 || point.1 < at.1 {
            // Overlaps the one before: on the same line it goes on, else it is a mere echo.
            let on_line = point.0 + at.1 == point.1 + at.0;
            let end = (point.0 + SHINGLE, point.1 + SHINGLE);
            if !on_line || end.0 <= at.0 {
                return at;
            }
            self.matched += end.0 - at.0;
            return end;
        }
        let mut here = at;
        for (t, l) in pairs(&text[at.0..point.0], &license[at.1..point.1]) {
            here = self.step(here, (at.0 + t, at.1 + l), 1);
        }
        self.step(here, point, SHINGLE)
    }

    /// Takes `count` words that both have at `point`, and what lies before them; the place
    /// behind them.
    fn step(&mut self, at: Point, point: Point, count: usize) -> Point {
        if point != at {
            self.runs.push(Run {
                missing: at.1..point.1,
                inserted: at.0..point.0,
            });
        }
        self.matched += count;
        (point.0 + count, point.1 + count)
    }
}

/// Where the license's unique shingles stand in the text.
fn fixed_points(license: &[u32], text: &[u32]) -> Vec<Point> {
    let mut places: HashMap<u32, Option<usize>> = HashMap::with_capacity(license.len());
    for (at, it) in license.windows(SHINGLE).enumerate() {
        if let Some(hash) = shingle(it) {
            let place = places.entry(hash);
            place.and_modify(|it| *it = None).or_insert(Some(at));
        }
    }
    text.windows(SHINGLE)
        .enumerate()
        .filter_map(|(at, it)| Some((at, (*places.get(&shingle(it)?)?)?)))
        .collect()
}

/// The points of the fullest band of nearly equal distance between text and license.
fn in_band(points: Vec<Point>, license: usize) -> Vec<Point> {
    let width = (license / 8).max(40);
    let line = |it: &Point| it.0 + license - it.1;
    let mut lines: Vec<usize> = points.iter().map(line).collect();
    lines.sort_unstable();
    let (mut best, mut from, mut most) = (0, 0, 0);
    for (to, it) in lines.iter().enumerate() {
        while it - lines[from] > width {
            from += 1;
        }
        if to + 1 - from > most {
            (most, best) = (to + 1 - from, lines[from]);
        }
    }
    let within = |it: &Point| (best..=best + width).contains(&line(it));
    points.into_iter().filter(within).collect()
}

/// The longest row of points that rises in both; they already rise in the text.
fn rising(points: &[Point]) -> Vec<Point> {
    // For each length the point that ends such a row lowest, and for each point the one before.
    let mut ends: Vec<usize> = Vec::new();
    let mut before: Vec<Option<usize>> = Vec::with_capacity(points.len());
    for (number, point) in points.iter().enumerate() {
        let length = ends.partition_point(|it| points[*it].1 < point.1);
        before.push(length.checked_sub(1).map(|it| ends[it]));
        match ends.get_mut(length) {
            Some(end) => *end = number,
            None => ends.push(number),
        }
    }
    let mut row = Vec::with_capacity(ends.len());
    let mut next = ends.last().copied();
    while let Some(number) = next {
        row.push(points[number]);
        next = before[number];
    }
    row.reverse();
    row
}

/// The words that two stretches have in common, in order: those at both ends, and of short
/// stretches also those in the middle.
fn pairs(text: &[u32], license: &[u32]) -> Vec<Point> {
    let both = text.iter().zip(license);
    let head = both.take_while(|it| it.0 == it.1).count();
    let (rest, wanted) = (&text[head..], &license[head..]);
    let both = rest.iter().rev().zip(wanted.iter().rev());
    let tail = both.take_while(|it| it.0 == it.1).count();
    let (rows, columns) = (rest.len() - tail, wanted.len() - tail);
    let mut out: Vec<Point> = (0..head).map(|it| (it, it)).collect();
    let middle = common(&rest[..rows], &wanted[..columns]);
    out.extend(middle.iter().map(|it| (head + it.0, head + it.1)));
    let ends = (head + rows, head + columns);
    out.extend((0..tail).map(|it| (ends.0 + it, ends.1 + it)));
    out
}

/// The longest row of words that two short stretches have in common; none of long ones.
fn common(text: &[u32], license: &[u32]) -> Vec<Point> {
    let (rows, columns) = (text.len(), license.len());
    if rows == 0 || columns == 0 || rows > MAX_GAP || columns > MAX_GAP {
        return Vec::new();
    }
    let wide = columns + 1;
    let mut lengths = vec![0_u8; (rows + 1) * wide];
    for t in (0..rows).rev() {
        for l in (0..columns).rev() {
            lengths[t * wide + l] = if text[t] == license[l] {
                lengths[(t + 1) * wide + l + 1] + 1
            } else {
                lengths[(t + 1) * wide + l].max(lengths[t * wide + l + 1])
            };
        }
    }
    let (mut t, mut l) = (0, 0);
    let mut out = Vec::new();
    while t < rows && l < columns {
        if text[t] == license[l] {
            out.push((t, l));
            (t, l) = (t + 1, l + 1);
        } else if lengths[(t + 1) * wide + l] >= lengths[t * wide + l + 1] {
            t += 1;
        } else {
            l += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::source::license::text::words::words;

    const LICENSE: &str = "you may use copy and change this work for any purpose if the name of \
                           its author stays where it is now";

    fn laid(text: &str) -> Alignment {
        align(&words(LICENSE), &words(text)).unwrap()
    }

    #[test]
    fn the_same_words_leave_nothing() {
        let found = laid(&format!("Some header. {LICENSE}. The end of it."));
        assert_eq!(found.region, 2..24);
        assert_eq!((found.matched, found.runs), (22, vec![]));
    }

    #[test]
    fn what_differs_is_told_with_its_place() {
        let changed = LICENSE.replace("for any purpose", "but never for any good purpose");
        let found = laid(&changed);
        let run = |missing, inserted| Run { missing, inserted };
        assert_eq!(found.runs, [run(8..8, 8..10), run(10..10, 12..13)]);
        let short = laid(LICENSE.split(" if").next().unwrap());
        assert_eq!(short.runs, [run(11..22, 11..11)]);
    }

    #[test]
    fn of_two_copies_one_is_taken() {
        let long: Vec<u32> = (1..100).collect();
        let twice = [&[500, 501][..], &long, &[502], &long].concat();
        let found = align(&long, &twice).unwrap();
        assert_eq!((found.matched, found.runs.len()), (99, 0));
        assert!(align(&long, &[1, 2, 3]).is_none());
    }

    proptest::proptest! {
        #[test]
        fn every_word_is_either_matched_or_in_a_run(
            license in proptest::collection::vec(1_u32..9, 4..120),
            text in proptest::collection::vec(0_u32..9, 0..300),
            at in 0_usize..300,
        ) {
            // Part of the license, so that there is something to find.
            let (before, behind) = text.split_at(at.min(text.len()));
            let part = &license[at % 3..];
            let text = [before, part, behind].concat();
            if let Some(found) = align(&license, &text) {
                let missing: usize = found.runs.iter().map(|it| it.missing.len()).sum();
                let inserted: usize = found.runs.iter().map(|it| it.inserted.len()).sum();
                proptest::prop_assert_eq!(found.matched + missing, license.len());
                proptest::prop_assert_eq!(found.matched + inserted, found.region.len());
                let mut end = (0, found.region.start);
                for it in &found.runs {
                    proptest::prop_assert!(it.missing.start >= end.0 && it.inserted.start >= end.1);
                    end = (it.missing.end, it.inserted.end);
                }
                proptest::prop_assert!(found.region.end <= text.len());
            }
        }
    }
}
