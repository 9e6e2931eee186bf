//! What the registry answers: its pages, and which file an address names.

use crate::bench::{Corpus, Work};
use crate::import::source::pypi::normalise_name;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::json;
use std::collections::HashMap;
use std::fmt::Write as _;
use std::path::PathBuf;

/// What is not written as it is in a path (RFC 3986, section 2.3).
const UNSAFE: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b'~');

/// An answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Found {
    /// A page with its type.
    Page(&'static str, String),
    /// A file and its size in bytes.
    File(PathBuf, u64),
}

/// Everything that there is, by path.
#[derive(Debug, Default)]
pub(super) struct Index(HashMap<String, Found>);

impl Index {
    pub(super) fn new(corpus: &Corpus) -> Self {
        let mut index = Self::default();
        match corpus.work {
            Work::Srpm => {
                for (number, item) in corpus.items.iter().enumerate() {
                    let file = Found::File(item.path.clone(), item.size);
                    index.0.insert(source_path(number, &item.file_name), file);
                }
            }
            Work::Pypi => index.add_sdists(corpus),
            Work::Gem => index.add_gems(corpus),
        }
        index
    }

    pub(super) fn find(&self, path: &str) -> Option<Found> {
        self.0.get(path).cloned()
    }

    fn add_sdists(&mut self, corpus: &Corpus) {
        for (number, item) in corpus.items.iter().enumerate() {
            let file = source_path(number, &item.file_name);
            let name = normalise_name(&item.name);
            let page = json!({
                "info": {"name": item.name, "version": item.version},
                "urls": [{
                    "filename": item.file_name, "url": file, "packagetype": "sdist",
                    "digests": {"sha256": item.sha256}, "size": item.size, "yanked": false,
                }],
            });
            let page = Found::Page("application/json", page.to_string());
            self.0
                .insert(format!("/pypi/{name}/{}/json", item.version), page);
            self.0
                .insert(file, Found::File(item.path.clone(), item.size));
        }
    }

    fn add_gems(&mut self, corpus: &Corpus) {
        let mut pages: HashMap<&str, String> = HashMap::new();
        for item in &corpus.items {
            let page = pages
                .entry(&item.name)
                .or_insert_with(|| "---\n".to_owned());
            let _ = writeln!(page, "{} |checksum:{}", item.version, item.sha256);
            let file = Found::File(item.path.clone(), item.size);
            self.0.insert(format!("/gems/{}", item.file_name), file);
        }
        for (name, page) in pages {
            let page = Found::Page("text/plain; charset=utf-8", page);
            self.0.insert(format!("/info/{name}"), page);
        }
    }
}

/// The path of a file that has no place of its own. Two files of a corpus may have one name.
pub(super) fn source_path(number: usize, file_name: &str) -> String {
    let name = utf8_percent_encode(file_name, UNSAFE);
    format!("/files/{number}/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::bench::Item;
    use crate::model::Sha256;

    fn corpus(work: Work, files: &[(&str, &str, &str)]) -> Corpus {
        let item = |(name, version, file): &(&str, &str, &str)| Item {
            path: format!("/c/{file}").into(),
            file_name: (*file).to_owned(),
            name: (*name).to_owned(),
            version: (*version).to_owned(),
            size: 3,
            sha256: Sha256([0xab; 32]),
        };
        Corpus {
            work,
            items: files.iter().map(item).collect(),
        }
    }

    #[test]
    fn versions_and_files_are_found() {
        let index = Index::new(&corpus(Work::Pypi, &[("A_b", "1.0", "A_b-1.0.tar.gz")]));
        let Some(Found::Page(_, page)) = index.find("/pypi/a-b/1.0/json") else {
            panic!("{index:?}");
        };
        let page: serde_json::Value = serde_json::from_str(&page).unwrap();
        let url = page["urls"][0]["url"].as_str().unwrap();
        let file = Found::File("/c/A_b-1.0.tar.gz".into(), 3);
        assert_eq!(index.find(url), Some(file));
        assert_eq!(index.find("/pypi/a-b/1.1/json"), None);
        let gems = [("g", "1", "g-1.gem"), ("g", "2", "g-2.gem")];
        let index = Index::new(&corpus(Work::Gem, &gems));
        let Some(Found::Page(_, page)) = index.find("/info/g") else {
            panic!("{index:?}");
        };
        assert_eq!(page.lines().count(), 3, "{page}");
        assert!(index.find("/gems/g-2.gem").is_some());
    }
}
