//! A number of threads, as options take it.

use std::num::NonZeroUsize;
use std::str::FromStr;

/// More are no mistake of the system's to find out in the middle of a run.
const MOST: usize = 4096;

/// How many threads work at once: 1 to 4096.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Threads(NonZeroUsize);

impl Threads {
    /// The number.
    pub(super) const fn get(self) -> NonZeroUsize {
        self.0
    }
}

impl FromStr for Threads {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let number = text.parse().ok().and_then(NonZeroUsize::new);
        let number = number.filter(|it| it.get() <= MOST);
        let refused = || format!("a number of threads is 1 to {MOST}");
        number.map(Self).ok_or_else(refused)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_ends_are_known() {
        let number = |text: &str| text.parse().map(|it: Threads| it.get().get());
        assert_eq!((number("1"), number("4096")), (Ok(1), Ok(4096)));
        for bad in ["0", "4097", "18446744073709551616", "-1", "two", ""] {
            assert!(number(bad).unwrap_err().contains("1 to 4096"), "{bad}");
        }
    }
}
