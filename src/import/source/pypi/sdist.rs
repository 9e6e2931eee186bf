//! Turns the entries of an sdist into a description.
//!
//! Offered every file of the archive, in any order; keeps the best `PKG-INFO` found so far and
//! what the names of the other files tell. The `PKG-INFO` counts, not the file's name.

use super::compiled::{CYTHON, Declared, Languages, MAX_BUILD_FILE, is_build_file};
use super::metadata::Metadata;
use super::names::normalise_name;
use crate::import::description::{Description, Details, PypiDetails};
use crate::import::source::documents::{Documents, is_document, is_license};
use crate::import::source::license::{Claim, LicenseTexts};
use crate::import::source::read_error::{ReadError, read_bounded};
use crate::import::source::text::decoded;
use std::io::Read;

const PKG_INFO: &str = "PKG-INFO";
/// A `PKG-INFO` further down is part of some test's data.
const MAX_DEPTH: usize = 2;
/// Bytes of all paths that are remembered.
const MAX_PATHS: usize = 1 << 20;

/// Reads an sdist, file by file.
pub struct SdistReader {
    max_metadata: u64,
    found: Option<Found>,
    languages: Languages,
    /// By the number of folders above the build file: in a flat archive, and in one with a top
    /// folder.
    declared: [Declared; 2],
    /// Paths of files that may be licenses or documents.
    documents: Vec<String>,
    document_bytes: usize,
    license_texts: LicenseTexts,
}

/// A `PKG-INFO` and where it lay.
struct Found {
    rank: (usize, bool),
    path: String,
    bytes: Vec<u8>,
}

impl SdistReader {
    /// A reader that takes metadata of at most so many bytes (`Limits::max_metadata`).
    #[must_use]
    pub fn new(max_metadata: u64) -> Self {
        Self {
            max_metadata,
            found: None,
            languages: Languages::default(),
            declared: [Declared::default(), Declared::default()],
            documents: Vec::new(),
            document_bytes: 0,
            license_texts: LicenseTexts::default(),
        }
    }

    /// Takes one file: its path in the archive, its size and its content, which is read only
    /// where it matters. Folders and links are not for this reader.
    ///
    /// # Errors
    /// Metadata that is too large or cannot be read.
    pub fn offer(
        &mut self,
        path: &str,
        size: u64,
        content: &mut dyn Read,
    ) -> Result<(), ReadError> {
        let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
        let depth = path.matches('/').count();
        if name == PKG_INFO && depth <= MAX_DEPTH {
            return self.offer_metadata(path, folder, depth, size, content);
        }
        self.languages.see(path);
        if let Some(declared) = self.declared.get_mut(depth)
            && is_build_file(name)
        {
            let io = |source| ReadError::Io {
                path: path.to_owned(),
                source,
            };
            let mut bytes = Vec::new();
            let mut start = content.take(MAX_BUILD_FILE);
            start.read_to_end(&mut bytes).map_err(io)?;
            declared.read(name, &String::from_utf8_lossy(&bytes));
        }
        if path.split('/').any(is_license) || (depth <= 1 && is_document(name)) {
            self.document_bytes += path.len();
            if self.document_bytes <= MAX_PATHS {
                self.documents.push(path.to_owned());
                self.license_texts.see(path, size, content)?;
            }
        }
        Ok(())
    }

    /// Keeps the highest `PKG-INFO`; of two, the one that is not in an `.egg-info` folder.
    fn offer_metadata(
        &mut self,
        path: &str,
        folder: &str,
        depth: usize,
        size: u64,
        content: &mut dyn Read,
    ) -> Result<(), ReadError> {
        let egg_info = folder.ends_with(".egg-info");
        let rank = (depth, egg_info);
        let belongs = depth <= 1 || egg_info;
        // Of two entries with one path the later one is what unpacking leaves behind.
        let worse = |it: &Found| it.rank < rank || (it.rank == rank && it.path != path);
        if !belongs || self.found.as_ref().is_some_and(worse) {
            return Ok(());
        }
        if size > self.max_metadata {
            return Err(ReadError::TooLarge {
                path: path.to_owned(),
                limit: self.max_metadata,
            });
        }
        self.found = Some(Found {
            rank,
            path: path.to_owned(),
            bytes: read_bounded(path, content, self.max_metadata)?,
        });
        Ok(())
    }

    /// The description, after every file was offered. `file_name` is the archive's own base name,
    /// `newest_mtime` what the walk found.
    ///
    /// # Errors
    /// No `PKG-INFO`; one that lacks a usable name or version.
    pub fn finish(
        self,
        file_name: &str,
        newest_mtime: Option<i64>,
    ) -> Result<Description, ReadError> {
        let found = self.found.ok_or(ReadError::Missing { file: PKG_INFO })?;
        let (text, encoding) = decoded(&found.bytes);
        let metadata = Metadata::parse(&text);
        let (name, version) = metadata.identity(&found.path)?;
        let top = top_folder(&found.path);
        let prefix = top.map(|it| format!("{it}/")).unwrap_or_default();
        let own = self
            .documents
            .iter()
            .filter_map(|it| it.strip_prefix(&prefix));
        let documents = Documents::of(own, &metadata.license_files);
        let declared = &self.declared[usize::from(top.is_some())];
        let mut tools = declared.tools(&self.languages);
        if normalise_name(&name) == "cython" {
            tools.retain(|it| it != CYTHON);
        }
        let (license, license_search) = Claim::sdist(
            metadata.license_expression.as_deref(),
            &metadata.classifiers,
            metadata.license.as_deref(),
        )
        .settle(&self.license_texts, &prefix, &documents);
        Ok(Description {
            name,
            version,
            license,
            license_search,
            url: metadata.url(),
            summary: metadata.summary,
            description: metadata.description,
            file_name: file_name.to_owned(),
            download_url: None,
            modified: newest_mtime,
            archful: declared.compiles(&self.languages),
            tools,
            license_files: documents.licenses,
            doc_files: documents.others,
            warnings: encoding.warning(&found.path).into_iter().collect(),
            details: Details::Pypi(PypiDetails {
                runtime: declared.runtime(),
                top_folder: top.map(str::to_owned),
                extras: metadata.extras,
                requires_python: metadata.requires_python,
            }),
        })
    }
}

/// The folder that holds the project: the one above `PKG-INFO`, or above its `.egg-info` folder.
fn top_folder(path: &str) -> Option<&str> {
    let (folder, _) = path.rsplit_once('/')?;
    match folder.split_once('/') {
        Some((top, _)) => Some(top),
        None => Some(folder).filter(|it| !it.ends_with(".egg-info")),
    }
}

#[cfg(test)]
mod tests;
