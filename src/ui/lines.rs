//! Outcomes and progress as plain lines.

use crate::import::outcome::{BranchOutcome, Outcome};
use std::fmt::Write as _;

/// One outcome for people: a line, and where it failed a second one with the hint.
pub(super) fn outcome(outcome: &Outcome) -> String {
    let mut line = format!("{:<9} ", outcome.state.as_str());
    match &outcome.package {
        Some(package) => {
            let _ = write!(line, "{}-{}", package.name, package.evr);
            if package.name != outcome.source {
                let _ = write!(line, "  {}", printable(&outcome.source));
            }
        }
        None => line.push_str(&printable(&outcome.source)),
    }
    for branch in &outcome.branches {
        line.push_str(&format_branch(branch));
    }
    let _ = writeln!(line, "  {:.2} s", outcome.elapsed.as_secs_f64());
    if let Some(failure) = outcome.failure() {
        let message = printable(&failure.message);
        let _ = writeln!(line, "          {}: {message}", failure.code);
        let _ = writeln!(line, "          hint: {}", failure.code.hint());
    }
    line
}

fn format_branch(branch: &BranchOutcome) -> String {
    match &branch.result {
        Ok(tip) => format!("  {}={}", branch.branch, &tip.commit[..10]),
        Err(failure) => format!("  {}={}", branch.branch, failure.code),
    }
}

/// Text from outside without what would steer a terminal.
#[must_use]
pub fn printable(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\n' | '\t' => ' ',
            c if c.is_control() => '\u{fffd}',
            // Overrides of the writing direction make a line read as another one.
            '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => '\u{fffd}',
            c => c,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_outside_steers_the_terminal() {
        assert_eq!(printable("a\x1b[2Jb\nc\u{202e}"), "a\u{fffd}[2Jb c\u{fffd}");
    }
}
