//! The least work that leaves the same bytes: read, inflate, hash, write; nothing is checked.
//!
//! A source package becomes a repository and files of the lookaside cache. An sdist or a gem becomes
//! a source package as well, byte for byte that of an import: names, spec and headers are taken from
//! one that was made beforehand ([`Recipe`]), all that depends on the archive's bytes is computed.
//! Trees, files and their names are those of an import; what an import keeps for itself (its index
//! of files by content, permissions for a group) is left out, as are temporary files, renames,
//! locks, limits and metadata. One thread does one package after the other, so that the distance
//! to it says what all of that costs.

mod archive;
mod pack;
mod package;
mod place;
mod recipe;
mod repository;
mod srpm;

pub use package::Floor;
pub use recipe::Recipe;

use std::path::Path;
use std::{fs, io};

/// Lower-case hexadecimal digits.
fn hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let digits = |byte: &u8| [byte >> 4, byte & 15].map(|it| char::from(DIGITS[usize::from(it)]));
    bytes.iter().flat_map(digits).collect()
}

/// Makes a folder where it is missing; those above it, too, but they are mostly there.
fn make_folder(path: &Path) -> io::Result<()> {
    match fs::create_dir(path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => fs::create_dir_all(path),
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
        other => other,
    }
}
