//! Gem versions: their form, their order, and what becomes of them in RPM.
//!
//! The rules are those of `Gem::Version`: segments are runs of digits or of letters; a version
//! with a letter anywhere is a prerelease; letters sort before numbers; trailing zeros do not
//! count.

use super::RpmVersion;
use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

/// A version of a gem.
#[derive(Clone, Debug)]
pub struct GemVersion {
    text: String,
    segments: Vec<Segment>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    Word(String),
    /// Digits without leading zeros: compared by length, then by text, so any size fits.
    Number(String),
}

impl Ord for Segment {
    fn cmp(&self, other: &Self) -> Ordering {
        match (self, other) {
            (Self::Word(a), Self::Word(b)) => a.cmp(b),
            (Self::Number(a), Self::Number(b)) => (a.len(), a).cmp(&(b.len(), b)),
            (Self::Word(_), Self::Number(_)) => Ordering::Less,
            (Self::Number(_), Self::Word(_)) => Ordering::Greater,
        }
    }
}

impl PartialOrd for Segment {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// The text is no version by the rules of RubyGems.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is not a gem version")]
pub struct InvalidGemVersion(String);

impl GemVersion {
    /// Whether it sorts before the release of the same number.
    #[must_use]
    pub fn is_prerelease(&self) -> bool {
        self.segments
            .iter()
            .any(|it| matches!(it, Segment::Word(_)))
    }

    /// The RPM version. A word makes everything before it a prerelease of itself, so each word
    /// follows a `~`: `1.0.0.rc1` becomes `1.0.0~rc1`, `2.0a.b` `2.0~a~b`.
    #[must_use]
    pub fn to_rpm(&self) -> RpmVersion {
        let mut version = String::new();
        for part in with_words(&self.text).split('.') {
            for (at, run) in runs(part).enumerate() {
                if run.starts_with(|c: char| c.is_ascii_alphabetic()) {
                    version.push('~');
                } else if at == 0 && !version.is_empty() {
                    version.push('.');
                }
                version.push_str(run);
            }
        }
        RpmVersion {
            epoch: None,
            version,
        }
    }
}

impl FromStr for GemVersion {
    type Err = InvalidGemVersion;

    /// Takes digits first, then letters and digits in parts joined by `.` or `-`.
    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let trimmed = text.trim();
        let invalid = || InvalidGemVersion(text.chars().take(100).collect());
        let part = |it: &str| !it.is_empty() && it.bytes().all(|b| b.is_ascii_alphanumeric());
        if !trimmed.starts_with(|c: char| c.is_ascii_digit())
            || !trimmed.split(['.', '-']).all(part)
        {
            return Err(invalid());
        }
        Ok(Self {
            text: trimmed.to_owned(),
            segments: segments(trimmed),
        })
    }
}

/// RubyGems reads a dash as the start of a prerelease.
fn with_words(text: &str) -> String {
    text.replace('-', ".pre.")
}

/// The runs of digits and of letters that a part without dots consists of.
fn runs(part: &str) -> impl Iterator<Item = &str> {
    let mut rest = part;
    std::iter::from_fn(move || {
        let digits = rest.chars().next()?.is_ascii_digit();
        let end = rest
            .find(|c: char| c.is_ascii_digit() != digits)
            .unwrap_or(rest.len());
        let (run, tail) = rest.split_at(end);
        rest = tail;
        Some(run)
    })
}

fn segments(text: &str) -> Vec<Segment> {
    let text = with_words(text);
    let all: Vec<Segment> = text
        .split('.')
        .flat_map(runs)
        .map(|run| {
            if run.starts_with(|c: char| c.is_ascii_digit()) {
                Segment::Number(run.trim_start_matches('0').to_owned())
            } else {
                Segment::Word(run.to_owned())
            }
        })
        .collect();
    canonical(&all)
}

/// Drops the zeros that do not count: those at the end of the numbers before the first word,
/// and those at the very end.
fn canonical(segments: &[Segment]) -> Vec<Segment> {
    let zero = Segment::Number(String::new());
    let word = segments
        .iter()
        .position(|it| matches!(it, Segment::Word(_)))
        .unwrap_or(segments.len());
    let (numbers, rest) = segments.split_at(word);
    let significant =
        |part: &[Segment]| part.iter().rposition(|it| *it != zero).map_or(0, |i| i + 1);
    let mut out = numbers[..significant(numbers)].to_vec();
    out.extend_from_slice(&rest[..significant(rest)]);
    out
}

impl fmt::Display for GemVersion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl PartialEq for GemVersion {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for GemVersion {}

impl PartialOrd for GemVersion {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for GemVersion {
    fn cmp(&self, other: &Self) -> Ordering {
        let zero = Segment::Number(String::new());
        let count = self.segments.len().max(other.segments.len());
        (0..count)
            .map(|i| {
                let at = |it: &'_ Self| it.segments.get(i).unwrap_or(&zero).clone();
                at(self).cmp(&at(other))
            })
            .find(|it| it.is_ne())
            .unwrap_or(Ordering::Equal)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> GemVersion {
        text.parse().unwrap()
    }

    #[test]
    fn order_is_that_of_rubygems() {
        let ascending = [
            "0.9",
            "1.0.0.a",
            "1.0.0.b1",
            "1.0.0.rc1",
            "1.0.0.rc2",
            "1.0.0.rc10",
            "1.0.0",
            "1.0.1",
            "1.2",
            "1.10",
            "2",
        ];
        for pair in ascending.windows(2) {
            assert!(version(pair[0]) < version(pair[1]), "{pair:?}");
        }
        assert_eq!(version("1.0"), version("1"));
        assert_eq!(version("1.0.a"), version("1.a"));
        assert!(version("1.0.0-rc1") < version("1.0.0"));
    }

    #[test]
    fn prereleases_sort_before_their_release_under_rpm() {
        for (upstream, rpm) in [
            ("1.0.0", "1.0.0"),
            ("1.0.0.rc1", "1.0.0~rc1"),
            ("1.0.0.beta.2", "1.0.0~beta.2"),
            ("2.0a", "2.0~a"),
            ("2.0rc1.a2b", "2.0~rc1~a2~b"),
            ("1.0.0-rc1", "1.0.0~pre~rc1"),
            ("1.0-2", "1.0~pre.2"),
        ] {
            assert_eq!(version(upstream).to_rpm().to_string(), rpm);
        }
    }

    #[test]
    fn nonsense_is_refused() {
        for text in ["", "a", "1..2", "1.", "1_0", "1.0\n%x", "..", "1/2"] {
            assert!(text.parse::<GemVersion>().is_err(), "{text:?}");
        }
    }
}
