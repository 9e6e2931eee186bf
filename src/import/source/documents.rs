//! Which files of a package are licenses and which are documents, told from their names.

/// Files kept of either sort; a package with more of them has something else in mind.
const MAX_FILES: usize = 200;

/// Words that a license file's name begins with.
const LICENSES: &[&str] = &[
    "license",
    "licence",
    "copying",
    "copyright",
    "notice",
    "unlicense",
    "mit-license",
    "gpl-license",
    "bsd-license",
    "bsdl",
    "legal",
];

/// Words that a document's name begins with.
const DOCUMENTS: &[&str] = &[
    "readme",
    "change",
    "history",
    "news",
    "authors",
    "contributors",
    "contributing",
    "thanks",
    "todo",
    "release",
    "upgrading",
];

/// Endings of code, which is no document whatever its name.
const CODE: &[&str] = &[
    ".py", ".pyc", ".rb", ".c", ".h", ".sh", ".js", ".json", ".toml", ".yml", ".yaml", ".cfg",
    ".ini", ".lock", ".gemspec", ".rake", ".bat",
];

/// The documents that lie in a package's own folder or were named by it.
#[derive(Debug, Default)]
pub(super) struct Documents {
    /// License files, sorted.
    pub(super) licenses: Vec<String>,
    /// All other documents, sorted.
    pub(super) others: Vec<String>,
}

impl Documents {
    /// Sorts the paths, relative to the package's folder, of those that were found to exist.
    /// `named` are those that the package itself calls licenses; with none of them the names
    /// decide.
    pub(super) fn of<'p>(paths: impl Iterator<Item = &'p str>, named: &[String]) -> Self {
        let mut out = Self::default();
        let mut by_name = Vec::new();
        for path in paths {
            if named.iter().any(|it| it == path) {
                out.licenses.push(path.to_owned());
            } else if path.contains('/') {
                // Only what lies on top is told from its name.
            } else if is_license(path) {
                by_name.push(path.to_owned());
            } else if is_document(path) {
                out.others.push(path.to_owned());
            }
        }
        if out.licenses.is_empty() {
            out.licenses = by_name;
        }
        for list in [&mut out.licenses, &mut out.others] {
            list.sort_unstable();
            list.dedup();
            list.truncate(MAX_FILES);
        }
        out
    }
}

/// Whether a file's base name promises a license.
pub(super) fn is_license(name: &str) -> bool {
    begins_with_word(name, LICENSES)
}

/// Whether a file's base name promises a document.
pub(super) fn is_document(name: &str) -> bool {
    begins_with_word(name, DOCUMENTS)
}

fn begins_with_word(name: &str, words: &[&str]) -> bool {
    let name = name.to_ascii_lowercase();
    words.iter().any(|it| name.starts_with(it))
        && !CODE.iter().any(|it| name.ends_with(it))
        && !name.chars().any(char::is_control)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_sorted_by_their_names() {
        let paths = [
            "README.md",
            "LICENSE.txt",
            "docs/LICENSE",
            "CHANGES",
            "setup.py",
            "license.py",
            "MIT-LICENSE",
            "LICENSE\nx",
        ];
        let found = Documents::of(paths.into_iter(), &[]);
        assert_eq!(found.licenses, ["LICENSE.txt", "MIT-LICENSE"]);
        assert_eq!(found.others, ["CHANGES", "README.md"]);
    }

    #[test]
    fn named_licenses_count_when_they_exist() {
        let paths = ["LICENSE.txt", "licenses/MIT.txt", "README"];
        let named = ["licenses/MIT.txt".to_owned(), "gone.txt".to_owned()];
        let found = Documents::of(paths.into_iter(), &named);
        assert_eq!(found.licenses, ["licenses/MIT.txt"]);
        assert_eq!(found.others, ["README"]);
    }
}
