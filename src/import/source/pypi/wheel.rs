//! Turns the entries of a pure wheel into a description.
//!
//! A wheel stands in for an sdist that was never published. It is offered file by file, in any
//! order; its `METADATA` says what an sdist's `PKG-INFO` does. Whatever pip would refuse to install
//! is refused here, for the build would only fail later: another name or version than the file's
//! own, or several packages in one. A wheel that is called pure and holds compiled code all the
//! same, or asks to be installed beside such, makes a package for one architecture.

use super::metadata::Metadata;
use super::names::normalise_name;
use super::wheel_name::{WheelFit, WheelName};
use crate::import::description::{Description, Details, WheelDetails};
use crate::import::source::documents::{Documents, is_license};
use crate::import::source::license::{Claim, LicenseTexts};
use crate::import::source::read_error::{ReadError, read_bounded, shortened};
use crate::import::source::text::decoded;
use std::io::Read;

const METADATA: &str = "METADATA";
/// The ending of the folder that tells about the package.
const DIST_INFO: &str = ".dist-info";
/// What every program and library of Linux begins with.
const ELF: [u8; 4] = *b"\x7fELF";
/// License files that are kept.
const MAX_LICENSES: usize = 200;
/// Bytes of `WHEEL` that are looked at.
const MAX_WHEEL: u64 = 1 << 16;

/// Reads a pure wheel, file by file.
pub struct WheelReader {
    file_name: String,
    max_metadata: u64,
    metadata: Option<Vec<u8>>,
    /// The folders that hold a `METADATA`; two are enough to know that there are too many.
    folders: Vec<String>,
    /// Paths of files that may be licenses.
    licenses: Vec<String>,
    license_texts: LicenseTexts,
    compiled: bool,
    platlib: bool,
}

impl WheelReader {
    /// A reader of the wheel with this base name that takes metadata of at most so many bytes
    /// (`Limits::max_metadata`).
    ///
    /// # Errors
    /// A name that is not a pure wheel's.
    pub fn new(file_name: &str, max_metadata: u64) -> Result<Self, ReadError> {
        check_wheel_name(file_name)?;
        Ok(Self {
            file_name: file_name.to_owned(),
            max_metadata,
            metadata: None,
            folders: Vec::new(),
            licenses: Vec::new(),
            license_texts: LicenseTexts::default(),
            compiled: false,
            platlib: false,
        })
    }

    /// Takes one file: its path in the archive, its size and its content. Folders and links are
    /// not for this reader.
    ///
    /// # Errors
    /// Metadata that is too large or cannot be read.
    pub fn offer(
        &mut self,
        path: &str,
        size: u64,
        content: &mut dyn Read,
    ) -> Result<(), ReadError> {
        let own = path.split_once('/').filter(|it| it.0.ends_with(DIST_INFO));
        match own {
            Some((folder, METADATA)) => self.offer_metadata(path, folder, size, content),
            Some((_, "WHEEL")) => {
                let bytes = start_of(path, content, MAX_WHEEL)?;
                self.platlib = String::from_utf8_lossy(&bytes).lines().any(is_platlib);
                Ok(())
            }
            Some((_, name)) => {
                let named = name.starts_with("licenses/") || is_license(name);
                if named && self.licenses.len() < MAX_LICENSES {
                    self.licenses.push(path.to_owned());
                    self.license_texts.see(path, size, content)?;
                }
                Ok(())
            }
            None => {
                let count = ELF.len() as u64;
                self.compiled = self.compiled || start_of(path, content, count)? == ELF;
                Ok(())
            }
        }
    }

    fn offer_metadata(
        &mut self,
        path: &str,
        folder: &str,
        size: u64,
        content: &mut dyn Read,
    ) -> Result<(), ReadError> {
        if size > self.max_metadata {
            return Err(ReadError::TooLarge {
                path: path.to_owned(),
                limit: self.max_metadata,
            });
        }
        self.metadata = Some(read_bounded(path, content, self.max_metadata)?);
        if self.folders.len() < 2 && !self.folders.iter().any(|it| it == folder) {
            self.folders.push(folder.to_owned());
        }
        Ok(())
    }

