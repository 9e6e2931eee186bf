//! The part of a file that a `Range` header asks for (RFC 9110, section 14).

use std::ops::Range;

/// What is to be sent of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// All of it; also where several ranges are asked for, or the header cannot be read.
    Whole,
    /// These bytes.
    Some(Range<u64>),
    /// Nothing: the range begins behind the end.
    Beyond,
}

impl Part {
    /// Reads the header's value for a file of `size` bytes.
    pub(super) fn read(value: &str, size: u64) -> Self {
        let Some((first, last)) = value
            .trim()
            .strip_prefix("bytes=")
            .filter(|it| !it.contains(','))
            .and_then(|it| it.split_once('-'))
        else {
            return Self::Whole;
        };
        match (number(first), number(last)) {
            // The last so many bytes.
            (None, Some(count)) if first.trim().is_empty() => match count.min(size) {
                0 => Self::Beyond,
                count => Self::Some(size - count..size),
            },
            (Some(first), _) if first >= size && valid_end(first, last) => Self::Beyond,
            (Some(first), None) if last.trim().is_empty() => Self::Some(first..size),
            (Some(first), Some(last)) if first <= last => {
                Self::Some(first..size.min(last.saturating_add(1)))
            }
            _ => Self::Whole,
        }
    }
}

fn number(text: &str) -> Option<u64> {
    let text = text.trim();
    let digits = !text.is_empty() && text.bytes().all(|it| it.is_ascii_digit());
    // More digits than fit are behind every end.
    digits.then(|| text.parse().unwrap_or(u64::MAX))
}

fn valid_end(first: u64, last: &str) -> bool {
    last.trim().is_empty() || number(last).is_some_and(|it| it >= first)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_are_read() {
        for (value, part) in [
            ("bytes=0-0", Part::Some(0..1)),
            ("bytes=0-", Part::Some(0..10)),
            ("bytes=3-5", Part::Some(3..6)),
            ("bytes=3-99", Part::Some(3..10)),
            ("bytes=-4", Part::Some(6..10)),
            ("bytes=-99", Part::Some(0..10)),
            ("bytes=9-18446744073709551615", Part::Some(9..10)),
            ("bytes=10-", Part::Beyond),
            ("bytes=99999999999999999999-", Part::Beyond),
            ("bytes=-0", Part::Beyond),
            ("bytes=5-3", Part::Whole),
            ("bytes=0-1,3-4", Part::Whole),
            ("bytes=x-1", Part::Whole),
            ("bytes=-", Part::Whole),
            ("bytes=+1-2", Part::Whole),
            ("lines=1-2", Part::Whole),
            ("", Part::Whole),
        ] {
            assert_eq!(Part::read(value, 10), part, "{value}");
        }
        assert_eq!(Part::read("bytes=0-", 0), Part::Beyond);
    }
}
