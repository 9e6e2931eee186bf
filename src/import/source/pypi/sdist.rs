//! Turns the entries of an sdist into a description.
//!
//! Offered every file of the archive, in any order; keeps the best `PKG-INFO` found so far and
//! what the names of the other files tell. The `PKG-INFO` counts, not the file's name; an archive
//! without one can be built all the same, and is described by what else there is.

use super::compiled::{CYTHON, Declared, MAX_BUILD_FILE, is_build_file};
use super::languages::Languages;
use super::metadata::Metadata;
use super::names::normalise_name;
use super::project::Projects;
use crate::import::description::{Description, Details, PypiDetails};
use crate::import::source::documents::{Documents, is_document, is_license};
use crate::import::source::license::{Claim, LicenseTexts};
use crate::import::source::read_error::{ReadError, read_bounded};
use crate::import::source::text::decoded;
use std::io::Read;

const PKG_INFO: &str = "PKG-INFO";
/// A `PKG-INFO` further down is part of some test's data.
const MAX_DEPTH: usize = 3;
/// Folders that hold the modules and with them, where nobody packed the project, its `.egg-info`.
const MODULES: [&str; 2] = ["lib", "src"];
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
    projects: Projects,
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
            projects: Projects::default(),
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
            let text = String::from_utf8_lossy(&bytes);
            declared.read(name, &text);
            self.projects.see(folder, name, &text);
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
        let aside = depth == MAX_DEPTH && !folder.split('/').nth(1).is_some_and(is_modules);
        let belongs = depth <= 1 || (egg_info && !aside);
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
    /// No `PKG-INFO` and nothing to build; no usable name or version.
    pub fn finish(
        self,
        file_name: &str,
        newest_mtime: Option<i64>,
    ) -> Result<Description, ReadError> {
        let (metadata, path, top, warnings) = self.metadata(file_name)?;
        let (name, version) = metadata.identity(&path)?;
        let top = top.as_deref();
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
            warnings,
            details: Details::Pypi(PypiDetails {
                runtime: declared.runtime(),
                top_folder: top.map(str::to_owned),
                extras: metadata.extras,
                requires_python: metadata.requires_python,
            }),
        })
    }

    /// What the package says of itself, where (for errors), the project's folder, and warnings.
    fn metadata(
        &self,
        file_name: &str,
    ) -> Result<(Metadata, String, Option<String>, Vec<String>), ReadError> {
        let mut warnings = Vec::new();
        let (mut metadata, path, folder) = match &self.found {
            Some(found) => {
                let (text, encoding) = decoded(&found.bytes);
                warnings.extend(encoding.warning(&found.path));
                let top = self.top_folder(&found.path).unwrap_or_default();
                (Metadata::parse(&text), found.path.clone(), top)
            }
            None => {
                let missing = ReadError::Missing { file: PKG_INFO };
                let folder = self.projects.folder(file_name).ok_or(missing)?;
                (Metadata::default(), file_name.to_owned(), folder)
            }
        };
        let incomplete = metadata.name.is_none() || metadata.version.is_none();
        if incomplete && self.projects.holds(folder) {
            let used = self.projects.complete(folder, file_name, &mut metadata);
            let lack = match &self.found {
                Some(_) => "PKG-INFO does not say name and version: what it lacks is",
                None => "the archive has no PKG-INFO: name and version are",
            };
            warnings.push(format!("{lack} from {used}"));
        }
        if self.found.is_none() && (metadata.name.is_none() || metadata.version.is_none()) {
            return Err(ReadError::Missing { file: PKG_INFO });
        }
        let top = Some(folder.to_owned()).filter(|it| !it.is_empty());
        Ok((metadata, path, top, warnings))
    }

    /// The folder that holds the project: the one above `PKG-INFO`, or above its `.egg-info`
    /// folder and the one for modules.
    fn top_folder<'p>(&self, path: &'p str) -> Option<&'p str> {
        let (folder, _) = path.rsplit_once('/')?;
        let Some((top, _)) = folder.split_once('/') else {
            return Some(folder).filter(|it| !it.ends_with(".egg-info"));
        };
        let flat = is_modules(top) && self.projects.holds("") && !self.projects.holds(top);
        Some(top).filter(|_| !flat)
    }
}

fn is_modules(folder: &str) -> bool {
    MODULES.contains(&folder)
}

#[cfg(test)]
mod tests;
