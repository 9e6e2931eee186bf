//! The files that are worked on, and what a registry says of them.
//!
//! They lie in one folder, an operator's or one that was made up: how often and how large they are
//! is all that a measurement knows of them.

use super::statistics::median;
use super::{Error, Work};
use crate::import::job::FileKind;
use crate::model::{Digester, Sha256};
use crate::sync::StopToken;
use serde::{Deserialize, Serialize};
use std::collections::HashSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

/// One file of a corpus.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Item {
    /// Where it is.
    pub path: PathBuf,
    /// The last part of its path.
    pub file_name: String,
    /// The project's name, told from that of the file; empty for a source package.
    pub name: String,
    /// Its version, likewise.
    pub version: String,
    /// Bytes.
    pub size: u64,
    /// The digest of its bytes.
    pub sha256: Sha256,
}

/// All files of one kind, sorted by their paths.
#[derive(Clone, Debug)]
pub struct Corpus {
    /// What is done with them.
    pub work: Work,
    /// The files; at least one.
    pub items: Vec<Item>,
}

/// What a report says of a corpus.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CorpusSummary {
    /// Where it came from, in a few words.
    pub origin: String,
    /// Its files.
    pub files: usize,
    /// Bytes of all files.
    pub bytes: u64,
    /// Bytes of the file in the middle.
    pub median_bytes: u64,
    /// Bytes of a file on average.
    pub mean_bytes: u64,
    /// Bytes of the largest file.
    pub max_bytes: u64,
}

impl Corpus {
    /// Every file for this work in a folder and in those below it; links to folders are not
    /// followed, and of equal files only the first one counts, for the others would change nothing.
    /// Each is read once: so its digest is known, and the first measurement finds it in the
    /// system's memory as the others do.
    ///
    /// # Errors
    /// When there is none, or one cannot be read or is badly named, or the stop token was raised.
    pub fn read(folder: &Path, work: Work, stop: &StopToken) -> Result<Self, Error> {
        let mut paths = Vec::new();
        gather(folder, work, stop, &mut paths)?;
        paths.sort();
        if paths.is_empty() {
            return Err(Error::Empty {
                path: folder.to_owned(),
                work,
            });
        }
        let (mut items, mut known) = (Vec::new(), HashSet::new());
        for path in paths {
            go_on(stop)?;
            let item = Item::read(&path, work)?;
            if known.insert(item.sha256) {
                items.push(item);
            }
        }
        Ok(Self { work, items })
    }

    /// Its numbers, for a report.
    #[must_use]
    #[expect(
        clippy::cast_precision_loss,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "sizes of files for people to read"
    )]
    pub fn summary(&self, origin: String) -> CorpusSummary {
        let sizes: Vec<f64> = self.items.iter().map(|it| it.size as f64).collect();
        let bytes: u64 = self.items.iter().map(|it| it.size).sum();
        CorpusSummary {
            origin,
            files: self.items.len(),
            bytes,
            median_bytes: median(&sizes) as u64,
            mean_bytes: bytes / self.items.len().max(1) as u64,
            max_bytes: self.items.iter().map(|it| it.size).max().unwrap_or(0),
        }
    }
}

fn go_on(stop: &StopToken) -> Result<(), Error> {
    match stop.is_draining() {
        true => Err(Error::Stopped),
        false => Ok(()),
    }
}

fn gather(
    folder: &Path,
    work: Work,
    stop: &StopToken,
    out: &mut Vec<PathBuf>,
) -> Result<(), Error> {
    go_on(stop)?;
    let list = || fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>();
    for entry in list().map_err(Error::io("read", folder))? {
        let path = entry.path();
        let name = entry.file_name();
        let kind = FileKind::of_name(&name.to_string_lossy());
        if entry.file_type().is_ok_and(|it| it.is_dir()) {
            gather(&path, work, stop, out)?;
        } else if kind.is_some_and(|it| work.takes(it)) && path.is_file() {
            // A pipe would be waited for, for ever.
            out.push(path);
        }
    }
    Ok(())
}

