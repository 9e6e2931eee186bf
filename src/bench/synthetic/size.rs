//! How large archives are.
//!
//! Of PyPI's sdists the one in the middle has some 60 kB, the average some 500 kB, and few have
//! tens of megabytes: a log-normal law says that well. Gems and source packages follow the same
//! law, in proportion to their own averages.

use super::chance::{Chance, normal};
use crate::bench::Work;

/// No archive is larger.
const LARGEST: f64 = 50e6;
/// Metadata and a license alone have this much.
const SMALLEST: f64 = 2e3;
/// How wide the law is: with it the average is about eight times the median.
const SIGMA: f64 = 2.09;

/// Bytes of the archive in the middle, and of the average one.
const fn law(work: Work) -> (f64, f64) {
    match work {
        Work::Pypi => (60e3, 490e3),
        Work::Gem => (13.5e3, 110e3),
        Work::Srpm => (48e3, 390e3),
    }
}

/// The sizes of so many archives, in bytes, in any order. They are drawn one from each of as many
/// equal parts of the law, so that a small corpus has its share of large ones, too.
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "sizes between the smallest and the largest"
)]
pub(super) fn sizes(work: Work, count: usize, seed: u64, fixed: Option<u64>) -> Vec<u64> {
    if let Some(size) = fixed {
        return vec![size; count];
    }
    let (median, mean) = law(work);
    let mut chance = Chance::new(seed, u64::MAX);
    let drawn = (0..count).map(|part| {
        let share = (part as f64 + chance.share()) / count as f64;
        (median * (SIGMA * normal(share)).exp()).clamp(SMALLEST, LARGEST)
    });
    let drawn: Vec<f64> = drawn.collect();
    // What the few largest ones happen to have decides on the average, so it is mended.
    let scale = mean * count as f64 / drawn.iter().sum::<f64>();
    let scale = scale.clamp(0.5, 2.0);
    let scaled = drawn.iter().map(|it| (it * scale).clamp(SMALLEST, LARGEST));
    let mut sizes: Vec<u64> = scaled.map(|it| it as u64).collect();
    chance.shuffle(&mut sizes);
    sizes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn median_average_and_tail_are_those_of_the_law() {
        for (work, median, mean) in [
            (Work::Pypi, 60_000, 490_000),
            (Work::Gem, 13_500, 110_000),
            (Work::Srpm, 48_000, 390_000),
        ] {
            for seed in 0..5 {
                let mut all = sizes(work, 2000, seed, None);
                let sum: u64 = all.iter().sum();
                all.sort_unstable();
                let (middle, average, most) = (all[1000], sum / 2000, all[1999]);
                let near = |it: u64, to: u64| it > to * 7 / 10 && it < to * 13 / 10;
                assert!(near(middle, median), "{work} {seed}: median {middle}");
                assert!(near(average, mean), "{work} {seed}: mean {average}");
                assert!(most > 5_000_000 && most <= 50_000_000, "{most}");
            }
        }
        assert_eq!(sizes(Work::Gem, 3, 1, Some(9)), [9, 9, 9]);
        assert_eq!(sizes(Work::Gem, 9, 1, None), sizes(Work::Gem, 9, 1, None));
        assert_ne!(sizes(Work::Gem, 9, 1, None), sizes(Work::Gem, 9, 2, None));
    }
}
