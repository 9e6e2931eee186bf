//! Name and version of an sdist that has no `PKG-INFO`, or one that does not say them.
//!
//! Archives of 2008 and those that a forge made of a tag hold a project as its authors keep it. It
//! can be built where there is a `setup.py` or a `pyproject.toml`. What the latter says without
//! running anything counts first, in its `[project]` table or in Poetry's own; then the name of
//! the file, where the project's name, or a dash before a version, shows where one ends.

use super::metadata::Metadata;
use super::names::{SdistKind, is_valid_name, normalise_name, stem, version_after};
use crate::import::source::release::MAX_FILE_NAME;
use std::collections::BTreeMap;
use toml::{Table, Value};

/// Folders that are looked at; an archive with more of them is no sdist.
const MAX_FOLDERS: usize = 16;

/// The files that make a folder something to build.
const BUILD: [&str; 2] = ["setup.py", "pyproject.toml"];

/// The projects at the top of an archive: by their folder, the text of `pyproject.toml`.
#[derive(Debug, Default)]
pub(super) struct Projects(BTreeMap<String, Option<String>>);

impl Projects {
    /// Takes note of one build file by its folder and name.
    pub(super) fn see(&mut self, folder: &str, name: &str, text: &str) {
        let known = self.0.contains_key(folder);
        if BUILD.contains(&name) && (known || self.0.len() < MAX_FOLDERS) {
            let table = self.0.entry(folder.to_owned()).or_default();
            if name == "pyproject.toml" {
                *table = Some(text.to_owned());
            }
        }
    }

    /// Whether a folder holds one; the archive's own is the empty one.
    pub(super) fn holds(&self, folder: &str) -> bool {
        self.0.contains_key(folder)
    }

    /// The folder of the project that the archive is about: its own, else one that is called as
    /// the file, else the first.
    pub(super) fn folder(&self, file_name: &str) -> Option<&str> {
        let called = |it: &&String| file_name.starts_with(it.as_str());
        let folder = match self.holds("") {
            true => return Some(""),
            false => self.0.keys().find(called).or_else(|| self.0.keys().next()),
        };
        folder.map(String::as_str)
    }

    /// Fills in what the metadata lacks, from the project of a folder and the name of the file;
    /// the answer is what was used, in words.
    pub(super) fn complete(
        &self,
        folder: &str,
        file_name: &str,
        metadata: &mut Metadata,
    ) -> &'static str {
        let table = self.0.get(folder).and_then(Option::as_deref);
        metadata.add(table.map(of_file).unwrap_or_default());
        if metadata.name.is_some() && metadata.version.is_some() {
            return "pyproject.toml";
        }
        let told = metadata.name.is_some();
        if let Some((name, version)) = name_and_version(file_name, metadata.name.as_deref()) {
            metadata.name.get_or_insert(name);
            metadata.version.get_or_insert(version);
        }
        match told {
            true => "pyproject.toml and the name of the file",
            false => "the name of the file",
        }
    }
}

/// What the name of an sdist says; the project's name helps where it is known.
fn name_and_version(file_name: &str, name: Option<&str>) -> Option<(String, String)> {
    let kind = SdistKind::of_file_name(file_name).filter(|_| file_name.len() <= MAX_FILE_NAME)?;
    let stem = stem(file_name, kind.extension())?;
    if let Some(name) = name {
        let version = version_after(&normalise_name(name), stem)?;
        return Some((name.to_owned(), version.to_string()));
    }
    stem.match_indices('-').find_map(|(at, _)| {
        let (name, version) = (&stem[..at], &stem[at + 1..]);
        let is_version = version.parse::<pep440_rs::Version>().is_ok();
        (is_version && is_valid_name(name)).then(|| (name.to_owned(), version.to_owned()))
    })
}

/// What a `pyproject.toml` says of its project; nothing where it is no TOML.
fn of_file(text: &str) -> Metadata {
    let Ok(file) = text.parse::<Table>() else {
        return Metadata::default();
    };
    let own = file.get("project").and_then(Value::as_table);
    let poetry = file.get("tool").and_then(|it| it.get("poetry"));
    match (own, poetry.and_then(Value::as_table)) {
        (Some(table), _) if table.contains_key("name") => of_project(table),
        (_, Some(table)) => of_poetry(table),
        (Some(table), None) => of_project(table),
        (None, None) => Metadata::default(),
    }
}

/// The standard's table.
fn of_project(table: &Table) -> Metadata {
    let license = table.get("license");
    let part = |key| license.and_then(|it| it.get(key)).and_then(Value::as_str);
    let mut license_files = texts(table, "license-files");
    license_files.extend(part("file").map(str::to_owned));
    Metadata {
        name: text(table, "name"),
        version: text(table, "version"),
        summary: text(table, "description"),
        requires_python: text(table, "requires-python"),
        license: part("text").map(str::to_owned),
        license_expression: text(table, "license"),
        license_files,
        classifiers: texts(table, "classifiers"),
        extras: keys(table, "optional-dependencies"),
        project_urls: urls(table),
        ..Metadata::default()
    }
}

