//! A Python project under construction: its core metadata and its files.

use super::Case;
use crate::support::pack::{Tar, ZipEntry, bzip2, gzip, xz, zip};

/// What an sdist or a wheel is made of.
pub(super) struct Project {
    case: &'static str,
    name: &'static str,
    version: &'static str,
    /// The fields of the core metadata behind name and version.
    fields: Vec<u8>,
    top: Option<String>,
    files: Vec<(String, Vec<u8>)>,
    without_info: bool,
}

impl Project {
    /// A project under the MIT license.
    pub(super) fn new(case: &'static str, name: &'static str, version: &'static str) -> Self {
        Self::unlicensed(case, name, version).field("License-Expression: MIT")
    }

    /// A project that says nothing of its license.
    pub(super) fn unlicensed(
        case: &'static str,
        name: &'static str,
        version: &'static str,
    ) -> Self {
        let summary = format!("What {case} is about");
        Self {
            case,
            name,
            version,
            fields: Vec::new(),
            top: Some(format!("{name}-{version}")),
            files: Vec::new(),
            without_info: false,
        }
        .field(&format!("Summary: {summary}"))
    }

    /// A line of the core metadata, or several.
    pub(super) fn field(self, line: &str) -> Self {
        self.field_bytes(line.as_bytes())
    }

    /// The same in whatever encoding.
    pub(super) fn field_bytes(mut self, line: &[u8]) -> Self {
        self.fields.extend(line);
        self.fields.push(b'\n');
        self
    }

    /// A file, relative to the project's folder.
    pub(super) fn file(mut self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.files
            .push((path.to_owned(), content.as_ref().to_vec()));
        self
    }

    /// `pyproject.toml` with this backend.
    pub(super) fn backend(self, requires: &str, backend: &str) -> Self {
        self.file(
            "pyproject.toml",
            format!("[build-system]\nrequires = [{requires}]\nbuild-backend = \"{backend}\"\n"),
        )
    }

    /// Another top folder.
    pub(super) fn top(mut self, folder: &str) -> Self {
        self.top = Some(folder.to_owned());
        self
    }

    /// No top folder.
    pub(super) fn flat(mut self) -> Self {
        self.top = None;
        self
    }

    /// No `PKG-INFO`.
    pub(super) fn without_info(mut self) -> Self {
        self.without_info = true;
        self
    }

    fn info(&self) -> Vec<u8> {
        let head = format!(
            "Metadata-Version: 2.4\nName: {}\nVersion: {}\n",
            self.name, self.version
        );
        [head.as_bytes(), &self.fields].concat()
    }

    fn entries(&self) -> Vec<(String, Vec<u8>)> {
        let prefix = self.top.as_ref().map(|it| format!("{it}/"));
        let prefix = prefix.unwrap_or_default();
        let info = (!self.without_info).then(|| ("PKG-INFO".to_owned(), self.info()));
        let all = info.into_iter().chain(self.files.clone());
        all.map(|(path, bytes)| (format!("{prefix}{path}"), bytes))
            .collect()
    }

    fn tar(&self) -> Vec<u8> {
        let entries = self.entries();
        let tar = entries.iter().fold(Tar::default(), |tar, (path, bytes)| {
            tar.file(path.as_bytes(), bytes)
        });
        tar.end()
    }

    fn case(self, suffix: &str, bytes: Vec<u8>) -> Case {
        Case {
            name: self.case,
            file_name: format!("{}-{}{suffix}", self.name, self.version),
            bytes,
        }
    }

    pub(super) fn tar_gz(self) -> Case {
        let bytes = gzip(&self.tar());
        self.case(".tar.gz", bytes)
    }

    pub(super) fn tar_bz2(self) -> Case {
        let bytes = bzip2(&self.tar());
        self.case(".tar.bz2", bytes)
    }

    pub(super) fn tar_xz(self) -> Case {
        let bytes = xz(&self.tar());
        self.case(".tar.xz", bytes)
    }

    pub(super) fn zip(self) -> Case {
        let bytes = zip_of(&self.entries());
        self.case(".zip", bytes)
    }

    /// A wheel with these tags; `METADATA` and the files of `.dist-info` come of themselves.
    pub(super) fn wheel(self, tags: &str) -> Case {
        let folder = format!("{}-{}.dist-info", self.name, self.version);
        let mut entries = self.files.clone();
        let wheel = format!("Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: {tags}\n");
        entries.push((format!("{folder}/METADATA"), self.info()));
        entries.push((format!("{folder}/WHEEL"), wheel.into_bytes()));
        let record: String = entries.iter().map(|it| format!("{},,\n", it.0)).collect();
        entries.push((format!("{folder}/RECORD"), record.into_bytes()));
        let bytes = zip_of(&entries);
        self.case(&format!("-{tags}.whl"), bytes)
    }
}

fn zip_of(entries: &[(String, Vec<u8>)]) -> Vec<u8> {
    let entries: Vec<ZipEntry> = entries
        .iter()
        .map(|(path, bytes)| ZipEntry::new(path.as_bytes(), bytes))
        .collect();
    zip(&entries, 0)
}
