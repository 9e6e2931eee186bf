//! The list of files in the main header, checked before the payload is touched.

use super::super::digest::hasher;
use super::super::header::Header;
use super::super::tag;
use super::error::ReadError;
use crate::config::Limits;
use crate::model::{Sha256, is_safe_file_name};
use std::collections::HashSet;

/// MD5, which the digests are where the header does not say.
const OLD_ALGORITHM: u64 = 1;
/// Bytes of a digest that nobody can make two inputs for: SHA-256 and longer.
pub(super) const STRONG: usize = 32;
const SHA256: u64 = tag::ALGO_SHA256 as u64;

/// A file as the header lists it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileEntry {
    /// Its name; safe as a path component, and unique in the package.
    pub name: String,
    /// Its length in bytes.
    pub size: u64,
    /// Its type (always a regular file) and permissions.
    pub mode: u32,
    /// Its modification time, in seconds since 1970.
    pub mtime: u32,
    /// Whether it is the spec; exactly one file is.
    pub is_spec: bool,
    /// Whether it was left out of the payload, as `NoSource` does; it is never visited then.
    pub left_out: bool,
    /// Its digest, in lower-case hexadecimal digits.
    pub(super) digest: String,
    /// The same where it is a SHA-256. It holds once the whole package was read without an error.
    pub sha256: Option<Sha256>,
}

/// All files, and how the payload refers to them.
pub(super) struct FileList {
    /// The regular files.
    pub(super) files: Vec<FileEntry>,
    /// The place in `files` for each line of the header's list; none for a directory.
    pub(super) places: Vec<Option<usize>>,
    /// The number of the digests' algorithm.
    pub(super) algorithm: u64,
}

/// The lists of the header, all of the same length.
struct Columns<'a> {
    names: Vec<&'a str>,
    sizes: Vec<u64>,
    modes: Vec<u64>,
    mtimes: Vec<u64>,
    flags: Vec<u64>,
    digests: Vec<&'a str>,
}

impl FileList {
    /// Reads and checks the list.
    pub(super) fn read(header: &Header, limits: &Limits) -> Result<Self, ReadError> {
        let found = header.count(tag::BASE_NAMES) as u64;
        if found > limits.max_entries {
            return Err(ReadError::TooLarge {
                what: "files",
                found,
                limit: limits.max_entries,
            });
        }
        let columns = Columns::read(header)?;
        let number = header.number(tag::FILE_DIGEST_ALGO);
        let algorithm = number.map_err(ReadError::in_main)?.unwrap_or(OLD_ALGORITHM);
        let Some(hasher) = hasher(algorithm) else {
            return Err(ReadError::Unsupported {
                what: "file digest",
                value: algorithm.to_string(),
            });
        };
        let mut list = Self {
            files: Vec::new(),
            places: Vec::new(),
            algorithm,
        };
        for index in 0..columns.names.len() {
            let mut entry = columns.entry(index, hasher.output_size() * 2)?;
            if let Some(file) = entry.as_mut().filter(|_| algorithm == SHA256) {
                file.sha256 = Sha256::from_hex(&file.digest);
            }
            list.places.push(entry.as_ref().map(|_| list.files.len()));
            list.files.extend(entry);
        }
        list.check(limits)?;
        Ok(list)
    }

    /// Whether every file has a digest that nobody can make two files for.
    pub(super) fn is_proven(&self) -> bool {
        hasher(self.algorithm).is_some_and(|it| it.output_size() >= STRONG)
    }

    fn check(&self, limits: &Limits) -> Result<(), ReadError> {
        let mut names = HashSet::new();
        let mut bytes: u64 = 0;
        for file in &self.files {
            if !names.insert(file.name.as_str()) {
                return Err(ReadError::Duplicate(file.name.clone()));
            }
            bytes = bytes.saturating_add(file.size);
        }
        if bytes > limits.max_bytes {
            return Err(ReadError::TooLarge {
                what: "bytes",
                found: bytes,
                limit: limits.max_bytes,
            });
        }
        match self.files.iter().filter(|it| it.is_spec).count() {
            1 => Ok(()),
            count => Err(ReadError::Specs(count)),
        }
    }
}

impl<'a> Columns<'a> {
    /// Reads lists that are as long as the list of names, which was bounded.
    fn read(header: &'a Header) -> Result<Self, ReadError> {
        let count = header.count(tag::BASE_NAMES);
        let same_length = |tag: u32| {
            let same = header.count(tag) == count;
            same.then_some(tag)
                .ok_or(ReadError::FileList("its columns differ in length"))
        };
        let numbers = |tag| {
            let numbers = header.numbers(same_length(tag)?);
            Ok(numbers.map_err(ReadError::in_main)?.unwrap_or_default())
        };
        let strings = |tag| {
            let strings = header.strings(same_length(tag)?);
            Ok(strings.map_err(ReadError::in_main)?.unwrap_or_default())
        };
        if count == 0 {
            return Err(ReadError::Incomplete("files"));
        }
        // The files of a source package lie in no folder.
        let folder = header.string(tag::DIR_NAMES).map_err(ReadError::in_main)?;
        if let Some(folder) = folder.filter(|it| !it.is_empty()) {
            return Err(ReadError::Name(folder.to_owned()));
        }
        if header.count(tag::DIR_NAMES) != 1 || numbers(tag::DIR_INDEXES)?.iter().any(|it| *it != 0)
        {
            return Err(ReadError::FileList("there is more than one folder"));
        }
        let long = header.has(tag::LONG_FILE_SIZES);
        let sizes = if long {
            tag::LONG_FILE_SIZES
        } else {
            tag::FILE_SIZES
        };
        Ok(Self {
            names: strings(tag::BASE_NAMES)?,
            sizes: numbers(sizes)?,
            modes: numbers(tag::FILE_MODES)?,
            mtimes: numbers(tag::FILE_MTIMES)?,
            flags: numbers(tag::FILE_FLAGS)?,
            digests: strings(tag::FILE_DIGESTS)?,
        })
    }

    /// The file of a line; none for a directory.
    fn entry(&self, index: usize, digest_size: usize) -> Result<Option<FileEntry>, ReadError> {
        let name = self.names[index];
        if !is_safe_file_name(name) {
            return Err(ReadError::Name(name.to_owned()));
        }
        let small = |column: &[u64]| {
            u32::try_from(column[index]).map_err(|_| ReadError::FileList("a number is too large"))
        };
        let (mode, flags) = (small(&self.modes)?, small(&self.flags)?);
        match mode & tag::MODE_TYPE {
            tag::MODE_DIRECTORY => return Ok(None),
            tag::MODE_REGULAR => {}
            _ => return Err(ReadError::NotRegular(name.to_owned())),
        }
        let left_out = flags & tag::FILE_GHOST != 0;
        let digest = self.digests[index].to_ascii_lowercase();
        if !left_out && digest.len() != digest_size {
            return Err(ReadError::FileList("a digest has the wrong length"));
        }
        Ok(Some(FileEntry {
            name: name.to_owned(),
            size: self.sizes[index],
            mode,
            mtime: small(&self.mtimes)?,
            is_spec: flags & tag::FILE_SPEC != 0,
            left_out,
            digest,
            sha256: None,
        }))
    }
}