/// Poetry's table, from before there was a standard.
fn of_poetry(table: &Table) -> Metadata {
    Metadata {
        name: text(table, "name"),
        version: text(table, "version"),
        summary: text(table, "description"),
        home_page: text(table, "homepage").or_else(|| text(table, "repository")),
        license: text(table, "license"),
        classifiers: texts(table, "classifiers"),
        extras: keys(table, "extras"),
        project_urls: urls(table),
        ..Metadata::default()
    }
}

fn text(table: &Table, key: &str) -> Option<String> {
    let text = table.get(key)?.as_str()?.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

fn texts(table: &Table, key: &str) -> Vec<String> {
    let list = table.get(key).and_then(Value::as_array);
    let list = list.into_iter().flatten().filter_map(Value::as_str);
    list.map(str::to_owned).collect()
}

fn keys(table: &Table, key: &str) -> Vec<String> {
    let inner = table.get(key).and_then(Value::as_table);
    inner.into_iter().flat_map(Table::keys).cloned().collect()
}

fn urls(table: &Table) -> Vec<(String, String)> {
    let inner = table.get("urls").and_then(Value::as_table);
    let pair = |(label, url): (&String, &Value)| Some((label.clone(), url.as_str()?.to_owned()));
    inner.into_iter().flatten().filter_map(pair).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tables_of_pyproject_are_read() {
        let project = of_file(
            "[project]\nname = 'Demo'\nversion = '1.0'\ndescription = 'A demo'\nlicense = 'MIT'\n\
             license-files = ['LICENSE']\nrequires-python = '>=3.9'\nclassifiers = ['A', 'B']\n\
             [project.urls]\nHomepage = 'https://a.test'\n\
             [project.optional-dependencies]\nfast = ['six']\n[tool.poetry]\nname = 'no'\n",
        );
        assert_eq!(project.name.as_deref(), Some("Demo"));
        assert_eq!(project.summary.as_deref(), Some("A demo"));
        assert_eq!(project.license_expression.as_deref(), Some("MIT"));
        assert_eq!(project.license_files, ["LICENSE"]);
        assert_eq!(project.classifiers, ["A", "B"]);
        assert_eq!(project.extras, ["fast"]);
        assert_eq!(project.url().as_deref(), Some("https://a.test"));
        let old = of_file("[project]\nname = 'd'\nlicense = {text = 'BSD'}\ndynamic = ['version']");
        assert_eq!(old.license.as_deref(), Some("BSD"));
        assert_eq!((old.license_expression, old.version), (None, None));
        let poetry =
            of_file("[tool.poetry]\nname = 'p'\nversion = '2'\nhomepage = 'https://b.test'");
        assert_eq!(poetry.version.as_deref(), Some("2"));
        assert_eq!(poetry.url().as_deref(), Some("https://b.test"));
        for nothing in [
            "",
            "[project",
            "project = 1",
            "[tool]\npoetry = 2",
            "[project]\nname = 3",
        ] {
            assert_eq!(of_file(nothing), Metadata::default(), "{nothing}");
        }
    }

    #[test]
    fn file_names_are_split_before_the_version() {
        for (file, name, expected) in [
            ("foo-1.0.tar.gz", None, Some(("foo", "1.0"))),
            (
                "python-2to3-1.0b2.zip",
                None,
                Some(("python-2to3", "1.0b2")),
            ),
            ("foo-1.0-1.tgz", None, Some(("foo", "1.0-1"))),
            ("foo-2-3.tar.bz2", Some("Foo.2"), Some(("Foo.2", "3"))),
            ("foo-bar-3.tar.bz2", Some("foo"), None),
            ("foo.tar.gz", None, None),
            ("-1.0.tar.gz", None, None),
            ("foo-trunk.zip", None, None),
            ("foo-1.0.exe", None, None),
        ] {
            let expected = expected.map(|(a, b): (&str, &str)| (a.to_owned(), b.to_owned()));
            assert_eq!(name_and_version(file, name), expected, "{file}");
        }
    }

    #[test]
    fn the_archive_s_own_folder_comes_first() {
        let mut projects = Projects::default();
        assert_eq!(projects.folder("b-1.zip"), None);
        for (folder, name) in [
            ("a", "setup.py"),
            ("b-1", "pyproject.toml"),
            ("c", "README"),
        ] {
            projects.see(folder, name, "");
        }
        assert_eq!(projects.folder("b-1.zip"), Some("b-1"));
        assert_eq!(projects.folder("z-1.zip"), Some("a"));
        projects.see("", "setup.py", "");
        assert_eq!(projects.folder("b-1.zip"), Some(""));
        (0..100).for_each(|it| projects.see(&it.to_string(), "setup.py", ""));
        assert_eq!(projects.0.len(), MAX_FOLDERS);
    }
}
