//! Medians and percentiles.

/// The middle one; of an even number the mean of the two in the middle; of none 0.
#[must_use]
pub fn median(numbers: &[f64]) -> f64 {
    quantile(numbers, 0.5)
}

/// What this share of the numbers does not exceed, with a straight line between neighbours; of
/// none 0.
#[must_use]
#[expect(
    clippy::cast_precision_loss,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a place within a list that is in memory"
)]
pub fn quantile(numbers: &[f64], share: f64) -> f64 {
    let mut sorted = numbers.to_vec();
    sorted.sort_by(f64::total_cmp);
    let Some(last) = sorted.len().checked_sub(1) else {
        return 0.0;
    };
    let place = share.clamp(0.0, 1.0) * last as f64;
    let (low, high) = (place.floor() as usize, place.ceil() as usize);
    sorted[low] + (sorted[high] - sorted[low]) * place.fract()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_ends_are_found() {
        assert_eq!(median(&[]), 0.0);
        assert_eq!(median(&[3.0]), 3.0);
        assert_eq!(median(&[5.0, 1.0, 3.0]), 3.0);
        assert_eq!(median(&[4.0, 1.0, 2.0, 3.0]), 2.5);
        let many: Vec<f64> = (0..=100).map(f64::from).collect();
        assert_eq!(quantile(&many, 0.99), 99.0);
        assert_eq!((quantile(&many, 0.0), quantile(&many, 1.0)), (0.0, 100.0));
        assert_eq!(quantile(&[0.0, 10.0], 0.99), 9.9);
    }
}
