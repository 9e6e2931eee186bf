//! The fields of a `PKG-INFO` or `METADATA`, versions 1.0 to 2.4 of Python's core metadata.
//!
//! A small parser of our own: mail parsers join folded lines with a blank, which turns a folded
//! `Description` into one line.

use crate::import::source::address::is_web_address;
use crate::import::source::read_error::{ReadError, shortened};

/// The fields that matter to a package. Absent, empty and `UNKNOWN` values are none.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Metadata {
    pub(super) name: Option<String>,
    pub(super) version: Option<String>,
    pub(super) summary: Option<String>,
    pub(super) description: Option<String>,
    pub(super) home_page: Option<String>,
    pub(super) requires_python: Option<String>,
    pub(super) license: Option<String>,
    pub(super) license_expression: Option<String>,
    pub(super) license_files: Vec<String>,
    pub(super) classifiers: Vec<String>,
    pub(super) extras: Vec<String>,
    /// `Project-URL`: a label and an address each.
    pub(super) project_urls: Vec<(String, String)>,
}

impl Metadata {
    /// Reads headers up to the first empty line; what follows is the description. A line that is
    /// no header ends the headers too, as in Python's own parser.
    pub(super) fn parse(text: &str) -> Self {
        let mut out = Self::default();
        let mut rest = text;
        let mut field: Option<(&str, String)> = None;
        while !rest.is_empty() {
            let (line, tail) = rest.split_once('\n').unwrap_or((rest, ""));
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.starts_with([' ', '\t']) {
                if let Some((_, value)) = &mut field {
                    value.push('\n');
                    value.push_str(unfolded(line));
                }
                rest = tail;
                continue;
            }
            if let Some((key, value)) = field.take() {
                out.take(key, &value);
            }
            match line.split_once(':') {
                Some((key, value)) if is_field_name(key) => {
                    field = Some((key, value.trim().to_owned()));
                    rest = tail;
                }
                _ => {
                    rest = if line.is_empty() { tail } else { rest };
                    break;
                }
            }
        }
        if let Some((key, value)) = field.take() {
            out.take(key, &value);
        }
        if let Some(body) = told(rest) {
            out.description = Some(body);
        }
        out
    }

    fn take(&mut self, key: &str, value: &str) {
        let Some(value) = told(value) else {
            return;
        };
        match key.to_ascii_lowercase().as_str() {
            "name" => first(&mut self.name, value),
            "version" => first(&mut self.version, value),
            "summary" => first(&mut self.summary, value),
            "description" => first(&mut self.description, value),
            "home-page" => first(&mut self.home_page, value),
            "requires-python" => first(&mut self.requires_python, value),
            "license" => first(&mut self.license, value),
            "license-expression" => first(&mut self.license_expression, value),
            "license-file" => self.license_files.push(value),
            "classifier" => self.classifiers.push(value),
            "provides-extra" if !self.extras.contains(&value) => self.extras.push(value),
            "project-url" => {
                if let Some((label, url)) = value.split_once(',') {
                    self.project_urls
                        .push((label.trim().to_owned(), url.trim().to_owned()));
                }
            }
            _ => {}
        }
    }

    /// Name and version, in upstream's spelling and fit for their ecosystem. `path` is the file's,
    /// for errors.
    pub(super) fn identity(&self, path: &str) -> Result<(String, String), ReadError> {
        let lacks = |field: &str| ReadError::invalid(path, format!("there is no {field}"));
        let name = self.name.as_deref().ok_or_else(|| lacks("Name"))?;
        let version = self.version.as_deref().ok_or_else(|| lacks("Version"))?;
        let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_alphanumeric);
        let bytes = name.as_bytes();
        let allowed = |b: &u8| b.is_ascii_alphanumeric() || b"._-".contains(b);
        if !edge(bytes.first()) || !edge(bytes.last()) || !bytes.iter().all(allowed) {
            let problem = format!("{:?} is not the name of a project", shortened(name));
            return Err(ReadError::invalid(path, problem));
        }
        if version.parse::<pep440_rs::Version>().is_err() {
            return Err(ReadError::Version {
                path: path.to_owned(),
                version: shortened(version),
            });
        }
        Ok((name.to_owned(), version.to_owned()))
    }

    /// Takes over what is not said here.
    pub(super) fn add(&mut self, other: Self) {
        let texts = [
            (&mut self.name, other.name),
            (&mut self.version, other.version),
            (&mut self.summary, other.summary),
            (&mut self.description, other.description),
            (&mut self.home_page, other.home_page),
            (&mut self.requires_python, other.requires_python),
            (&mut self.license, other.license),
            (&mut self.license_expression, other.license_expression),
        ];
        for (own, other) in texts {
            *own = own.take().or(other);
        }
        let lists = [
            (&mut self.license_files, other.license_files),
            (&mut self.classifiers, other.classifiers),
            (&mut self.extras, other.extras),
        ];
        for (own, other) in lists {
            if own.is_empty() {
                *own = other;
            }
        }
        if self.project_urls.is_empty() {
            self.project_urls = other.project_urls;
        }
    }

    /// The project's home page: the field of that name, else the project URL whose label says so,
    /// else one that leads to the source, else any.
    pub(super) fn url(&self) -> Option<String> {
        if let Some(url) = self.home_page.as_deref().filter(|it| is_web_address(it)) {
            return Some(url.to_owned());
        }
        let rank = |label: &str| match plain_label(label).as_str() {
            "homepage" | "home" | "website" => 0,
            "source" | "sourcecode" | "repository" | "github" | "gitlab" | "code" => 1,
            "documentation" | "docs" => 2,
            _ => 3,
        };
        self.project_urls
            .iter()
            .filter(|it| is_web_address(&it.1))
            .min_by_key(|it| rank(&it.0))
            .map(|it| it.1.clone())
    }
}

