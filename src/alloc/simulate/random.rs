//! Random numbers that are the same everywhere: SplitMix64.

/// A sequence of random numbers.
#[derive(Clone, Debug)]
pub(super) struct Random(u64);

impl Random {
    pub(super) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut it = self.0;
        it = (it ^ (it >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        it = (it ^ (it >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        it ^ (it >> 31)
    }

    /// From 0 to 1, without 1.
    pub(super) fn part(&mut self) -> f64 {
        // 53 bits are what a f64 holds exactly.
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// Exponentially distributed around this mean.
    pub(super) fn exponential(&mut self, mean: f64) -> f64 {
        -mean * (1.0 - self.part()).ln()
    }

    /// From 0 to `count`, without `count`.
    pub(super) fn below(&mut self, count: u32) -> u32 {
        (self.part() * f64::from(count)) as u32
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_is_what_was_asked_for() {
        let mut random = Random::new(7);
        let sum: f64 = (0..100_000).map(|_| random.exponential(60.0)).sum();
        assert!((sum / 100_000.0 - 60.0).abs() < 1.0, "{sum}");
        let mut counts = [0_u32; 4];
        (0..4000).for_each(|_| counts[random.below(4) as usize] += 1);
        assert!(
            counts.iter().all(|it| it.abs_diff(1000) < 150),
            "{counts:?}"
        );
        assert_eq!(
            Random::new(7).part().to_bits(),
            Random::new(7).part().to_bits()
        );
    }
}
