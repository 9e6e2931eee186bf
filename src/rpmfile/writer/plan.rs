//! Checks the files against the header and lays out the payload, before a byte is written.

use super::super::cpio;
use super::super::source_header::SourceHeader;
use super::error::WriteError;
use super::files::SourceFile;
use crate::model::is_safe_file_name;
use std::collections::HashMap;

/// What RPM can say in 32 bits ends just below this.
pub(super) const LARGE: u64 = u32::MAX as u64;

/// A file and its place in the package.
pub(super) struct PlannedFile<'a> {
    pub(super) file: &'a SourceFile,
    pub(super) inode: u32,
    /// Listed in the header, but not in the payload.
    pub(super) left_out: bool,
}

/// All files, in the order of header and payload.
pub(super) struct Plan<'a> {
    pub(super) files: Vec<PlannedFile<'a>>,
    /// Bytes of all files together.
    pub(super) size: u64,
    /// Whether a file is too large for the ordinary tags and cpio headers.
    pub(super) has_large_file: bool,
    /// Bytes of the payload before compression.
    pub(super) payload_size: u64,
}

impl<'a> Plan<'a> {
    /// Checks that the files are those which the header names, and sorts them.
    pub(super) fn new(header: &SourceHeader, files: &'a [SourceFile]) -> Result<Self, WriteError> {
        // How often a file is named; rpmbuild gives every mention a number of its own.
        let mut mentions: HashMap<&str, u32> = HashMap::new();
        for name in header.sources.iter().chain(&header.patches) {
            *mentions.entry(name).or_default() += 1;
        }
        check(header, files, &mentions)?;

        let mut sorted: Vec<&SourceFile> = files.iter().collect();
        sorted.sort_by(|a, b| a.name.cmp(&b.name));
        let mut next_inode = 1;
        let files: Vec<PlannedFile<'_>> = sorted
            .into_iter()
            .map(|file| {
                let inode = next_inode;
                let named = mentions.get(file.name.as_str()).copied().unwrap_or(0);
                next_inode += named + u32::from(file.is_spec);
                PlannedFile {
                    file,
                    inode,
                    left_out: header.left_out.contains(&file.name),
                }
            })
            .collect();
        let has_large_file = files.iter().any(|it| it.file.size >= LARGE);
        let entry_size = |it: &PlannedFile<'_>| {
            if has_large_file {
                cpio::stripped_size(it.file.size)
            } else {
                cpio::newc_size(&it.file.name, it.file.size)
            }
        };
        let packed = files.iter().filter(|it| !it.left_out);
        Ok(Self {
            payload_size: packed.map(entry_size).sum::<u64>() + cpio::trailer_size(),
            size: files.iter().map(|it| it.file.size).sum(),
            has_large_file,
            files,
        })
    }
}

fn check(
    header: &SourceHeader,
    files: &[SourceFile],
    mentions: &HashMap<&str, u32>,
) -> Result<(), WriteError> {
    let mut given = HashMap::new();
    for file in files {
        // A file called as the end of a cpio archive would be taken for it.
        if !is_safe_file_name(&file.name) || file.name == "TRAILER!!!" {
            return Err(WriteError::Name(file.name.clone()));
        }
        if given.insert(file.name.as_str(), file.is_spec).is_some() {
            return Err(WriteError::Duplicate(file.name.clone()));
        }
        if !file.is_spec && !mentions.contains_key(file.name.as_str()) {
            return Err(WriteError::Unlisted(file.name.clone()));
        }
    }
    let specs = files.iter().filter(|it| it.is_spec).count();
    if specs != 1 {
        return Err(WriteError::Specs(specs));
    }
    let mut named = header.sources.iter().chain(&header.patches);
    if let Some(missing) = named.find(|it| !given.contains_key(it.as_str())) {
        return Err(WriteError::Missing(missing.clone()));
    }
    let out = &header.left_out;
    match out.iter().find(|it| given.get(it.as_str()) != Some(&false)) {
        Some(stray) => Err(WriteError::Missing(stray.clone())),
        None => Ok(()),
    }
}
