//! Turns the entries of a gem into a description.
//!
//! Offered `metadata`, `checksums` and every file below `data/`, in any order. The date in the
//! metadata is not used: it is whatever the packer's clock or code said.

use super::checksums;
use super::links::Links;
use super::specification::{self, Specification};
use crate::import::description::{Description, Details, GemDetails, MemberDigest};
use crate::import::source::address::is_web_address;
use crate::import::source::documents::Documents;
use crate::import::source::license;
use crate::import::source::read_error::{ReadError, read_bounded, utf8};
use std::io::Read;

/// Bytes of all paths of a gem's files.
const MAX_PATHS: u64 = 16 << 20;

/// Reads a gem, entry by entry.
pub struct GemReader {
    max_metadata: u64,
    metadata: Option<Vec<u8>>,
    checksums: Option<Vec<u8>>,
    files: Vec<String>,
    links: Links,
    path_bytes: u64,
}

impl GemReader {
    /// A reader that takes metadata of at most so many bytes (`Limits::max_metadata`).
    #[must_use]
    pub fn new(max_metadata: u64) -> Self {
        Self {
            max_metadata,
            metadata: None,
            checksums: None,
            files: Vec::new(),
            links: Links::default(),
            path_bytes: 0,
        }
    }

    /// Takes one file: `metadata`, `checksums`, or a path below `data/`, with its content, which
    /// is read for the first two only. Folders are not for this reader.
    ///
    /// # Errors
    /// Metadata that is too large or cannot be read; more paths than are kept.
    pub fn offer(
        &mut self,
        path: &str,
        _size: u64,
        content: &mut dyn Read,
    ) -> Result<(), ReadError> {
        match path {
            "metadata" => {
                let bytes = read_bounded(specification::PATH, content, self.max_metadata)?;
                self.metadata = Some(bytes);
            }
            "checksums" => {
                let bytes = read_bounded(checksums::PATH, content, self.max_metadata)?;
                self.checksums = Some(bytes);
            }
            _ => {
                if let Some(path) = path.strip_prefix("data/") {
                    self.add_file(path, 0)?;
                }
            }
        }
        Ok(())
    }

    /// Takes one link: its path and where it points. A hard link, which has no target of its own,
    /// is not installed and so is none of the gem's files.
    ///
    /// # Errors
    /// More paths than are kept.
    pub fn offer_link(&mut self, path: &str, target: &[u8]) -> Result<(), ReadError> {
        match path.strip_prefix("data/") {
            Some(path) if !target.is_empty() => {
                self.add_file(path, target.len() as u64)?;
                self.links.add(path, target);
                Ok(())
            }
            _ => Ok(()),
        }
    }

    fn add_file(&mut self, path: &str, more_bytes: u64) -> Result<(), ReadError> {
        self.path_bytes += path.len() as u64 + more_bytes;
        if self.path_bytes > MAX_PATHS {
            return Err(ReadError::TooLarge {
                path: "the list of the gem's files".to_owned(),
                limit: MAX_PATHS,
            });
        }
        self.files.push(path.to_owned());
        Ok(())
    }

    /// The description, after every entry was offered. `file_name` is the gem's own base name;
    /// `newest_mtime` and `members` are what the walk found. The members are checked against the
    /// gem's checksums, where it has them.
    ///
    /// # Errors
    /// No metadata; metadata that is not UTF-8 or says no usable name or version; a gem for one
    /// platform only; a member that does not fit its checksum.
    pub fn finish(
        mut self,
        file_name: &str,
        newest_mtime: Option<i64>,
        members: &[MemberDigest],
    ) -> Result<Description, ReadError> {
        if let Some(bytes) = &self.checksums {
            checksums::verify(utf8(checksums::PATH, bytes)?, members)?;
        }
        let bytes = self.metadata.take().ok_or(ReadError::Missing {
            file: specification::PATH,
        })?;
        let specification = Specification::parse(utf8(specification::PATH, &bytes)?)?;
        Ok(self.describe(specification, file_name, newest_mtime))
    }

    fn describe(
        mut self,
        specification: Specification,
        file_name: &str,
        newest_mtime: Option<i64>,
    ) -> Description {
        self.files.sort_unstable();
        self.files.dedup();
        let files = self.files;
        let mut documents = Documents::of(files.iter().map(String::as_str), &[]);
        for path in specification.extra_documents {
            let known = documents.others.contains(&path) || documents.licenses.contains(&path);
            if !known && files.binary_search(&path).is_ok() {
                documents.others.push(path);
            }
        }
        documents.others.sort_unstable();
        let mut executables = specification.executables;
        executables.retain(|it| {
            let path = format!("{}/{it}", specification.bindir);
            self.links.lead_to_any(&path, &files)
        });
        Description {
            name: specification.name,
            version: specification.version,
            summary: specification.summary,
            description: specification.description,
            license: license::of_list(&specification.licenses),
            url: specification.homepage.filter(|it| is_web_address(it)),
            file_name: file_name.to_owned(),
            download_url: None,
            modified: newest_mtime,
            tools: tools(&specification.extensions, &files),
            archful: !specification.extensions.is_empty(),
            license_files: documents.licenses,
            doc_files: documents.others,
            details: Details::Gem(GemDetails {
                authors: specification.authors,
                dependencies: specification.dependencies,
                required_ruby: specification.required_ruby,
                required_rubygems: specification.required_rubygems,
                executables,
                bindir: specification.bindir,
                extensions: specification.extensions,
                require_paths: specification.require_paths,
                files,
            }),
        }
    }
}

/// What the extensions need beside Ruby itself: a compiler and make, those of the other languages
/// whose sources lie beside them.
fn tools(extensions: &[String], files: &[String]) -> Vec<String> {
    if extensions.is_empty() {
        return Vec::new();
    }
    let has = |endings: &[&str]| {
        files
            .iter()
            .any(|path| endings.iter().any(|it| path.ends_with(it)))
    };
    let mut tools = vec!["gcc"];
    if has(&[".cc", ".cpp", ".cxx"]) {
        tools.push("gcc-c++");
    }
    tools.push("make");
    if has(&["Cargo.toml"]) && has(&[".rs"]) {
        tools.extend(["cargo", "rust"]);
    }
    tools.sort_unstable();
    tools.into_iter().map(str::to_owned).collect()
}
