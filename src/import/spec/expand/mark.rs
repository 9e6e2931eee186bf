//! Marks in expanded text: here stands a macro that could not be expanded.
//!
//! Both are characters that Unicode keeps for such inner uses; no spec may hold them.

use super::call::macro_end;

/// Before a macro that nothing here defines.
pub(super) const UNKNOWN: char = '\u{fdd0}';
/// Before a macro that runs code or asks the machine.
pub(super) const CODE: char = '\u{fdd1}';

/// A macro that could not be expanded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::import::spec) struct Marked {
    /// How it begins.
    pub(in crate::import::spec) text: String,
}

/// Whether any macro of the text could not be expanded.
pub(in crate::import::spec) fn has_mark(text: &str) -> bool {
    text.contains([UNKNOWN, CODE])
}

/// The first macro of the text that could not be expanded.
pub(in crate::import::spec) fn marked(text: &str) -> Option<Marked> {
    let at = text.find([UNKNOWN, CODE])?;
    let rest = text[at..].trim_start_matches([UNKNOWN, CODE]);
    let end = rest
        .strip_prefix('%')
        .and_then(macro_end)
        .map_or(rest.len(), |it| it + 1);
    Some(Marked {
        text: rest[..end]
            .chars()
            .filter(|it| *it != UNKNOWN && *it != CODE)
            .take(80)
            .collect(),
    })
}

/// The text with all macros that could not be expanded left as they are written.
pub(in crate::import::spec) fn without_marks(text: &str) -> String {
    text.replace([UNKNOWN, CODE], "")
}

/// The text with unknown macros left as they are written, which is what RPM does; marks of code
/// stay.
pub(in crate::import::spec) fn without_unknown(text: &str) -> String {
    text.replace(UNKNOWN, "")
}
