//! RPM files, byte by byte: the writer of source packages and the reader that survives anything.
//!
//! Knows lead, headers, cpio, payload compression and digests, and nothing of specs, networks,
//! git or databases.

mod source_header;

pub use source_header::{ChangelogEntry, Dependency, Sense, SourceHeader};
