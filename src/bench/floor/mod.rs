//! The least work that leaves the same bytes: read, inflate, hash, write; nothing is checked.
//!
//! A source package becomes a repository and files of the lookaside cache. An sdist or a gem becomes
//! a source package as well, with a spec that is the same for all but its names. What could be left
//! out is left out: temporary files, renames, locks, limits, metadata. One thread does one package
//! after the other, so that the distance to it says what all of that costs.

mod archive;
mod objects;
mod package;
mod place;
mod srpm;

pub use package::Floor;
