//! Texts that have to be one plain line.

/// What stands in commits, changelogs and headers of requests.
pub(in crate::cli) fn check_line(option: &str, text: &str, mistakes: &mut Vec<String>) {
    if text.contains(|c: char| c.is_control() || "<>".contains(c)) {
        mistakes.push(format!(
            "{option} {text:?} holds a character that is not allowed"
        ));
    }
}