fn first(slot: &mut Option<String>, value: String) {
    slot.get_or_insert(value);
}

/// A value that says something.
fn told(value: &str) -> Option<String> {
    let value = value.trim();
    (!value.is_empty() && value != "UNKNOWN").then(|| value.to_owned())
}

fn is_field_name(key: &str) -> bool {
    !key.is_empty() && key.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
}

/// A continuation line without what folding put before it: eight blanks in old files, seven and
/// a bar in newer ones, any blanks otherwise.
fn unfolded(line: &str) -> &str {
    line.strip_prefix("       |")
        .or_else(|| line.strip_prefix("        "))
        .unwrap_or_else(|| line.trim_start())
}

/// A label without case, blanks and punctuation, as the core metadata compares them.
fn plain_label(label: &str) -> String {
    let plain = label.chars().filter(|c| c.is_alphanumeric());
    plain.flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_repeat_and_fold() {
        let metadata = Metadata::parse(
            "Metadata-Version: 1.1\r\nName: x\r\nversion: 1.0\nSummary: one\n  two\n\
             License: UNKNOWN\nClassifier: A\nClassifier: B\nHome-page:\nProvides-Extra: t\n\
             Provides-Extra: t\nDescription: first\n        \n          second\n       |third\n\
             Platform: UNKNOWN\n",
        );
        assert_eq!(metadata.name.as_deref(), Some("x"));
        assert_eq!(metadata.version.as_deref(), Some("1.0"));
        assert_eq!(metadata.summary.as_deref(), Some("one\ntwo"));
        assert_eq!(metadata.license, None);
        assert_eq!(metadata.classifiers, ["A", "B"]);
        assert_eq!(metadata.extras, ["t"]);
        let description = metadata.description.as_deref();
        assert_eq!(description, Some("first\n\n  second\nthird"));
    }

    #[test]
    fn the_body_is_the_description() {
        let metadata = Metadata::parse("Name: x\nDescription: a\n\nName: no\n\n text\n");
        assert_eq!(metadata.name.as_deref(), Some("x"));
        assert_eq!(metadata.description.as_deref(), Some("Name: no\n\n text"));
        let broken = Metadata::parse("Name: x\nthis is no field\nVersion: 1\n");
        assert_eq!(broken.version, None);
        assert!(broken.description.is_some());
        assert_eq!(Metadata::parse(""), Metadata::default());
        assert_eq!(Metadata::parse("Name: x").name.as_deref(), Some("x"));
    }

    #[test]
    fn the_home_page_comes_first() {
        let url = |text: &str| Metadata::parse(text).url();
        let both = "Home-page: https://a.test\nProject-URL: Homepage, https://b.test\n";
        assert_eq!(url(both).as_deref(), Some("https://a.test"));
        let labels = "Home-page: UNKNOWN\nProject-URL: Bugs, https://x.test\n\
                      Project-URL: Source Code, https://y.test\nProject-URL: Home Page, https://z.test\n";
        assert_eq!(url(labels).as_deref(), Some("https://z.test"));
        let bugs = "Project-URL: Bugs, https://x.test\n";
        assert_eq!(url(bugs).as_deref(), Some("https://x.test"));
        for none in [
            "Home-page: javascript:alert(1)\n",
            "Home-page: https://x.test a\n",
            "Home-page: example\n",
            "Project-URL: none\n",
        ] {
            assert_eq!(url(none), None, "{none}");
        }
    }
}
