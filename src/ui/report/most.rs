//! The few that have the most of something.

use serde::Serialize;

/// How many are kept.
const KEPT: usize = 15;

/// A source and how much it has.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub(super) struct Much {
    pub(super) job: u64,
    pub(super) source: String,
    pub(super) amount: f64,
}

/// Keeps those with the most; memory does not grow with what it is shown.
#[derive(Clone, Debug, Default)]
pub(super) struct Most(Vec<Much>);

impl Most {
    pub(super) fn show(&mut self, job: u64, source: &str, amount: f64) {
        let is_full = self.0.len() >= KEPT;
        if amount <= 0.0 || is_full && self.0.last().is_some_and(|it| it.amount >= amount) {
            return;
        }
        let place = self.0.partition_point(|it| it.amount >= amount);
        let source = source.to_owned();
        self.0.insert(
            place,
            Much {
                job,
                source,
                amount,
            },
        );
        self.0.truncate(KEPT);
    }

    pub(super) fn finish(self) -> Vec<Much> {
        self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_most_are_kept_in_their_order() {
        let mut most = Most::default();
        for n in 0..100_u32 {
            most.show(n.into(), "s", f64::from(n * 37 % 100));
        }
        let amounts: Vec<f64> = most.finish().iter().map(|it| it.amount).collect();
        let expected: Vec<f64> = (85..100).rev().map(f64::from).collect();
        assert_eq!(amounts, expected);
    }
}