impl Item {
    fn read(path: &Path, work: Work) -> Result<Self, Error> {
        let path = std::path::absolute(path).map_err(Error::io("find", path))?;
        let refused = || Error::Name { path: path.clone() };
        let file_name = path.to_str().and(path.file_name());
        let file_name = file_name.and_then(|it| it.to_str());
        let file_name = file_name.ok_or_else(refused)?.to_owned();
        let (name, version) = match work {
            Work::Srpm => (String::new(), String::new()),
            Work::Pypi | Work::Gem => split(&file_name).ok_or_else(refused)?,
        };
        let mut digester = Digester::new(io::sink());
        let copied = File::open(&path).and_then(|mut it| io::copy(&mut it, &mut digester));
        copied.map_err(Error::io("read", &path))?;
        let digests = digester.finish().1;
        Ok(Self {
            file_name,
            name,
            version,
            size: digests.size,
            sha256: digests.sha256,
            path,
        })
    }
}

/// Name and version of `NAME-VERSION.ENDING`: the version is what follows the last dash that a
/// digit follows.
fn split(file_name: &str) -> Option<(String, String)> {
    let endings = [".tar.gz", ".tar.bz2", ".tar.xz", ".tgz", ".zip", ".gem"];
    let lower = file_name.to_ascii_lowercase();
    let ending = endings.iter().find(|it| lower.ends_with(**it))?;
    let stem = &file_name[..file_name.len() - ending.len()];
    let digit_follows = |at: &usize| stem[at + 1..].starts_with(|c: char| c.is_ascii_digit());
    let mut dashes = stem.rmatch_indices('-').map(|it| it.0);
    let at = dashes.find(digit_follows)?;
    let (name, version) = (&stem[..at], &stem[at + 1..]);
    (!name.is_empty()).then(|| (name.to_owned(), version.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::StopLevel;

    #[test]
    fn names_and_versions_are_told_from_files() {
        let of = |file: &str| split(file).map(|(name, version)| format!("{name} {version}"));
        assert_eq!(of("six-1.16.0.tar.gz").unwrap(), "six 1.16.0");
        assert_eq!(of("a-2-b-1.0.0.10.gem").unwrap(), "a-2-b 1.0.0.10");
        assert_eq!(of("x_y-1rc1.ZIP").unwrap(), "x_y 1rc1");
        for bad in ["six.tar.gz", "-1.0.gem", "six-1.0.txt", "six-.gem"] {
            assert_eq!(of(bad), None, "{bad}");
        }
    }

    #[test]
    fn only_files_of_the_kind_are_taken_from_all_folders() {
        let dir = tempfile::TempDir::new().unwrap();
        fs::create_dir(dir.path().join("more")).unwrap();
        for (name, size) in [("b-1.gem", 10), ("more/a-2.gem", 30), ("c-1.zip", 5)] {
            fs::write(dir.path().join(name), vec![7; size]).unwrap();
        }
        // What is there twice, and what is no file.
        let more = dir.path().join("more");
        fs::copy(dir.path().join("b-1.gem"), more.join("b-1.gem")).unwrap();
        std::os::unix::fs::symlink(dir.path(), more.join("round")).unwrap();
        rustix::fs::mkfifoat(rustix::fs::CWD, more.join("pipe-1.gem"), 0o600.into()).unwrap();
        let stop = StopToken::default();
        let corpus = Corpus::read(dir.path(), Work::Gem, &stop).unwrap();
        let names: Vec<&str> = corpus.items.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(names, ["b", "a"]);
        assert_eq!(corpus.items[0].sha256, Sha256::of(&[7; 10]));
        let summary = corpus.summary(String::new());
        assert_eq!((summary.files, summary.bytes), (2, 40));
        assert_eq!((summary.mean_bytes, summary.max_bytes), (20, 30));
        let none = Corpus::read(dir.path(), Work::Srpm, &stop).unwrap_err();
        assert!(none.to_string().contains("nothing for --work srpm"));
        fs::write(dir.path().join("nameless.gem"), "x").unwrap();
        let error = Corpus::read(dir.path(), Work::Gem, &stop).unwrap_err();
        assert!(matches!(error, Error::Name { .. }), "{error}");
        stop.raise(StopLevel::Drain);
        let error = Corpus::read(dir.path(), Work::Gem, &stop).unwrap_err();
        assert!(matches!(error, Error::Stopped), "{error}");
    }
}
