//! Chance that is the same in every run: SplitMix64, and the normal law.

/// A sequence of numbers that follows from its seed.
#[derive(Clone, Debug)]
pub(super) struct Chance(u64);

impl Chance {
    /// The sequence of a seed, and of a number within it: each package has its own.
    pub(super) fn new(seed: u64, number: u64) -> Self {
        let mut chance = Self(seed ^ number.wrapping_mul(0xd134_2543_de82_ef95));
        chance.next();
        chance
    }

    pub(super) fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `end`, which is not 0.
    #[expect(clippy::cast_possible_truncation, reason = "it is below a usize")]
    pub(super) fn below(&mut self, end: usize) -> usize {
        ((u128::from(self.next()) * end as u128) >> 64) as usize
    }

    /// Whether something happens that happens so often in a hundred times.
    pub(super) fn happens(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of these, of which there is at least one.
    pub(super) fn pick<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    /// From 0 up to 1, without either.
    #[expect(clippy::cast_precision_loss, reason = "53 bits fit")]
    pub(super) fn share(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    }

    /// A number of the log-normal law with this median.
    pub(super) fn log_normal(&mut self, median: f64, sigma: f64) -> f64 {
        median * (sigma * normal(self.share())).exp()
    }

    /// Changes the order.
    pub(super) fn shuffle<T>(&mut self, all: &mut [T]) {
        for last in (1..all.len()).rev() {
            all.swap(last, self.below(last + 1));
        }
    }
}

/// What a normally distributed number does not exceed with this probability: the rational
/// approximation of P. J. Acklam, wrong by a billionth at most.
pub(super) fn normal(share: f64) -> f64 {
    const A: [f64; 6] = [
        -39.696_830_286_653_76,
        220.946_098_424_520_5,
        -275.928_510_446_968_7,
        138.357_751_867_269,
        -30.664_798_066_147_16,
        2.506_628_277_459_239,
    ];
    const B: [f64; 6] = [
        -54.476_098_798_224_06,
        161.585_836_858_040_9,
        -155.698_979_859_886_6,
        66.801_311_887_719_72,
        -13.280_681_552_885_72,
        1.0,
    ];
    const C: [f64; 6] = [
        -0.007_784_894_002_430_293,
        -0.322_396_458_041_136_5,
        -2.400_758_277_161_838,
        -2.549_732_539_343_734,
        4.374_664_141_464_968,
        2.938_163_982_698_783,
    ];
    const D: [f64; 5] = [
        0.007_784_695_709_041_462,
        0.322_467_129_070_039_8,
        2.445_134_137_142_996,
        3.754_408_661_907_416,
        1.0,
    ];
    const TAIL: f64 = 0.02425;
    let at = |factors: &[f64], x: f64| factors.iter().fold(0.0, |sum, it| sum * x + it);
    let tail = |share: f64| {
        let q = (-2.0 * share.ln()).sqrt();
        at(&C, q) / at(&D, q)
    };
    if share < TAIL {
        tail(share)
    } else if share > 1.0 - TAIL {
        -tail(1.0 - share)
    } else {
        let q = share - 0.5;
        at(&A, q * q) * q / at(&B, q * q)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_normal_law_is_met() {
        for (share, z) in [
            (0.5, 0.0),
            (0.841_344_746, 1.0),
            (0.158_655_254, -1.0),
            (0.998_650_102, 3.0),
            (0.001_349_898, -3.0),
        ] {
            assert!(
                (normal(share) - z).abs() < 1e-6,
                "{share}: {}",
                normal(share)
            );
        }
    }

    #[test]
    fn chance_is_even_and_the_same_for_a_seed() {
        let mut chance = Chance::new(1, 2);
        let mut counts = [0; 10];
        (0..10_000).for_each(|_| counts[chance.below(10)] += 1);
        assert!(
            counts.iter().all(|it| (900..1100).contains(it)),
            "{counts:?}"
        );
        assert_eq!(Chance::new(1, 2).next(), Chance::new(1, 2).next());
        assert_ne!(Chance::new(1, 2).next(), Chance::new(1, 3).next());
        assert_ne!(Chance::new(1, 2).next(), Chance::new(2, 2).next());
        let mut order: Vec<usize> = (0..50).collect();
        chance.shuffle(&mut order);
        assert!(order.iter().enumerate().any(|(at, it)| at != *it));
        order.sort_unstable();
        assert_eq!(order, (0..50).collect::<Vec<_>>());
    }
}
