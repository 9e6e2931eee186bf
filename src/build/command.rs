//! Command templates: how a build is run, with places for what differs from build to build.
//!
//! A template is a line for `/bin/sh`. `{srpm}` and the other words stand for a value quoted as one
//! word of the shell; `{{` and `}}` are braces. The same values are in the environment, as
//! `DISTMILL_SRPM` and so on, for places inside quotes. The command runs in a folder of its own.

use crate::model::Code;
use std::fmt::Write as _;
use std::str::FromStr;

/// The words, in the order of [`Values`].
pub const WORDS: [&str; 14] = [
    "srpm",
    "results",
    "work",
    "target",
    "arch",
    "package",
    "evr",
    "owner",
    "project",
    "branch",
    "commit",
    "clone_url",
    "builder",
    "build",
];

/// What the words stand for in one build.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Values(pub [String; WORDS.len()]);

impl Values {
    /// Sets the value of a word.
    pub fn set(&mut self, word: &str, value: &str) {
        if let Some(at) = WORDS.iter().position(|it| *it == word) {
            value.clone_into(&mut self.0[at]);
        }
    }

    /// The environment: `DISTMILL_` and the word in capitals.
    pub fn environment(&self) -> impl Iterator<Item = (String, &str)> {
        let name = |word: &&str| format!("DISTMILL_{}", word.to_uppercase());
        WORDS
            .iter()
            .map(name)
            .zip(self.0.iter().map(String::as_str))
    }
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Part {
    Text(String),
    Word(usize),
}

/// A checked template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command(Vec<Part>);

/// A template that means nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CommandError {
    /// A word that is not known.
    #[error("the command has {{{word}}}, which is none of {}", WORDS.join(", "))]
    Word {
        /// The word.
        word: String,
    },
    /// A brace without its other half.
    #[error("the command has a single {0}; write it twice to mean itself")]
    Brace(char),
    /// Nothing to run.
    #[error("the command is empty")]
    Empty,
}

impl CommandError {
    /// The stable code of this failure.
    #[must_use]
    pub const fn code(&self) -> Code {
        Code::BuildSettings
    }
}

impl Command {
    /// The line for the shell.
    #[must_use]
    pub fn render(&self, values: &Values) -> String {
        let mut out = String::new();
        for part in &self.0 {
            match part {
                Part::Text(text) => out.push_str(text),
                Part::Word(at) => out.push_str(&quoted(&values.0[*at])),
            }
        }
        out
    }
}

impl FromStr for Command {
    type Err = CommandError;

    fn from_str(text: &str) -> Result<Self, CommandError> {
        let mut parts = Vec::new();
        let mut plain = String::new();
        let mut rest = text;
        while let Some(at) = rest.find(['{', '}']) {
            let (before, from) = rest.split_at(at);
            plain.push_str(before);
            if let Some(after) = from.strip_prefix("{{").or(from.strip_prefix("}}")) {
                plain.push_str(&from[..1]);
                rest = after;
                continue;
            }
            let end = from.find('}').filter(|_| from.starts_with('{'));
            let Some(end) = end else {
                return Err(CommandError::Brace(if from.starts_with('{') {
                    '{'
                } else {
                    '}'
                }));
            };
            let word = &from[1..end];
            let known = WORDS.iter().position(|it| *it == word);
            let known = known.ok_or_else(|| CommandError::Word {
                word: word.to_owned(),
            })?;
            parts.push(Part::Text(std::mem::take(&mut plain)));
            parts.push(Part::Word(known));
            rest = &from[end + 1..];
        }
        plain.push_str(rest);
        parts.push(Part::Text(plain));
        match text.trim().is_empty() {
            true => Err(CommandError::Empty),
            false => Ok(Self(parts)),
        }
    }
}

/// A text as one word of the shell.
#[must_use]
pub fn quoted(text: &str) -> String {
    let is_plain = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !text.is_empty() && text.chars().all(is_plain) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len() + 2);
    let _ = write!(out, "'{}'", text.replace('\'', r"'\''"));
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_words_of_the_shell() {
        let command: Command = "mock -r {target} --rebuild {srpm} ${{X}} {evr}"
            .parse()
            .unwrap();
        let mut values = Values::default();
        values.set("target", "fedora-42-x86_64");
        values.set("srpm", "/a b/it's.src.rpm");
        assert_eq!(
            command.render(&values),
            r"mock -r fedora-42-x86_64 --rebuild '/a b/it'\''s.src.rpm' ${X} ''"
        );
        let environment: Vec<_> = values.environment().collect();
        assert_eq!(
            environment[3],
            ("DISTMILL_TARGET".to_owned(), "fedora-42-x86_64")
        );
        assert_eq!(environment[11].0, "DISTMILL_CLONE_URL");
    }

    #[test]
    fn mistakes_are_named() {
        let error = |text: &str| text.parse::<Command>().unwrap_err().to_string();
        assert!(error("x {spec}").contains("{spec}, which is none of srpm, results"));
        assert!(error("x {srpm").contains("single {"));
        assert!(error("x } y").contains("single }"));
        assert!(error("  ").contains("empty"));
    }
}
