//! Reading archives the way the pipeline does: a walk, and a reader for each file.

use distmill::config::Limits;
use distmill::import::archive::{ArchiveError, Entry, EntryKind, Kind, Summary, WalkError, walk};
use distmill::import::description::Description;
use distmill::import::source::ReadError;
use distmill::import::source::pypi::{SdistReader, WheelReader};
use distmill::import::source::rubygems::GemReader;
use distmill::model::Code;
use distmill::sync::StopToken;
use std::fs::{self, File};
use std::io::{Read, Write};
use std::path::{Path, PathBuf};

/// A file of the fixtures, by its case and its name.
pub(crate) fn fixture(case: &str, name: &str) -> PathBuf {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    root.join("fixtures").join(case).join(name)
}

/// Bytes as a file that is gone when it is closed.
pub(crate) fn file_of(bytes: &[u8]) -> File {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    file
}

/// The description that a file of the fixtures gives.
pub(crate) fn describe_fixture(case: &str, name: &str) -> Description {
    let bytes = fs::read(fixture(case, name)).unwrap();
    describe(name, &bytes, &Limits::default()).unwrap()
}

/// The description of an archive, or the code of what is wrong with it.
pub(crate) fn describe(name: &str, bytes: &[u8], limits: &Limits) -> Result<Description, Code> {
    let kind = Kind::of_file_name(name).unwrap();
    let file = file_of(bytes);
    let stop = StopToken::default();
    let code = |error: WalkError<ReadError>| match error {
        WalkError::Archive(error) => error.code(),
        WalkError::Visit(error) => error.code(),
    };
    if kind == Kind::Gem {
        let mut reader = GemReader::new(limits.max_metadata);
        let summary = walk(
            &file,
            name,
            kind,
            limits,
            &stop,
            &mut |entry, content| match entry.kind {
                EntryKind::File => reader.offer(entry.path, entry.size, content),
                EntryKind::Link => reader.offer_link(entry.path, entry.target),
                EntryKind::Directory => Ok(()),
            },
        )
        .map_err(code)?;
        let made = reader.finish(name, summary.newest_mtime, &summary.members);
        return made.map_err(|it| it.code());
    }
    if name.ends_with(".whl") {
        let mut reader = WheelReader::new(name, limits.max_metadata).map_err(|it| it.code())?;
        let summary = walk(
            &file,
            name,
            kind,
            limits,
            &stop,
            &mut |entry, content| match entry.kind {
                EntryKind::File => reader.offer(entry.path, entry.size, content),
                _ => Ok(()),
            },
        )
        .map_err(code)?;
        return reader.finish(summary.newest_mtime).map_err(|it| it.code());
    }
    let mut reader = SdistReader::new(limits.max_metadata);
    let summary = walk(&file, name, kind, limits, &stop, &mut |entry, content| {
        if entry.kind == EntryKind::File {
            reader.offer(entry.path, entry.size, content)
        } else {
            Ok(())
        }
    })
    .map_err(code)?;
    let made = reader.finish(name, summary.newest_mtime);
    made.map_err(|it| it.code())
}

/// One entry with its content.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) path: String,
    pub(crate) kind: EntryKind,
    pub(crate) mtime: i64,
    pub(crate) content: Vec<u8>,
}

/// Every entry of an archive with its content.
pub(crate) fn entries(
    kind: Kind,
    bytes: &[u8],
    limits: &Limits,
) -> Result<(Vec<Seen>, Summary), ArchiveError> {
    let mut seen = Vec::new();
    let mut visit = |entry: &Entry<'_>, content: &mut dyn Read| {
        let mut bytes = Vec::new();
        content.read_to_end(&mut bytes)?;
        seen.push(Seen {
            path: entry.path.to_owned(),
            kind: entry.kind,
            mtime: entry.mtime,
            content: bytes,
        });
        Ok::<(), std::io::Error>(())
    };
    let stop = StopToken::default();
    match walk(&file_of(bytes), "test", kind, limits, &stop, &mut visit) {
        Ok(summary) => Ok((seen, summary)),
        Err(WalkError::Archive(error)) => Err(error),
        Err(WalkError::Visit(error)) => panic!("a failing read was not reported: {error}"),
    }
}

/// The paths of an archive's entries, none of whose contents is read, or the code of what is
/// wrong with it.
pub(crate) fn paths(kind: Kind, bytes: &[u8], limits: &Limits) -> Result<Vec<String>, Code> {
    let mut seen = Vec::new();
    let stop = StopToken::default();
    let mut visit = |entry: &Entry<'_>, _: &mut dyn Read| {
        seen.push(entry.path.to_owned());
        Ok::<(), std::io::Error>(())
    };
    match walk(&file_of(bytes), "test", kind, limits, &stop, &mut visit) {
        Ok(_) => Ok(seen),
        Err(WalkError::Archive(error)) => Err(error.code()),
        Err(WalkError::Visit(error)) => panic!("{error}"),
    }
}
