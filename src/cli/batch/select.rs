//! Which of many sources, and in which order.

use crate::cli::jobs::Entry;
use crate::import::job::Source;
use crate::model::Ecosystem;
use glob::Pattern;
use std::collections::HashMap;

/// What is taken of all that there is.
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
    /// Takes them, in their order.
    pub(super) fn apply(&self, mut entries: Vec<Entry>) -> Vec<Entry> {
        entries.retain(|it| {
            let name = name(it);
            self.patterns.is_empty() || self.patterns.iter().any(|pattern| pattern.matches(name))
        });
        if !self.first.is_empty() {
            let places: HashMap<&str, usize> =
                self.first.iter().map(String::as_str).zip(0..).collect();
            entries.sort_by_key(|it| places.get(name(it)).copied().unwrap_or(usize::MAX));
        }
        entries.truncate(self.limit.unwrap_or(usize::MAX));
        entries
    }
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

    #[test]
    fn patterns_order_and_limit_work_on_names() {
        let names = ["rails", "rake", "six", "railties"].map(str::to_owned);
        let all = || entries(Ecosystem::Gem, names.to_vec());
        let texts = |selection: Selection| -> Vec<String> {
            let taken = selection.apply(all()).into_iter();
            taken.map(|it| it.text).collect()
        };
        assert_eq!(texts(Selection::default()).len(), 4);
        let patterns = vec![Pattern::new("rail*").unwrap(), Pattern::new("s?x").unwrap()];
        let selection = Selection {
            patterns,
            first: vec![
                "six".to_owned(),
                "nothing".to_owned(),
                "railties".to_owned(),
            ],
            limit: Some(2),
        };
        assert_eq!(texts(selection), ["gem:six", "gem:railties"]);
    }
}
