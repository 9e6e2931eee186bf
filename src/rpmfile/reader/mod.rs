//! Reads source packages that anybody may have made.
//!
//! All generations since RPM 4.4 are read. Nothing that a file declares is believed: counts and
//! sizes are bounded before anything is allocated, every byte is held against the strongest digests
//! that are declared, the payload must hold the files that the header lists, all of them and
//! nothing else. Files are streamed in one pass;
//! that all of them were good is known only at the end, so a caller discards everything when
//! [`SourcePackage::for_each_file`] fails.
//!
//! Read downwards: `package` reads lead and headers, `files` the list of files, `meter` counts and
//! hashes the payload's bytes, `decompress` opens them, `payload` walks through the archive.

mod decompress;
mod error;
mod files;
mod meter;
mod package;
mod payload;
#[cfg(test)]
mod tests;

pub use error::ReadError;
pub use files::FileEntry;
pub use package::SourcePackage;
pub(super) use payload::plain;
