//! Files that a build made, on their way into the folder of the attempt.
//!
//! They come from a builder that may have run anything: only regular files with plain names are
//! taken, and folders are gone into a few steps deep. Links and devices are passed over. The names of
//! what is kept beside them are ours: a `build.log` of the builder's becomes `builder.build.log`.

use super::Verdict;
use crate::build::results::{LOG, RECORD};
use crate::model::is_safe_file_name;
use std::fs::{self, File, Permissions};
use std::io::{self, ErrorKind, Read, Write as _};
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use tar::{Archive, Entry, EntryType, PaxExtensions};

/// Folders within each other.
const DEPTH: usize = 4;

/// Files of one build.
const MOST_FILES: usize = 100_000;

/// Bytes of what an archive says of an entry's name.
const MOST_NAME: u64 = 64 << 10;

/// What stands before a name of ours.
const THEIRS: &str = "builder.";

/// Why the files of a build cannot be taken.
#[derive(Debug)]
pub(super) enum Problem {
    /// It lies in what the build made.
    Theirs(String),
    /// They came to an end too early.
    Broken(String),
    /// It lies in this machine.
    Ours(io::Error),
}

impl Problem {
    /// The verdict on an attempt whose command succeeded.
    pub(super) fn verdict(self) -> Verdict {
        match self {
            Self::Theirs(text) | Self::Broken(text) => Verdict::Unusable(text),
            Self::Ours(error) => Verdict::of_here("cannot keep the results", &error),
        }
    }
}

/// The name under which a relative path is kept; none if it is not.
fn kept(path: &Path) -> Option<PathBuf> {
    let is_good = |it: &str| is_safe_file_name(it) && !it.starts_with('.');
    let names: Option<Vec<&str>> = path.iter().map(|it| it.to_str()).collect();
    let names = names?;
    let first = names.first()?;
    if names.len() > DEPTH || !names.iter().all(|it| is_good(it)) {
        return None;
    }
    let mut bare = *first;
    while let Some(rest) = bare.strip_prefix(THEIRS) {
        bare = rest;
    }
    match [LOG, RECORD].contains(&bare) {
        true => Some(
            [&[&*format!("{THEIRS}{first}")], &names[1..]]
                .concat()
                .iter()
                .collect(),
        ),
        false => Some(path.to_owned()),
    }
}

/// Makes the file of a path, and the folders to it.
fn make(target: &Path) -> Result<File, Problem> {
    let parent = target.parent().unwrap_or(target);
    let made = fs::create_dir_all(parent).and_then(|()| File::create(target));
    made.map_err(|error| match error.kind() {
        // A file and a folder of one name, or a name that no file can have here.
        ErrorKind::AlreadyExists
        | ErrorKind::NotADirectory
        | ErrorKind::IsADirectory
        | ErrorKind::InvalidFilename => Problem::Theirs(format!(
            "the results have a name twice: {}",
            target.display()
        )),
        _ => Problem::Ours(error),
    })
}

fn copy(from: &mut impl Read, to: &mut File, broken: fn(String) -> Problem) -> Result<(), Problem> {
    let mut buffer = vec![0; 64 << 10];
    loop {
        match from.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(size) => to.write_all(&buffer[..size]).map_err(Problem::Ours)?,
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(error) => return Err(broken(format!("the results cannot be read: {error}"))),
        }
    }
}

/// Takes all files of a folder on this machine.
pub(super) fn take(from: &Path, to: &Path) -> Result<(), Problem> {
    let theirs = |error: io::Error| Problem::Theirs(format!("the results cannot be read: {error}"));
    let mut folders = vec![PathBuf::new()];
    let mut count = 0;
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(from.join(&below)).map_err(theirs)? {
            let entry = entry.map_err(theirs)?;
            let path = below.join(entry.file_name());
            let kind = entry.file_type().map_err(theirs)?;
            let Some(name) = kept(&path) else { continue };
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                count += 1;
                check_count(count)?;
                let (source, target) = (entry.path(), to.join(name));
                let parent = target.parent().unwrap_or(to);
                fs::create_dir_all(parent).map_err(Problem::Ours)?;
                if fs::rename(&source, &target).is_err() {
                    let mut file = File::open(&source).map_err(theirs)?;
                    copy(&mut file, &mut make(&target)?, Problem::Theirs)?;
                }
                // Whatever the build made of it, it is read here.
                let readable = Permissions::from_mode(0o644);
                fs::set_permissions(&target, readable).map_err(Problem::Ours)?;
            }
        }
    }
    Ok(())
}

