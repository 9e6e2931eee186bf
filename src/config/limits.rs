//! How much of a hostile archive is read before it is refused.

/// Bounds on one archive. Every reader of untrusted bytes takes them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a download.
    pub max_download: u64,
    /// Bytes of all entries together, after decompression.
    pub max_bytes: u64,
    /// Entries.
    pub max_entries: u64,
    /// Decompressed bytes for each compressed byte; looked at from 16 MiB on.
    pub max_ratio: u64,
    /// Bytes of a file that is read into memory, such as the metadata.
    pub max_metadata: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            max_download: 4 << 30,
            max_bytes: 16 << 30,
            max_entries: 500_000,
            max_ratio: 250,
            max_metadata: 8 << 20,
        }
    }
}
