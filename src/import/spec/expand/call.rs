//! How a macro is called: its name, its flags, its arguments and where it ends.

use super::define::closing;

/// How a macro is called.
pub(super) struct Call<'a> {
    pub(super) name: &'a str,
    /// `!` before the name.
    pub(super) negated: bool,
    /// `?` before the name, or the name of an option.
    pub(super) tested: bool,
    pub(super) arguments: Arguments<'a>,
    /// Bytes of the call without arguments behind it, counted from behind the percent sign.
    pub(super) length: usize,
    /// The same with the arguments.
    pub(super) full_length: usize,
    pub(super) braced: bool,
}

#[derive(Clone, Copy)]
pub(super) enum Arguments<'a> {
    None,
    /// Behind a colon.
    Whole(&'a str),
    /// Behind a blank.
    Words(&'a str),
}

/// Whether a word behind a percent sign is no macro, but the rest of a percent-encoded character.
pub(super) fn is_percent_code(word: &str) -> bool {
    let is_code = |it: &u8| it.is_ascii_digit() || (b'A'..=b'F').contains(it);
    let bytes = word.as_bytes();
    bytes[0].is_ascii_digit() || (bytes.len() > 1 && bytes[..2].iter().all(is_code))
}

/// Reads the call that `text` begins with; `end` is the place behind it, without arguments.
pub(super) fn read_call(text: &str, end: usize) -> Call<'_> {
    let braced = text.starts_with('{');
    let inner = if braced {
        &text[1..end - 1]
    } else {
        &text[..end]
    };
    let flagless = inner.trim_start_matches(['?', '!']);
    let flags = &inner[..inner.len() - flagless.len()];
    let mut full_length = end;
    let (name, arguments) = if braced {
        let cut = flagless.find([' ', ':']).unwrap_or(flagless.len());
        let (name, rest) = flagless.split_at(cut);
        let arguments = match rest.as_bytes().first() {
            Some(b':') => Arguments::Whole(&rest[1..]),
            Some(_) => Arguments::Words(rest),
            None => Arguments::None,
        };
        (name, arguments)
    } else if text[end..].starts_with([' ', '\t']) {
        let line = text[end..].find('\n').map_or(text.len(), |it| end + it);
        // A line that a backslash continues takes its line break along.
        let continued = line < text.len() && text[..line].ends_with('\\');
        full_length = if continued { line + 1 } else { line };
        (flagless, Arguments::Words(&text[end..line]))
    } else {
        (flagless, Arguments::None)
    };
    Call {
        name,
        negated: flags.matches('!').count() % 2 == 1,
        tested: flags.contains('?') || name.starts_with('-'),
        arguments,
        length: end,
        full_length,
        braced,
    }
}

/// The place behind the macro that begins behind a percent sign, without arguments.
pub(super) fn macro_end(text: &str) -> Option<usize> {
    match text.as_bytes().first()? {
        b'(' => return closing(text, b'(', b')'),
        b'{' => return closing(text, b'{', b'}'),
        b'[' => return closing(text, b'[', b']'),
        _ => {}
    }
    let name = text.trim_start_matches(['?', '!']);
    let name = name.strip_prefix('-').unwrap_or(name);
    let rest = name.trim_start_matches(|c: char| c.is_ascii_alphanumeric() || c == '_');
    let rest = rest
        .strip_prefix("**")
        .or_else(|| rest.strip_prefix(['*', '#']))
        .unwrap_or(rest);
    Some(text.len() - rest.len())
}

/// The start of a text, for a message.
pub(super) fn start_of(text: &str) -> String {
    text.chars().take_while(|it| *it != '\n').take(40).collect()
}
