//! Hostile archive in, bounded entries out.
//!
//! [`walk()`] reads a whole sdist or gem once, checks every entry, and shows each to a visitor as a
//! path, a size and a reader. Nothing is ever written to disk, and memory does not grow with the
//! archive. What an entry means is for the visitor to say (`source`); how the visitor and the
//! walk meet is for `pipeline`.
//!
//! Read `walk` first, then `tar`, `zip` and `gem` for the three forms. `path` and `tree` hold
//! the rules for names and links, `budget` those for sizes.

mod budget;
mod decoder;
mod entry;
mod error;
mod gem;
mod kind;
mod path;
mod section;
mod stream;
mod tar;
mod tar_extensions;
mod tar_header;
mod tree;
mod walk;
mod zip;
mod zip_directory;
mod zip_entry;

pub use entry::{Entry, EntryKind, Summary};
pub use error::{ArchiveError, WalkError};
pub use kind::Kind;
pub use walk::walk;
