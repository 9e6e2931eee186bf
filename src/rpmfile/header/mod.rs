//! Headers: a table of tagged values, the same form for signature and main header.
//!
//! On disk: magic, count of entries, size of the store, then the entries (tag, type, offset,
//! count; 16 bytes each) and the store that they point into. The first entry is the region: it
//! says how much of the header is covered by the digests.

mod build;
mod parse;
#[cfg(test)]
mod tests;

pub use build::BuildError;
pub(super) use build::HeaderBuilder;
pub(super) use parse::Header;
pub use parse::HeaderError;

/// Magic, version 1 and four reserved bytes.
const MAGIC: [u8; 8] = [0x8e, 0xad, 0xe8, 0x01, 0, 0, 0, 0];
/// Magic, count of entries, size of the store.
const INTRO_SIZE: usize = 16;
/// Bytes of an entry in the index; also of the region's trailer in the store.
const ENTRY_SIZE: usize = 16;
/// The most entries that RPM itself reads.
const MAX_ENTRIES: usize = 0xffff;
/// The largest store that RPM itself reads, in bytes.
const MAX_STORE: usize = 256 << 20;
