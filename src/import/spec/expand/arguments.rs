//! Arguments of macros and sections: splitting and options.

/// RPM's own quote within macro arguments, made by `%{quote:…}`.
pub(super) const QUOTE: char = '\u{1f}';

/// Words at blanks; text between two [`QUOTE`] stays together, even when it is empty.
pub(super) fn words(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word = String::new();
    let mut begun = false;
    let mut quoted = false;
    for c in text.chars() {
        match c {
            QUOTE => {
                quoted = !quoted;
                begun = true;
            }
            ' ' | '\t' if !quoted => {
                if begun {
                    out.push(std::mem::take(&mut word));
                }
                begun = false;
            }
            _ => {
                word.push(c);
                begun = true;
            }
        }
    }
    if begun {
        out.push(word);
    }
    out
}

/// Words as a section line has them: at white space, with quotes and backslashes.
pub(in crate::import::spec) fn split_quoted(text: &str) -> Vec<String> {
    let mut out = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut chars = text.chars();
    while let Some(c) = chars.next() {
        match (c, quote) {
            ('\\', _) => {
                if let Some(next) = chars.next() {
                    word.get_or_insert_default().push(next);
                }
            }
            (_, Some(open)) if c == open => quote = None,
            (_, Some(_)) => word.get_or_insert_default().push(c),
            ('"' | '\'', None) => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            (_, None) if c.is_ascii_whitespace() => out.extend(word.take()),
            (_, None) => word.get_or_insert_default().push(c),
        }
    }
    out.extend(word);
    out
}

/// Options and what else was given.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Parsed {
    /// Each option with its value, where it takes one.
    pub(super) options: Vec<(char, Option<String>)>,
    /// The rest, in its order.
    pub(super) rest: Vec<String>,
}

/// Reads options as `getopt` does: they may stand anywhere, `--` ends them. A letter followed by
/// `:` in `known` takes a value.
///
/// Fails with the option that is not known or lacks its value.
pub(super) fn options(arguments: &[String], known: &str) -> Result<Parsed, char> {
    let mut out = Parsed::default();
    if known == "-" {
        out.rest = arguments.to_vec();
        return Ok(out);
    }
    let mut all = arguments.iter();
    while let Some(argument) = all.next() {
        if argument == "--" {
            out.rest.extend(all.by_ref().cloned());
        } else if let Some(cluster) = argument.strip_prefix('-').filter(|it| !it.is_empty()) {
            for (at, letter) in cluster.char_indices() {
                let place = known.find(letter).filter(|_| letter != ':').ok_or(letter)?;
                if !known[place + letter.len_utf8()..].starts_with(':') {
                    out.options.push((letter, None));
                    continue;
                }
                let tail = &cluster[at + letter.len_utf8()..];
                let value = if tail.is_empty() {
                    all.next().cloned().ok_or(letter)?
                } else {
                    tail.to_owned()
                };
                out.options.push((letter, Some(value)));
                break;
            }
        } else {
            out.rest.push(argument.clone());
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn owned(words: &[&str]) -> Vec<String> {
        words.iter().map(ToString::to_string).collect()
    }

    #[test]
    fn words_are_split_at_blanks_but_not_within_quotes() {
        assert_eq!(words(" a\t b  "), ["a", "b"]);
        assert_eq!(words("a \u{1f}b c\u{1f} \u{1f}\u{1f}"), ["a", "b c", ""]);
        assert_eq!(
            split_quoted("a 'b c' \"d\"e \\ f"),
            ["a", "b c", "de", " f"]
        );
    }

    #[test]
    fn options_stand_anywhere() {
        let parsed = options(&owned(&["x", "-ab", "-nv", "-n", "w", "--", "-a"]), "abn:").unwrap();
        assert_eq!(
            parsed.options,
            [
                ('a', None),
                ('b', None),
                ('n', Some("v".to_owned())),
                ('n', Some("w".to_owned()))
            ]
        );
        assert_eq!(parsed.rest, ["x", "-a"]);
        assert_eq!(options(&owned(&["-z"]), "a"), Err('z'));
        assert_eq!(options(&owned(&["-n"]), "n:"), Err('n'));
    }
}
