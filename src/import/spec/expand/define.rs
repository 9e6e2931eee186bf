//! `%define` and `%global`: the name, the options and the body of a definition.

/// A definition as it was read.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Definition {
    pub(super) name: String,
    pub(super) options: Option<String>,
    pub(super) body: String,
    /// How many bytes of the text it took.
    pub(super) length: usize,
}

/// Reads a definition. Free text reaches to the end of the line, or of the braces that are open
/// there; a backslash keeps the character behind it, so a line break too. Without `free` the
/// whole rest is the body.
///
/// Fails with what is wrong.
pub(super) fn definition(text: &str, free: bool) -> Result<Definition, String> {
    let start = text.len() - text.trim_start_matches([' ', '\t']).len();
    let name_end = text[start..]
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .map_or(text.len(), |it| start + it);
    let name = &text[start..name_end];
    let first = name.chars().next().unwrap_or(' ');
    if !(first.is_ascii_alphabetic() || (first == '_' && name.len() > 1)) {
        return Err(format!("macro %{name} has no legal name"));
    }
    let mut at = name_end;
    let mut options = None;
    if text[at..].starts_with('(') {
        let end = text[at..]
            .find(')')
            .ok_or_else(|| format!("the options of macro %{name} do not end"))?;
        options = Some(text[at + 1..at + end].to_owned());
        at += end + 1;
    }
    at += text[at..].len() - text[at..].trim_start_matches([' ', '\t']).len();
    let unfinished = || format!("the body of macro %{name} does not end");
    let (body, end) = if !free {
        (text[at..].to_owned(), text.len())
    } else if text[at..].starts_with('{') {
        let end = at + closing(&text[at..], b'{', b'}').ok_or_else(unfinished)?;
        (text[at + 1..end - 1].to_owned(), end)
    } else {
        let (body, length) = free_text(&text[at..]).ok_or_else(unfinished)?;
        (body, at + length)
    };
    if body.is_empty() {
        return Err(format!("macro %{name} has an empty body"));
    }
    let breaks = text[end..].len() - text[end..].trim_start_matches(['\n', '\r']).len();
    Ok(Definition {
        name: name.to_owned(),
        options,
        body,
        length: if free { end + breaks } else { end },
    })
}

/// A body up to the end of the line, and how many bytes it took.
fn free_text(text: &str) -> Option<(String, usize)> {
    let mut body = String::new();
    let mut depth = Depth::default();
    let mut chars = text.char_indices().peekable();
    let mut length = text.len();
    while let Some((at, c)) = chars.next() {
        if matches!(c, '\n' | '\r') && depth.braces == 0 && depth.parentheses == 0 {
            length = at;
            break;
        }
        let next = chars.peek().map(|it| it.1);
        match (c, next) {
            ('\\', Some(kept)) => {
                chars.next();
                body.push(kept);
                continue;
            }
            ('%', Some(second @ ('{' | '(' | '[' | '%'))) => {
                depth.opened(second);
                body.push('%');
                body.push(second);
                chars.next();
                continue;
            }
            _ => depth.nested(c),
        }
        body.push(c);
    }
    let body = body.trim_end_matches([' ', '\t', '\n', '\r']).to_owned();
    depth.is_closed().then_some((body, length))
}

/// How many `%{`, `%(` and `%[` are open.
#[derive(Debug, Default)]
pub(in crate::import::spec) struct Depth {
    braces: u32,
    parentheses: u32,
    brackets: u32,
}

impl Depth {
    /// Takes the character behind a percent sign.
    pub(in crate::import::spec) const fn opened(&mut self, c: char) {
        match c {
            '{' => self.braces += 1,
            '(' => self.parentheses += 1,
            '[' => self.brackets += 1,
            _ => {}
        }
    }

    /// Takes any other character: within a macro its own brackets nest.
    pub(in crate::import::spec) const fn nested(&mut self, c: char) {
        let (counter, up) = match c {
            '{' => (&mut self.braces, true),
            '}' => (&mut self.braces, false),
            '(' => (&mut self.parentheses, true),
            ')' => (&mut self.parentheses, false),
            '[' => (&mut self.brackets, true),
            ']' => (&mut self.brackets, false),
            _ => return,
        };
        if *counter > 0 {
            *counter = if up { *counter + 1 } else { *counter - 1 };
        }
    }

    pub(in crate::import::spec) const fn is_closed(&self) -> bool {
        self.braces == 0 && self.parentheses == 0 && self.brackets == 0
    }
}

/// The place behind the bracket that closes the first one of the text; a backslash hides the
/// character behind it.
pub(super) fn closing(text: &str, open: u8, close: u8) -> Option<usize> {
    let mut depth = 0_u32;
    let mut bytes = text.bytes().enumerate();
    while let Some((at, byte)) = bytes.next() {
        if byte == b'\\' {
            bytes.next();
        } else if byte == close {
            depth = depth.saturating_sub(1);
            if depth == 0 {
                return Some(at + 1);
            }
        } else if byte == open {
            depth += 1;
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn definitions_are_read_as_rpm_reads_them() {
        for (text, name, options, body, rest) in [
            (" a 1 \nb", "a", None, "1", "b"),
            (" a(n:) %{-n*} x", "a", Some("n:"), "%{-n*} x", ""),
            (" a {x\ny}z", "a", None, "x\ny", "z"),
            (" a x\\\ny\nz", "a", None, "x\ny", "z"),
            (" a \\\nx\\\\y\nz", "a", None, "\nx\\y", "z"),
            (" a %{expand:\nx\n}\nz", "a", None, "%{expand:\nx\n}", "z"),
            (" a 100%%\nz", "a", None, "100%%", "z"),
        ] {
            let got = definition(text, true).unwrap();
            assert_eq!(got.name, name);
            assert_eq!(got.options.as_deref(), options);
            assert_eq!(got.body, body);
            assert_eq!(&text[got.length..], rest);
        }
    }

    #[test]
    fn broken_definitions_are_refused() {
        for text in [" ", " 1a x", " _ x", " a(n x", " a", " a {x", " a %{x\ny"] {
            assert!(definition(text, true).is_err(), "{text:?}");
        }
    }
}
