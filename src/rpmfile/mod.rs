//! RPM files, byte by byte: the writer of source packages and the reader that survives anything.
//!
//! Knows lead, headers, cpio, payload compression and digests, and nothing of specs, networks,
//! git or databases.

mod compression;
mod cpio;
mod digest;
mod header;
mod lead;
#[doc(hidden)]
pub mod probe;
mod reader;
mod source_header;
mod tag;
mod writer;

pub use compression::{Compression, CompressionError};
pub use cpio::CpioError;
pub use header::{BuildError, HeaderError};
pub use reader::{FileEntry, ReadError, SourcePackage};
pub use source_header::{ChangelogEntry, Dependency, Sense, SourceHeader, Translation};
pub use writer::{Content, SourceFile, WriteError, WriteSettings, Written, host_arch, write};
