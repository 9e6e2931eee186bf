//! The line that begins a section: its arguments and options.

use super::super::error::Error;
use super::super::expand::split_quoted;
use super::line::{Line, known};

/// The words behind a section's name; all must be known where `place` says what they are.
pub(super) fn arguments(line: &Line, place: &'static str) -> Result<Vec<String>, Error> {
    if !place.is_empty() {
        known(&line.text, place, line.number)?;
    }
    Ok(split_quoted(&line.text).split_off(1))
}

/// The value of an option, written `-n value` or `-nvalue`.
pub(super) fn option<'a>(words: &'a [String], name: &str) -> Option<&'a str> {
    let at = words.iter().position(|it| it.starts_with(name))?;
    match words[at].strip_prefix(name) {
        Some("") => words.get(at + 1).map(String::as_str),
        value => value,
    }
}

/// The first word that is neither an option nor the value of one.
pub(super) fn first_free(words: &[String]) -> Option<&str> {
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match word.strip_prefix('-') {
            Some(option) if option.len() == 1 => {
                words.next();
            }
            Some(_) => {}
            None => return Some(word),
        }
    }
    None
}

pub(super) fn unclear(line: &Line) -> Error {
    let text: String = line.text.trim_ascii_end().chars().take(80).collect();
    Error::Invalid {
        line: line.number,
        problem: format!("{text:?} names no package"),
    }
}
