//! One made-up project: what its metadata says, and the words that it uses.

use super::chance::Chance;
use super::text::{Language, PROSE, Vocabulary, word};
use std::fmt::Write as _;

/// Licenses and how often each is chosen: all are told by an SPDX name.
const LICENSES: [&str; 10] = [
    "MIT",
    "MIT",
    "MIT",
    "MIT",
    "Apache-2.0",
    "Apache-2.0",
    "BSD-3-Clause",
    "BSD-3-Clause",
    "ISC",
    "MPL-2.0",
];

/// A project, and the chance that decides on the rest of it.
pub(super) struct Project {
    pub(super) name: String,
    pub(super) version: String,
    pub(super) summary: String,
    /// An SPDX name.
    pub(super) license: &'static str,
    /// Names of others, and the least version of each.
    pub(super) dependencies: Vec<(String, String)>,
    pub(super) chance: Chance,
    words: Vocabulary,
}

impl Project {
    /// The project of a number within an ecosystem.
    pub(super) fn new(seed: u64, number: usize) -> Self {
        let mut chance = Chance::new(seed, number as u64);
        let words = Vocabulary::new(seed, &mut chance);
        let second = match chance.happens(40) {
            true => format!("-{}", word(&mut chance)),
            false => String::new(),
        };
        let name = format!("{}{second}{number}", word(&mut chance));
        let own_version = version(&mut chance);
        let count = chance.log_normal(2.5, 0.8).min(40.0);
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "40 at most"
        )]
        let dependencies = (0..count as usize)
            .map(|_| (word(&mut chance), version(&mut chance)))
            .collect();
        let license = chance.pick(&LICENSES);
        let mut project = Self {
            name,
            version: own_version,
            summary: String::new(),
            license,
            dependencies,
            chance,
            words,
        };
        let words: Vec<String> = (0..7).map(|_| project.word()).collect();
        project.summary = format!("Takes {}", words.join(" "));
        project
    }

    /// One of its words.
    pub(super) fn word(&mut self) -> String {
        self.words.word(&mut self.chance).to_owned()
    }

    /// Lines of a language, about this many bytes.
    pub(super) fn text(&mut self, language: &Language, size: usize) -> Vec<u8> {
        self.words.text(language, size, &mut self.chance)
    }

    /// Some lines for people.
    pub(super) fn prose(&mut self, size: usize) -> String {
        let bytes = self.text(&PROSE, size);
        String::from_utf8(bytes).expect("all words are ASCII")
    }

    /// Bytes that no compressor makes shorter.
    pub(super) fn noise(&mut self, size: usize) -> Vec<u8> {
        let numbers = std::iter::repeat_with(|| self.chance.next().to_le_bytes());
        numbers
            .take(size.div_ceil(8))
            .flatten()
            .take(size)
            .collect()
    }

    /// The text of its license with a holder.
    pub(super) fn license_text(&self) -> String {
        let known = spdx::license_id(self.license).expect("the list has only names of SPDX");
        let year = 2000 + self.version.len() % 25;
        let holder = format!("{year} the authors of {}", self.name);
        known
            .text()
            .replace("<year> <copyright holders>", &holder)
            .replace("<year> <owner>", &holder)
    }

    /// A changelog of some versions.
    pub(super) fn changes(&mut self) -> String {
        let mut out = String::from("# Changes\n");
        for minor in (0..2 + self.chance.below(12)).rev() {
            let text = self.prose(200);
            let _ = write!(out, "\n## 0.{minor}.0\n\n{text}");
        }
        out
    }
}

fn version(chance: &mut Chance) -> String {
    let (major, minor, patch) = (chance.below(6), chance.below(20), chance.below(10));
    format!("{major}.{minor}.{patch}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_have_projects_of_their_own() {
        let (one, two) = (Project::new(1, 1), Project::new(1, 2));
        assert_ne!(one.name, two.name);
        assert_eq!(one.name, Project::new(1, 1).name);
        assert_eq!(one.summary, Project::new(1, 1).summary);
        assert_ne!(one.name, Project::new(2, 1).name);
        let some = (0..200).map(|it| Project::new(7, it).dependencies.len());
        let some: Vec<usize> = some.collect();
        assert!(some.contains(&1) && some.iter().any(|it| *it > 6));
    }
}