    /// The description, after every file was offered. `newest_mtime` is what the walk found.
    ///
    /// # Errors
    /// No `METADATA`, or several; one without a usable name and version, or with others than the
    /// name of the file says.
    pub fn finish(self, newest_mtime: Option<i64>) -> Result<Description, ReadError> {
        let missing = ReadError::Missing { file: METADATA };
        let bytes = self.metadata.as_deref().ok_or(missing)?;
        let [folder] = &self.folders[..] else {
            let problem = "there are several .dist-info folders";
            return Err(ReadError::invalid(&self.file_name, problem));
        };
        let path = format!("{folder}/{METADATA}");
        let (text, encoding) = decoded(bytes);
        let metadata = Metadata::parse(&text);
        let (name, version) = metadata.identity(&path)?;
        self.check_identity(&path, folder, &name, &version)?;
        let documents = Documents {
            licenses: self.license_files(folder, &metadata.license_files),
            others: Vec::new(),
        };
        let (license, license_search) = Claim::sdist(
            metadata.license_expression.as_deref(),
            &metadata.classifiers,
            metadata.license.as_deref(),
        )
        .settle(&self.license_texts, &format!("{folder}/"), &documents);
        Ok(Description {
            license,
            license_search,
            url: metadata.url(),
            summary: metadata.summary,
            description: metadata.description,
            download_url: None,
            modified: newest_mtime,
            archful: self.compiled || self.platlib,
            tools: Vec::new(),
            license_files: documents.licenses,
            doc_files: Vec::new(),
            warnings: encoding.warning(&path).into_iter().collect(),
            details: Details::Wheel(WheelDetails {
                dist_info: folder.clone(),
                platlib: self.platlib,
                names_licenses: !metadata.license_files.is_empty(),
                extras: metadata.extras,
                requires_python: metadata.requires_python,
            }),
            file_name: self.file_name,
            name,
            version,
        })
    }

    /// Compares what pip compares.
    fn check_identity(
        &self,
        path: &str,
        folder: &str,
        name: &str,
        version: &str,
    ) -> Result<(), ReadError> {
        let file = check_wheel_name(&self.file_name)?;
        let invalid = |problem| Err(ReadError::invalid(path, problem));
        let normal = normalise_name(name);
        if !file.is_of(&normal) {
            return invalid(format!("the name {:?} is not the file's", shortened(name)));
        }
        if version.parse().ok() != Some(file.version) {
            let version = shortened(version);
            return invalid(format!("the version {version:?} is not the file's"));
        }
        if !normalise_name(folder).starts_with(&normal) {
            return invalid("the folder is called as another package".to_owned());
        }
        Ok(())
    }

    /// The licenses that the metadata names, else all that are called so; relative to the folder.
    fn license_files(&self, folder: &str, named: &[String]) -> Vec<String> {
        let own = self
            .licenses
            .iter()
            .filter_map(|it| it.strip_prefix(folder));
        let mut all: Vec<&str> = own.filter_map(|it| it.strip_prefix('/')).collect();
        all.sort_unstable();
        all.dedup();
        let is_named = |path: &&str| {
            let below = path.strip_prefix("licenses/").unwrap_or(path);
            named.iter().any(|it| it == path || it == below)
        };
        let chosen: Vec<&str> = all.iter().copied().filter(|it| is_named(it)).collect();
        let chosen = if chosen.is_empty() { all } else { chosen };
        chosen.into_iter().map(str::to_owned).collect()
    }
}

/// Takes the name of a pure wheel apart; a directory part is not for this function.
///
/// # Errors
/// A name that is not a wheel's, or one of a wheel that holds no source for any Python 3.
pub(super) fn check_wheel_name(file_name: &str) -> Result<WheelName<'_>, ReadError> {
    let Some(name) = WheelName::parse(file_name) else {
        let problem = "it is not called as wheels are, NAME-VERSION-PYTHON-ABI-PLATFORM.whl";
        return Err(ReadError::invalid(&shortened(file_name), problem));
    };
    match name.fit {
        WheelFit::Pure(_) => Ok(name),
        WheelFit::Platform | WheelFit::Python2 => Err(ReadError::PlatformWheel {
            file_name: shortened(file_name),
        }),
    }
}

/// Refuses the name of a file that is no pure wheel, before it is fetched.
///
/// # Errors
/// Says what is wrong with it.
pub fn check_wheel(file_name: &str) -> Result<(), ReadError> {
    check_wheel_name(file_name).map(|_| ())
}

fn is_platlib(line: &str) -> bool {
    line.split_once(':').is_some_and(|(key, value)| {
        key.eq_ignore_ascii_case("Root-Is-Purelib") && value.trim().eq_ignore_ascii_case("false")
    })
}

fn start_of(path: &str, content: &mut dyn Read, count: u64) -> Result<Vec<u8>, ReadError> {
    let mut bytes = Vec::new();
    let read = content.take(count).read_to_end(&mut bytes);
    read.map_err(|source| ReadError::Io {
        path: path.to_owned(),
        source,
    })?;
    Ok(bytes)
}

#[cfg(test)]
mod tests;
