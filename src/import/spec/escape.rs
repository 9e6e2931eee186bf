//! The one place where upstream text becomes text of a spec.
//!
//! Whoever parses a spec runs what stands in it: `%(…)` is a shell, a line break starts a new tag.
//! So templates take nothing but [`SpecText`], and every way to make one is in this file. RPM reads
//! each back as exactly [`SpecText::plain`]. Two further promises guard against templates and
//! macros that expand a value a second time, as `%{summary}` does: no percent sign stands where it
//! could begin a macro, and no backslash where it could hide a percent sign or a line break.

#[cfg(test)]
mod tests;

use serde::Serialize;
use std::fmt;

/// The widest line of a description, in characters.
const WIDTH: usize = 79;
/// The longest description, in lines and in characters.
const MAX_LINES: usize = 40;
const MAX_TEXT: usize = 3_000;
/// The longest word of a description, in characters.
const MAX_WORD: usize = 400;
/// The longest address, in bytes.
const MAX_URL: usize = 1_000;

/// Text that is safe in a spec.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct SpecText(String);

impl fmt::Display for SpecText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl SpecText {
    /// Our own text, macros and all: it cannot have come from upstream.
    #[must_use]
    pub fn ours(text: &'static str) -> Self {
        Self(text.to_owned())
    }

    /// One line of at most `limit` characters, for a tag or a changelog. Nothing, where nothing
    /// can be seen of the text.
    #[must_use]
    pub fn line(text: &str, limit: usize) -> Option<Self> {
        // Escaping drops characters, it never adds words: reading further cannot help.
        let start: String = text.chars().take(limit.saturating_mul(4)).collect();
        let words = visible(&start);
        let mut line = harmless(&words.split_whitespace().collect::<Vec<_>>().join(" "));
        if let Some((at, _)) = line.char_indices().nth(limit) {
            line.truncate(at);
            if let Some(space) = line.rfind(' ').filter(|it| *it > at / 2) {
                line.truncate(space);
            }
            line.push_str("...");
        }
        let line = line.trim_end_matches([' ', '\\']);
        (!line.is_empty()).then(|| Self(doubled(line)))
    }

    /// Lines of a `%description`: wrapped, and cut where upstream put a whole manual. No line
    /// begins as a section, a conditional or a comment does.
    #[must_use]
    pub fn paragraphs(text: &str) -> Option<Self> {
        let start: String = text.chars().take(MAX_TEXT * 4).collect();
        let mut lines: Vec<String> = Vec::new();
        let mut length = 0;
        let mut cut = false;
        for line in start.split(is_line_break) {
            let line = visible(line);
            for part in wrapped(&harmless(line.trim())) {
                length += part.chars().count() + 1;
                cut = cut || length > MAX_TEXT || lines.len() >= MAX_LINES;
                let blank_twice = part.is_empty() && lines.last().is_none_or(String::is_empty);
                if !cut && !blank_twice {
                    lines.push(part);
                }
            }
        }
        while lines.last().is_some_and(String::is_empty) {
            lines.pop();
        }
        if lines.is_empty() {
            return None;
        }
        if cut {
            lines.push("...".to_owned());
        }
        Some(Self(doubled(&lines.join("\n"))))
    }

    /// An http or https address; anything that is not plain in one is percent-encoded.
    #[must_use]
    pub fn url(text: &str) -> Option<Self> {
        let text = text.trim();
        let url = url::Url::parse(text).ok()?;
        let known = matches!(url.scheme(), "http" | "https") && url.host_str().is_some();
        let mut out = String::new();
        let mut rest = url.as_str().as_bytes();
        while let Some((first, tail)) = rest.split_first() {
            rest = tail;
            let plain = first.is_ascii_alphanumeric() || b"-._~:/?#@!&*+,;=".contains(first);
            if plain {
                out.push(char::from(*first));
            } else if *first == b'%'
                && let [a, b, tail @ ..] = tail
                && a.is_ascii_hexdigit()
                && b.is_ascii_hexdigit()
            {
                // In capitals no escape can read as the name of one of RPM's own macros.
                out.push('%');
                out.extend([a, b].map(|it| char::from(it.to_ascii_uppercase())));
                rest = tail;
            } else {
                out.push_str(&format!("%{first:02X}"));
            }
        }
        (known && out.len() <= MAX_URL).then(|| Self(doubled(&out)))
    }

    /// A name or version that needs no escaping at all: also safe within macros and in the shell.
    #[must_use]
    pub fn word(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._+~^!-".contains(c);
        let fits = (1..=255).contains(&text.len()) && !text.starts_with('-') && text != "..";
        (fits && text.chars().all(plain)).then(|| Self(text.to_owned()))
    }

