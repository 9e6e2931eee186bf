//! The one way into an archive.

use super::budget::Budget;
use super::decoder::Decoder;
use super::entry::{Entry, Summary};
use super::error::{ArchiveError, WalkError};
use super::gem::walk_gem;
use super::kind::Kind;
use super::section::Section;
use super::stream::{BUFFER, Stream};
use super::tar::walk_tar;
use super::zip::walk_zip;
use crate::config::Limits;
use crate::sync::StopToken;
use std::fs::File;
use std::io::{BufReader, Read};

/// Bytes of the buffer before a decoder.
const INPUT: usize = 64 << 10;

/// Reads the whole of `file`, checks every entry, and shows each to `visit` with a reader of its
/// content. What `visit` leaves unread is skipped; when reading fails, that failure is returned
/// whatever `visit` made of it. The file's own offset is neither used nor moved.
///
/// A gem is shown as `metadata` and `checksums`, both decompressed, and its files below `data/`.
/// `name` is what errors call the archive.
///
/// Memory: about 300 KiB whatever the archive's size; half as much again for a gem, up to 4 MB
/// for bzip2, and for xz the dictionary that the file asks for, 64 MiB at most.
///
/// # Errors
/// The first thing that is wrong with the archive, or the error that `visit` returned.
pub fn walk<E>(
    file: &File,
    name: &str,
    kind: Kind,
    limits: &Limits,
    stop: &StopToken,
    visit: &mut dyn FnMut(&Entry<'_>, &mut dyn Read) -> Result<(), E>,
) -> Result<Summary, WalkError<E>> {
    let io = |source| ArchiveError::Io {
        archive: name.to_owned(),
        source,
    };
    let size = file.metadata().map_err(io)?.len();
    if size == 0 {
        let archive = name.to_owned();
        return Err(ArchiveError::EmptyFile { archive }.into());
    }
    let budget = Budget::new(name, limits, stop, size);
    let mut visit =
        |entry: &Entry<'_>, content: &mut dyn Read| visit(entry, content).map_err(WalkError::Visit);
    let whole = Section::new(file, 0, size);
    let mut members = Vec::new();
    match kind {
        Kind::Zip => walk_zip(file, size, &budget, &mut visit)?,
        Kind::Tar => {
            let input = BufReader::with_capacity(INPUT, whole);
            let decoder = Decoder::sniff(input).map_err(io)?;
            let mut buffer = vec![0; BUFFER];
            walk_tar(
                &mut Stream::new(decoder, &mut buffer, &budget),
                "",
                &mut visit,
            )?;
        }
        Kind::Gem => {
            let mut buffer = vec![0; BUFFER];
            members = walk_gem(&mut Stream::new(whole, &mut buffer, &budget), &mut visit)?;
        }
    }
    if budget.entries() == 0 {
        let archive = name.to_owned();
        return Err(ArchiveError::NoEntries { archive }.into());
    }
    Ok(Summary {
        entries: budget.entries(),
        bytes: budget.bytes(),
        newest_mtime: budget.newest_mtime(),
        members,
    })
}
