//! Pieces of a file, read for a client while it takes them.

use axum::body::Bytes;
use std::fs::File;
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt as _;
use std::sync::Arc;
use tokio::task::spawn_blocking;

/// Bytes that are read at once.
const CHUNK: u64 = 128 << 10;

/// Reads the first bytes of a range that is not empty, and gives the range that is left.
///
/// # Errors
/// When the file cannot be read, or is shorter than the range.
pub(super) async fn read(file: Arc<File>, range: Range<u64>) -> io::Result<(Bytes, Range<u64>)> {
    let end = range.end.min(range.start + CHUNK);
    let read = spawn_blocking(move || {
        let length = usize::try_from(end - range.start).map_err(io::Error::other)?;
        let mut bytes = vec![0; length];
        file.read_exact_at(&mut bytes, range.start)?;
        Ok((bytes.into(), end..range.end))
    });
    read.await?
}