    /// What `BuildRequires:` names: a package, perhaps with a comparison.
    #[must_use]
    pub fn dependency(text: &str) -> Option<Self> {
        let plain = |c: char| c.is_ascii_alphanumeric() || "._+~^:/()-".contains(c);
        let named = |it: &str| {
            it.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '/') && it.chars().all(plain)
        };
        let words: Vec<&str> = text.split(' ').collect();
        let fits = text.len() <= 255
            && match words[..] {
                [name] => named(name),
                [name, "=" | "<" | ">" | "<=" | ">=", version] => named(name) && named(version),
                _ => false,
            };
        fits.then(|| Self(text.to_owned()))
    }

    /// A relative path as `%files` takes it. Whatever RPM or the shell could read as more than a
    /// letter becomes the pattern `?`, which stands for one character of any kind. Nothing for a
    /// path that leaves its folder, reads as an option, or holds what cannot be seen.
    #[must_use]
    pub fn file(path: &str) -> Option<Self> {
        let component = |it: &str| !it.is_empty() && it != "." && it != ".." && it.len() <= 255;
        if path.starts_with('-') || path.len() > 1_000 || !path.split('/').all(component) {
            return None;
        }
        path.chars()
            .map(|c| match c {
                _ if c.is_alphanumeric() || "._+-@,=/".contains(c) => Some(c),
                ' '..='~' => Some('?'),
                _ => None,
            })
            .collect::<Option<String>>()
            .map(Self)
    }

    /// One behind the other.
    #[must_use]
    pub fn concat(parts: &[Self]) -> Self {
        Self(parts.iter().map(|it| it.0.as_str()).collect())
    }

    /// What RPM reads.
    #[must_use]
    pub fn plain(&self) -> String {
        self.0.replace("%%", "%")
    }
}

impl From<u32> for SpecText {
    fn from(number: u32) -> Self {
        Self(number.to_string())
    }
}

fn is_line_break(c: char) -> bool {
    matches!(
        c,
        '\n' | '\r' | '\u{b}' | '\u{c}' | '\u{85}' | '\u{2028}' | '\u{2029}'
    )
}

/// Without characters that change how their neighbours show, or do not show at all.
fn visible(text: &str) -> String {
    text.chars()
        .filter_map(|c| match c {
            _ if c.is_whitespace() || c.is_control() => Some(' '),
            '\u{ad}'
            | '\u{61c}'
            | '\u{180e}'
            | '\u{200b}'
            | '\u{200e}'..='\u{200f}'
            | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}'
            | '\u{fdd0}'..='\u{fdef}'
            | '\u{feff}'
            | '\u{fff0}'..='\u{fffb}'
            | '\u{e0000}'..='\u{e0fff}' => None,
            _ if u32::from(c) & 0xfffe == 0xfffe => None,
            _ => Some(c),
        })
        .collect()
}

/// The same with a space behind each percent sign that could begin a macro, and without the
/// backslashes before a percent sign or at the end.
fn harmless(line: &str) -> String {
    let mut out = String::with_capacity(line.len());
    let mut chars = line.chars().peekable();
    while let Some(c) = chars.next() {
        if c == '%' {
            out.truncate(out.trim_end_matches('\\').len());
        }
        out.push(c);
        let next = chars.peek().copied().unwrap_or(' ');
        if c == '%' && !(next == ' ' || ".,;:)]}/\"'".contains(next)) {
            out.push(' ');
        }
    }
    out.truncate(out.trim_end_matches(['\\', ' ']).len());
    out
}

fn doubled(text: &str) -> String {
    text.replace('%', "%%")
}

/// One line as several of at most [`WIDTH`] characters. A word that begins with `%` or `#` never
/// comes to stand first: at the start of the text it loses the mark, further on it stays with the
/// word before it.
fn wrapped(line: &str) -> Vec<String> {
    let line = line.trim_start_matches(['%', '#', ' ', '\\']);
    let mut out = vec![String::new()];
    let mut width = 0;
    for word in line.split_whitespace() {
        let word: String = word.chars().take(MAX_WORD).collect();
        let length = word.chars().count();
        let last = out.last_mut().expect("there is always a last line");
        if last.is_empty() {
            last.push_str(&word);
            width = length;
        } else if width + 1 + length <= WIDTH || word.starts_with(['%', '#']) {
            last.push(' ');
            last.push_str(&word);
            width += 1 + length;
        } else {
            last.truncate(last.trim_end_matches(['\\', ' ']).len());
            out.push(word);
            width = length;
        }
    }
    for line in &mut out {
        line.truncate(line.trim_end_matches(['\\', ' ']).len());
    }
    out
}
