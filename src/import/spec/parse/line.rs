//! One line, and what can be wrong with it.

use super::super::error::Error;
use super::super::expand::{Fault, marked};

/// What RPM takes off the lines of a section, and whether its macros must be known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// Preambles, descriptions and lists: no comments, no space at the end.
    Tags,
    /// No comments.
    Changelog,
    /// No comments; no concern of a source header.
    Files,
    /// As it stands; no concern of a source header.
    Script,
}

impl Form {
    pub(super) const fn reaches_header(self) -> bool {
        matches!(self, Self::Tags | Self::Changelog)
    }
}

/// One line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Line {
    /// Without comments; may end with a line break.
    pub(super) text: String,
    /// Counted from one.
    pub(super) number: usize,
}

/// The error of a fault on a line.
pub(super) fn fault(fault: Fault, line: usize) -> Error {
    match fault {
        Fault::TooLarge(limit) => Error::TooLarge { line, limit },
        Fault::Mistake(problem) => Error::Invalid { line, problem },
    }
}

/// The error of a macro that had to be known, if the text holds one.
pub(super) fn known(text: &str, place: &'static str, line: usize) -> Result<(), Error> {
    match marked(text) {
        None => Ok(()),
        Some(found) => Err(Error::Unknown {
            line,
            place,
            macro_text: found.text,
        }),
    }
}
