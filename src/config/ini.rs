//! Files of the form that Python's `configparser` reads, with its rules.
//!
//! Sections, `key = value` or `key: value`, values that go on in lines that are indented deeper,
//! comments on lines of their own, keys without regard to case, `[DEFAULT]` for all sections, and
//! `%(key)s` in values. Quotes have no meaning.

use std::collections::BTreeMap;

/// How deep a value may refer to others.
const MAX_DEPTH: u32 = 10;

const DEFAULT: &str = "DEFAULT";

/// A parsed file: sections, keys and values as they are written.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Ini {
    sections: BTreeMap<String, BTreeMap<String, String>>,
}

/// A line or a value that cannot be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IniError {
    /// Neither a section, nor a key with a value.
    #[error("line {0} is neither [section] nor key = value")]
    Line(usize),
    /// A key stands twice in a section.
    #[error("line {0}: the key {1:?} stands twice")]
    Twice(usize, String),
    /// A `%` that is neither `%%` nor `%(key)s`, or names no key.
    #[error("the value of {0:?} has a % that is neither %% nor %(key)s of a key that there is")]
    Reference(String),
}

impl Ini {
    /// Reads a file.
    pub(super) fn parse(text: &str) -> Result<Self, IniError> {
        let mut ini = Self::default();
        let mut section: Option<String> = None;
        let mut open: Option<(String, usize)> = None;
        for (number, line) in (1..).zip(text.lines()) {
            let content = line.trim();
            let indent = line.len() - line.trim_start().len();
            if content.is_empty() || content.starts_with(['#', ';']) {
                continue;
            }
            if let (Some((key, depth)), Some(section)) = (&open, &section)
                && indent > *depth
            {
                let value = ini.value_mut(section, key);
                value.push('\n');
                value.push_str(content);
                continue;
            }
            open = None;
            if let Some(rest) = content.strip_prefix('[')
                && let Some((name, _)) = rest.rsplit_once(']')
            {
                ini.sections.entry(name.to_owned()).or_default();
                section = Some(name.to_owned());
                continue;
            }
            let (Some(section), Some((key, value))) = (&section, content.split_once(['=', ':']))
            else {
                return Err(IniError::Line(number));
            };
            let key = key.trim().to_lowercase();
            let keys = ini.sections.entry(section.clone()).or_default();
            if key.is_empty() {
                return Err(IniError::Line(number));
            }
            if keys.insert(key.clone(), value.trim().to_owned()).is_some() {
                return Err(IniError::Twice(number, key));
            }
            open = Some((key, indent));
        }
        Ok(ini)
    }

    fn value_mut(&mut self, section: &str, key: &str) -> &mut String {
        let keys = self.sections.entry(section.to_owned()).or_default();
        keys.entry(key.to_owned()).or_default()
    }

    /// Every key of a section and of `[DEFAULT]`; nothing where there is no such section.
    pub(super) fn section(&self, name: &str) -> Option<BTreeMap<&str, Result<String, IniError>>> {
        let mut keys = self.sections.get(DEFAULT).cloned().unwrap_or_default();
        keys.extend(self.sections.get(name)?.clone());
        let own = self.sections.get(name)?.keys();
        let all = own.chain(
            self.sections
                .get(DEFAULT)
                .into_iter()
                .flatten()
                .map(|it| it.0),
        );
        Some(
            all.map(|key| {
                let value = expand(&keys, &keys[key], MAX_DEPTH);
                let value = value.ok_or_else(|| IniError::Reference(key.clone()));
                (key.as_str(), value)
            })
            .collect(),
        )
    }
}

/// The value with its references replaced.
fn expand(keys: &BTreeMap<String, String>, value: &str, depth: u32) -> Option<String> {
    let mut out = String::new();
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        if let Some(after) = after.strip_prefix('%') {
            out.push('%');
            rest = after;
            continue;
        }
        let (name, after) = after.strip_prefix('(')?.split_once(")s")?;
        let value = keys.get(&name.to_lowercase())?;
        out.push_str(&expand(keys, value, depth.checked_sub(1)?)?);
        rest = after;
    }
    out.push_str(rest);
    Some(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str, key: &str) -> Option<Result<String, IniError>> {
        let ini = Ini::parse(text).unwrap();
        ini.section("s").unwrap().remove(key)
    }

    #[test]
    fn values_are_read_as_python_reads_them() {
        let text = "\
# comment
[DEFAULT]
home = /var
[s]
 ; another
Key=a # no comment
other : b = c
long = one
   two
# between
   three
path = %(HOME)s/x%%
empty =
";
        for (key, expected) in [
            ("key", "a # no comment"),
            ("other", "b = c"),
            ("long", "one\ntwo\nthree"),
            ("path", "/var/x%"),
            ("home", "/var"),
            ("empty", ""),
        ] {
            assert_eq!(value(text, key), Some(Ok(expected.to_owned())), "{key}");
        }
        assert_eq!(value(text, "none"), None);
        assert_eq!(Ini::parse("[a]\n").unwrap().section("s"), None);
    }

    #[test]
    fn mistakes_name_their_place() {
        assert_eq!(Ini::parse("x = 1\n"), Err(IniError::Line(1)));
        assert_eq!(Ini::parse("[s]\nnonsense\n"), Err(IniError::Line(2)));
        let twice = Ini::parse("[s]\na=1\nA=2\n");
        assert_eq!(twice, Err(IniError::Twice(3, "a".to_owned())));
        for text in ["[s]\na=50%\n", "[s]\na=%(b)s\n", "[s]\na=%(a)s\n"] {
            let error = IniError::Reference("a".to_owned());
            assert_eq!(value(text, "a"), Some(Err(error)), "{text}");
        }
    }
}
