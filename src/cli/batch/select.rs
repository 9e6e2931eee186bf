//! Which of many sources, and in which order.

use crate::cli::jobs::Entry;
use crate::import::job::Source;
use crate::import::source::pypi::normalise_name;
use crate::model::Ecosystem;
use glob::{Pattern, PatternError};
use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

/// What was taken.
#[derive(Debug)]
pub(super) struct Taken {
    pub(super) entries: Vec<Entry>,
    /// How many match a pattern, before the limit.
    pub(super) matched: usize,
    /// How many of the names that come first are among them.
    pub(super) first: usize,
}

/// What is taken of all that there is. Names of PyPI are compared in their one normal spelling.
#[derive(Debug, Default)]
pub(super) struct Selection {
    /// Names that match one of these; all, if there is none.
    pub(super) patterns: Vec<Pattern>,
    /// Names that come first.
    pub(super) first: Vec<String>,
    /// At most so many.
    pub(super) limit: Option<usize>,
}

impl Selection {
    /// Adds a pattern.
    ///
    /// # Errors
    /// When it is none.
    pub(super) fn add_pattern(&mut self, text: &str) -> Result<(), PatternError> {
        self.patterns.push(Pattern::new(text)?);
        self.patterns.push(Pattern::new(&normalise_pattern(text))?);
        Ok(())
    }

    /// Names that come first, one a line; empty lines and `#` comments are passed over.
    pub(super) fn set_first(&mut self, text: &str) {
        let lines = text
            .lines()
            .map(|it| it.split(" #").next().unwrap_or(it).trim());
        let names = lines.filter(|it| !it.is_empty() && !it.starts_with('#'));
        self.first = names.map(str::to_owned).collect();
    }

    /// Takes them, in their order.
    pub(super) fn apply(&self, mut entries: Vec<Entry>) -> Taken {
        entries.retain(|it| {
            let names = [name(it).into(), key(it)];
            let fits = |pattern: &Pattern| names.iter().any(|it| pattern.matches(it));
            self.patterns.is_empty() || self.patterns.iter().any(fits)
        });
        let mut first = HashSet::new();
        if !self.first.is_empty() {
            let mut places: HashMap<Cow<'_, str>, usize> = HashMap::new();
            for (name, place) in self.first.iter().zip(0..) {
                // A name of PyPI has many spellings.
                places.entry(normalise_name(name).into()).or_insert(place);
                places.insert(name.into(), place);
            }
            entries.sort_by_cached_key(|it| {
                let place = places.get(&key(it)).copied();
                first.extend(place);
                place.unwrap_or(usize::MAX)
            });
        }
        let matched = entries.len();
        entries.truncate(self.limit.unwrap_or(usize::MAX));
        Taken {
            entries,
            matched,
            first: first.len(),
        }
    }
}

/// The name by which an entry is compared.
fn key(entry: &Entry) -> Cow<'_, str> {
    match &entry.source {
        Ok(Source::Registry {
            ecosystem: Ecosystem::Pypi,
            name,
            ..
        }) => normalise_name(name).into(),
        _ => name(entry).into(),
    }
}

/// A pattern of names as the names are compared; sets of characters are left as they are.
fn normalise_pattern(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_set = false;
    for c in text.chars() {
        match c {
            '[' | ']' => is_set = c == '[',
            '-' | '_' | '.' if !is_set => {
                if !out.ends_with('-') {
                    out.push('-');
                }
                continue;
            }
            _ => {}
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

/// The name of a package, or of a file.
fn name(entry: &Entry) -> &str {
    match &entry.source {
        Ok(Source::Registry { name, .. }) => name,
        Ok(Source::Path(..) | Source::Url(..)) | Err(_) => {
            entry.text.rsplit('/').next().unwrap_or_default()
        }
    }
}

/// Names of a registry as entries. What cannot be a source is none: no import could ask for it.
pub(super) fn entries(ecosystem: Ecosystem, names: Vec<String>) -> Vec<Entry> {
    let names = names.into_iter();
    names
        .map(|name| Entry {
            text: format!("{ecosystem}:{name}"),
            source: Ok(Source::Registry {
                ecosystem,
                name,
                version: None,
            }),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(ecosystem: Ecosystem, names: &[&str], selection: &Selection) -> (Vec<String>, usize) {
        let names = names.iter().map(|it| (*it).to_owned()).collect();
        let taken = selection.apply(entries(ecosystem, names));
        let texts = taken.entries.into_iter().map(|it| it.text);
        (texts.collect(), taken.first)
    }

    #[test]
    fn patterns_order_and_limit_work_on_names() {
        let names = ["rails", "rake", "six", "railties"];
        let all = |selection: &Selection| taken(Ecosystem::Gem, &names, selection);
        assert_eq!(all(&Selection::default()).0.len(), 4);
        let mut selection = Selection {
            limit: Some(2),
            ..Selection::default()
        };
        selection.add_pattern("rail*").unwrap();
        selection.add_pattern("s?x").unwrap();
        selection.set_first("# the most used\nsix # a comment\n\nnothing\nrailties\n");
        let (texts, first) = all(&selection);
        assert_eq!(
            (&*texts, first),
            (&["gem:six".to_owned(), "gem:railties".to_owned()][..], 2)
        );
    }

    #[test]
    fn names_of_pypi_have_many_spellings() {
        let names = ["Zope.Interface", "django_rest", "Flask", "six"];
        for pattern in ["zope-inter*", "Zope.*", "ZOPE_*"] {
            let mut selection = Selection::default();
            selection.add_pattern(pattern).unwrap();
            let (texts, _) = taken(Ecosystem::Pypi, &names, &selection);
            assert_eq!(texts, ["pypi:Zope.Interface"], "{pattern}");
        }
        let mut selection = Selection::default();
        selection.set_first("flask\nDjango-Rest\n");
        let (texts, first) = taken(Ecosystem::Pypi, &names, &selection);
        assert_eq!(
            (&*texts[..2].join(" "), first),
            ("pypi:Flask pypi:django_rest", 2)
        );
        // Of gems it is another name.
        let (_, first) = taken(Ecosystem::Gem, &names, &selection);
        assert_eq!(first, 0);
    }
}