fn check_count(count: usize) -> Result<(), Problem> {
    let text = || format!("the results are more than {MOST_FILES} files");
    (count <= MOST_FILES)
        .then_some(())
        .ok_or_else(|| Problem::Theirs(text()))
}

/// Takes all files of a tar archive as it comes, of `most` bytes together.
pub(super) fn unpack(archive: impl Read, to: &Path, most: u64) -> Result<(), Problem> {
    let broken = |error: io::Error| Problem::Broken(format!("the results cannot be read: {error}"));
    let mut tar = Archive::new(archive);
    let (mut left, mut count) = (most, 0);
    let mut name: Option<PathBuf> = None;
    // Raw: names behind headers are read here, no longer than names may be.
    for entry in tar.entries().map_err(broken)?.raw(true) {
        let mut entry = entry.map_err(broken)?;
        count += 1;
        check_count(count)?;
        let size = entry.size();
        left = left.checked_sub(size).ok_or_else(|| {
            Problem::Theirs(format!(
                "the results have more than {most} bytes (max-results)"
            ))
        })?;
        match entry.header().entry_type() {
            EntryType::GNULongName | EntryType::XHeader => {
                name = long_name(&mut entry).map_err(broken)?.or(name);
                continue;
            }
            EntryType::GNULongLink | EntryType::XGlobalHeader => continue,
            _ => {}
        }
        let path = match name.take() {
            Some(path) => path,
            None => entry.path().map_err(broken)?.into_owned(),
        };
        let path = path.strip_prefix(".").unwrap_or(&path);
        let Some(path) = kept(path).filter(|_| entry.header().entry_type().is_file()) else {
            continue;
        };
        copy(&mut entry, &mut make(&to.join(path))?, Problem::Broken)?;
    }
    Ok(())
}

/// The name that an entry before another one gives it.
fn long_name(entry: &mut Entry<'_, impl Read>) -> io::Result<Option<PathBuf>> {
    let is_pax = entry.header().entry_type() == EntryType::XHeader;
    let mut text = Vec::new();
    entry.take(MOST_NAME).read_to_end(&mut text)?;
    let path = |bytes: &[u8]| PathBuf::from(std::ffi::OsStr::from_bytes(bytes));
    if !is_pax {
        let end = text.iter().position(|it| *it == 0).unwrap_or(text.len());
        return Ok(Some(path(&text[..end])));
    }
    for extension in PaxExtensions::new(&text) {
        let extension = extension?;
        if extension.key_bytes() == b"path" {
            return Ok(Some(path(extension.value_bytes())));
        }
    }
    Ok(None)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_ours_are_kept_apart_and_odd_ones_left() {
        let name = |it: &str| kept(Path::new(it)).map(|it| it.display().to_string());
        for (path, expected) in [
            ("a.rpm", "a.rpm"),
            ("sub/build.log", "sub/build.log"),
            ("build.log", "builder.build.log"),
            ("build.json/x", "builder.build.json/x"),
            ("builder.build.log", "builder.builder.build.log"),
            ("builder.log", "builder.log"),
        ] {
            assert_eq!(name(path).as_deref(), Some(expected));
        }
        for path in ["", ".hidden", "a/../b", "a/b/c/d/e"] {
            assert_eq!(name(path), None, "{path}");
        }
    }

    #[test]
    fn long_names_are_read_and_bounds_hold() {
        let long = format!("{}.rpm", "n".repeat(150));
        let mut builder = tar::Builder::new(Vec::new());
        let mut add = |name: &str, text: &[u8]| {
            let mut header = tar::Header::new_gnu();
            header.set_size(text.len() as u64);
            header.set_mode(0o600);
            builder.append_data(&mut header, name, text).unwrap();
        };
        add(&long, b"long");
        add("build.log", b"theirs");
        add("twice", b"x");
        let bytes = builder.into_inner().unwrap();
        let dir = tempfile::TempDir::new().unwrap();
        unpack(&bytes[..], dir.path(), 1 << 20).unwrap();
        assert_eq!(fs::read(dir.path().join(&long)).unwrap(), b"long");
        assert_eq!(
            fs::read(dir.path().join("builder.build.log")).unwrap(),
            b"theirs"
        );
        let error = |most| unpack(&bytes[..], dir.path(), most).unwrap_err();
        assert!(matches!(error(10), Problem::Theirs(_)));
        let half = unpack(&bytes[..700], dir.path(), 1 << 20).unwrap_err();
        assert!(matches!(half, Problem::Broken(_)), "{half:?}");
        fs::remove_file(dir.path().join("twice")).unwrap();
        fs::create_dir(dir.path().join("twice")).unwrap();
        assert!(matches!(error(1 << 20), Problem::Theirs(_)));
    }
}
