//! Streams the files into the payload: cpio, then compression, digests on the way.

use super::super::compression::{Compression, Compressor};
use super::super::cpio;
use super::super::digest::hex;
use super::error::WriteError;
use super::files::{Content, SourceFile};
use super::output::Output;
use super::plan::Plan;
use super::tags::PayloadDigests;
use crate::model;
use sha2::{Digest, Sha256};
use std::fs::File;
use std::io::{self, Read, Seek, Write};

/// Bytes that are read, hashed and compressed at a time; they stay in the processor's cache.
const PIECE: usize = 128 << 10;

/// The archive before compression.
struct Archive<W: Write> {
    sink: Compressor<W>,
    /// Digest of what went in; none where nothing is compressed, as both digests are one then.
    sha256: Option<Sha256>,
    size: u64,
}

impl<W: Write> Archive<W> {
    fn put(&mut self, bytes: &[u8]) -> Result<(), WriteError> {
        if let Some(digest) = &mut self.sha256 {
            digest.update(bytes);
        }
        self.size += bytes.len() as u64;
        self.sink.write_all(bytes).map_err(WriteError::Output)
    }
}

/// Writes the whole payload into `out`.
pub(super) fn stream<F: Read + Write + Seek>(
    plan: &Plan<'_>,
    compression: Compression,
    out: &mut Output<'_, F>,
) -> Result<PayloadDigests, WriteError> {
    let sink = Compressor::new(compression, plan.payload_size, &mut *out);
    let mut archive = Archive {
        sink: sink.map_err(WriteError::Output)?,
        sha256: (compression != Compression::None).then(Sha256::new),
        size: 0,
    };
    let mut piece = Vec::new();
    for (planned, index) in plan.files.iter().zip(0..) {
        if planned.left_out {
            continue;
        }
        let file = planned.file;
        let head = match u32::try_from(file.size) {
            Ok(size) if !plan.has_large_file => {
                let mode = file.mode().into();
                cpio::newc_header(&file.name, planned.inode, mode, file.mtime, size)
            }
            _ => cpio::stripped_header(index),
        };
        archive.put(&head)?;
        copy(file, &mut archive, &mut piece)?;
        archive.put(&[0; 4][..cpio::padding(file.size)])?;
    }
    archive.put(&cpio::trailer())?;
    assert_eq!(archive.size, plan.payload_size, "the payload as planned");
    let out = archive.sink.finish().map_err(WriteError::Output)?;
    let compressed = hex(&out.sha256());
    let plain = archive.sha256.map(|it| hex(&it.finalize()));
    Ok(PayloadDigests {
        plain: plain.unwrap_or_else(|| compressed.clone()),
        compressed,
    })
}

/// Copies a file's bytes and holds them against what is known of them.
fn copy<W: Write>(
    file: &SourceFile,
    archive: &mut Archive<W>,
    piece: &mut Vec<u8>,
) -> Result<(), WriteError> {
    let mut seen = Seen::of(file);
    match &file.content {
        Content::Bytes(bytes) => {
            for part in bytes.chunks(PIECE) {
                seen.take(part, file)?;
                archive.put(part)?;
            }
        }
        Content::Path(path) | Content::Own(path) => {
            let failed = |source| WriteError::Source {
                path: path.clone(),
                source,
            };
            let mut source = File::open(path).map_err(failed)?;
            piece.resize(PIECE, 0);
            loop {
                let size = read_piece(&mut source, piece).map_err(failed)?;
                seen.take(&piece[..size], file)?;
                archive.put(&piece[..size])?;
                if size < PIECE {
                    break;
                }
            }
        }
    }
    seen.finish(file)
}

/// Fills the piece; less than all of it only at the end of the file.
fn read_piece(source: &mut File, piece: &mut [u8]) -> io::Result<usize> {
    let mut filled = 0;
    while filled < piece.len() {
        match source.read(&mut piece[filled..]) {
            Ok(0) => break,
            Ok(size) => filled += size,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(filled)
}

/// What was read of one file.
struct Seen {
    size: u64,
    /// None where the declared digest is believed.
    sha256: Option<Sha256>,
}

impl Seen {
    fn of(file: &SourceFile) -> Self {
        let own = matches!(file.content, Content::Own(_));
        Self {
            size: 0,
            sha256: (!own).then(Sha256::new),
        }
    }

    /// Takes a part; a file that is too long is refused at once.
    fn take(&mut self, part: &[u8], file: &SourceFile) -> Result<(), WriteError> {
        self.size += part.len() as u64;
        if let Some(digest) = &mut self.sha256 {
            digest.update(part);
        }
        if self.size > file.size {
            return Err(self.wrong_size(file));
        }
        Ok(())
    }

    fn finish(self, file: &SourceFile) -> Result<(), WriteError> {
        if self.size != file.size {
            return Err(self.wrong_size(file));
        }
        let found = self.sha256.map(|it| model::Sha256(it.finalize().into()));
        if let Some(found) = found.filter(|it| *it != file.sha256) {
            return Err(WriteError::Digest {
                name: file.name.clone(),
                declared: file.sha256,
                found,
            });
        }
        Ok(())
    }

    fn wrong_size(&self, file: &SourceFile) -> WriteError {
        WriteError::Size {
            name: file.name.clone(),
            declared: file.size,
            found: self.size,
        }
    }
}
