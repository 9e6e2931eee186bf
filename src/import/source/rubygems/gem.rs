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
use crate::import::source::license::{Claim, LicenseTexts};
use crate::import::source::read_error::{ReadError, read_bounded};
use crate::import::source::text::decoded;
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
    license_texts: LicenseTexts,
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
            license_texts: LicenseTexts::default(),
        }
    }

    /// Takes one file: `metadata`, `checksums`, or a path below `data/`, with its content, which
    /// is read for the first two, licenses and READMEs only. Folders are not for this reader.
    ///
    /// # Errors
    /// Metadata that is too large or cannot be read; more paths than are kept.
    pub fn offer(
        &mut self,
        path: &str,
        size: u64,
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
                    self.license_texts.see(path, size, content)?;
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
    /// No metadata; metadata that says no usable name or version; a gem for one
    /// platform only; a member that does not fit its checksum.
    pub fn finish(
        mut self,
        file_name: &str,
        newest_mtime: Option<i64>,
        members: &[MemberDigest],
    ) -> Result<Description, ReadError> {
        if let Some(bytes) = &self.checksums {
            checksums::verify(&decoded(bytes).0, members)?;
        }
        let bytes = self.metadata.take().ok_or(ReadError::Missing {
            file: specification::PATH,
        })?;
        let (text, encoding) = decoded(&bytes);
        let specification = Specification::parse(&text)?;
        let mut description = self.describe(specification, file_name, newest_mtime);
        description
            .warnings
            .extend(encoding.warning(specification::PATH));
        Ok(description)
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
        let (license, license_search) =
            Claim::list(&specification.licenses).settle(&self.license_texts, "", &documents);
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
            license,
            license_search,
            url: specification.homepage.filter(|it| is_web_address(it)),
            file_name: file_name.to_owned(),
            download_url: None,
            modified: newest_mtime,
            tools: tools(&specification.extensions, &files),
            archful: !specification.extensions.is_empty(),
            license_files: documents.licenses,
            doc_files: documents.others,
            warnings: Vec::new(),
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
    let is_made_by = |names: &[&str]| {
        let mut files = extensions
            .iter()
            .map(|it| it.rsplit('/').next().unwrap_or(it));
        files.any(|it| names.contains(&it))
    };
    if is_made_by(&["CMakeLists.txt"]) {
        tools.push("cmake");
    }
    if is_made_by(&["Rakefile", "rakefile", "mkrf_conf.rb"]) {
        tools.push("rubygem(rake)");
    }
    tools.sort_unstable();
    tools.into_iter().map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::tools;

    #[test]
    fn extensions_bring_what_builds_them() {
        for (extension, files, expected) in [
            ("ext/x/extconf.rb", &["ext/x/x.c"][..], &["gcc", "make"][..]),
            (
                "ext/x/extconf.rb",
                &["ext/x/x.cpp"],
                &["gcc", "gcc-c++", "make"],
            ),
            ("ext/x/CMakeLists.txt", &[], &["cmake", "gcc", "make"]),
            ("ext/Rakefile", &[], &["gcc", "make", "rubygem(rake)"]),
            (
                "Cargo.toml",
                &["Cargo.toml", "src/lib.rs"],
                &["cargo", "gcc", "make", "rust"],
            ),
        ] {
            let files: Vec<String> = files.iter().map(ToString::to_string).collect();
            assert_eq!(tools(&[extension.to_owned()], &files), expected);
        }
        assert!(tools(&[], &["CMakeLists.txt".to_owned()]).is_empty());
    }
}
