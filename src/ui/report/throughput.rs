//! How many jobs ended when.

use jiff::Timestamp;
use serde::Serialize;
use std::collections::BTreeMap;

/// No plot has more points.
const POINTS: i64 = 60;

/// A span of time and what ended in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Span {
    pub(super) from: Timestamp,
    pub(super) seconds: i64,
    pub(super) done: u64,
    pub(super) failed: u64,
}

/// Counts by second at first, and by longer spans as time goes on, so that memory is bounded.
#[derive(Clone, Debug)]
pub(super) struct Throughput {
    width: i64,
    spans: BTreeMap<i64, (u64, u64)>,
}

impl Default for Throughput {
    fn default() -> Self {
        Self {
            width: 1,
            spans: BTreeMap::new(),
        }
    }
}

impl Throughput {
    pub(super) fn add(&mut self, at: Timestamp, is_done: bool) {
        let span = at.as_second().div_euclid(self.width);
        let counts = self.spans.entry(span).or_default();
        match is_done {
            true => counts.0 += 1,
            false => counts.1 += 1,
        }
        while self.length() > POINTS {
            self.width *= 2;
            let old = std::mem::take(&mut self.spans);
            for (span, (done, failed)) in old {
                let counts = self.spans.entry(span.div_euclid(2)).or_default();
                counts.0 += done;
                counts.1 += failed;
            }
        }
    }

    /// Spans from the first to the last.
    fn length(&self) -> i64 {
        let first = self.spans.first_key_value().map(|it| *it.0);
        let last = self.spans.last_key_value().map(|it| *it.0);
        first.zip(last).map_or(0, |(first, last)| last - first + 1)
    }

    /// One span after the other, those in which nothing ended too.
    pub(super) fn finish(self) -> Vec<Span> {
        let Some((first, _)) = self.spans.first_key_value() else {
            return Vec::new();
        };
        let all = *first..*first + self.length();
        let span = |number: i64| {
            let (done, failed) = self.spans.get(&number).copied().unwrap_or_default();
            let from = Timestamp::from_second(number * self.width).ok()?;
            Some(Span {
                from,
                seconds: self.width,
                done,
                failed,
            })
        };
        all.filter_map(span).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_widen_and_nothing_is_lost() {
        let mut throughput = Throughput::default();
        for second in 0..10_000 {
            let at = Timestamp::from_second(1_800_000_001 + second).unwrap();
            throughput.add(at, second % 10 > 0);
        }
        let spans = throughput.finish();
        assert!(spans.len() <= 60 && spans.len() > 30, "{}", spans.len());
        let done: u64 = spans.iter().map(|it| it.done).sum();
        let failed: u64 = spans.iter().map(|it| it.failed).sum();
        assert_eq!((done, failed), (9000, 1000));
        assert!(spans.windows(2).all(|it| it[1].from > it[0].from));
    }
}
