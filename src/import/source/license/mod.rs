//! From what a package says of its license to an SPDX expression, for every ecosystem.
//!
//! Four sources, best first: an expression, a list of names or classifiers, a free text, the text
//! of license files. What can only be guessed at is kept apart from what is said, and used where
//! nothing better is said.
//!
//! The spdx crate checks expressions. Its list of imprecise names is not used: it gives "gnu gpl
//! v2" as version 3, and takes any text that begins with "mit" for MIT.

mod claim;
mod classifiers;
mod files;
mod names;
mod readme;
mod text;

pub(super) use claim::Claim;
pub(super) use files::LicenseTexts;

use crate::import::description::{Evidence, License};
use spdx::{Expression, ParseMode};

/// Longer texts are the text of a license and not its name.
const MAX_NAME: usize = 200;
/// Shorter texts are no text of a license, and longer ones are not looked through.
const WHOLE_TEXT: std::ops::Range<usize> = MAX_NAME..256 << 10;

/// The license of an sdist's fields.
fn of_sdist(
    expression: Option<&str>,
    classifiers: &[String],
    free_text: Option<&str>,
) -> Option<License> {
    let found = |expression, evidence| License {
        expression,
        evidence,
    };
    if let Some(it) = expression.and_then(valid_expression) {
        return Some(found(it, Evidence::Expression));
    }
    let told = classifiers::read(classifiers);
    if let Some(it) = &told
        && it.certain
    {
        return Some(found(it.expression.clone(), Evidence::Classifier));
    }
    if let Some(it) = free_text.and_then(of_text) {
        return Some(found(it, Evidence::FreeText));
    }
    if let Some(it) = free_text.and_then(of_whole_text) {
        return Some(it);
    }
    told.map(|it| found(it.expression, Evidence::Classifier))
}

/// The license whose whole text stands where only its name should.
fn of_whole_text(text: &str) -> Option<License> {
    let text = Some(text).filter(|it| WHOLE_TEXT.contains(&it.len()))?;
    let text::Recognised { licenses, percent } = text::recognise(text)?;
    Some(License {
        expression: joined(licenses, " AND ")?,
        evidence: Evidence::FieldText { percent },
    })
}

/// The license of a gem's list of names. All of them hold, as far as the gem says; one name that
/// is not known leaves the whole unknown, for half a license is none.
fn of_list(list: &[String]) -> Option<License> {
    let mut parts = Vec::new();
    for name in list.iter().filter(|it| !it.trim().is_empty()) {
        parts.push(of_text(name)?);
    }
    Some(License {
        expression: joined(parts, " AND ")?,
        evidence: Evidence::List,
    })
}

/// The expression in a text, where it is one, or a well-known name, or some such names with
/// words between them that are also SPDX's.
fn of_text(text: &str) -> Option<String> {
    let text = text.trim();
    if text.is_empty() || text.len() > MAX_NAME || text.lines().count() > 1 {
        return None;
    }
    if let Some(it) = names::lookup(text).map(str::to_owned) {
        return Some(it);
    }
    if let Some(it) = valid_expression(text) {
        return Some(it);
    }
    for (between, word) in [
        (" OR ", " OR "),
        (" or ", " OR "),
        (" AND ", " AND "),
        (" and ", " AND "),
        ("/", " OR "),
    ] {
        if text.contains(between) {
            let parts: Option<Vec<String>> = text
                .split(between)
                .map(|it| {
                    names::lookup(it)
                        .map(str::to_owned)
                        .or_else(|| valid_expression(it))
                })
                .collect();
            return joined(parts?, word);
        }
    }
    None
}

/// The text, where it is a valid expression of names that SPDX knows.
fn valid_expression(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > MAX_NAME * 5 || text.chars().any(char::is_control) {
        return None;
    }
    let mode = ParseMode {
        allow_deprecated: true,
        allow_postfix_plus_on_gpl: true,
        ..ParseMode::STRICT
    };
    Expression::parse_mode(text, mode).ok()?;
    Some(names::modern(text))
}

/// Joins parts, each once, with brackets where a part is itself joined by the other word.
fn joined(mut parts: Vec<String>, word: &str) -> Option<String> {
    let mut seen = std::collections::HashSet::new();
    parts.retain(|it| seen.insert(it.clone()));
    if parts.len() > 1 {
        for part in &mut parts {
            if part.contains(" OR ") || part.contains(" AND ") {
                *part = format!("({part})");
            }
        }
    }
    (!parts.is_empty()).then(|| parts.join(word))
}

#[cfg(test)]
mod tests;
