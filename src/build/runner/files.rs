//! Files that a build made, on their way into the folder of the attempt.
//!
//! They come from a builder that may have run anything: only regular files with plain names are
//! taken, and folders are gone into a few steps deep. Links and devices are passed over.

use crate::model::is_safe_file_name;
use std::fs;
use std::io;
use std::path::Path;
use std::path::PathBuf;

/// Folders within each other.
const DEPTH: usize = 4;

/// Whether a relative path may be kept.
pub(super) fn is_plain(path: &Path) -> bool {
    let names: Vec<_> = path.iter().map(|it| it.to_str()).collect();
    !names.is_empty()
        && names.len() <= DEPTH
        && names
            .iter()
            .all(|it| it.is_some_and(|it| is_safe_file_name(it) && !it.starts_with('.')))
}

/// Takes all files of a folder on this machine.
pub(super) fn take(from: &Path, to: &Path) -> io::Result<()> {
    let mut folders = vec![PathBuf::new()];
    while let Some(below) = folders.pop() {
        for entry in fs::read_dir(from.join(&below))? {
            let entry = entry?;
            let (path, kind) = (below.join(entry.file_name()), entry.file_type()?);
            if !is_plain(&path) {
                continue;
            }
            if kind.is_dir() {
                folders.push(path);
            } else if kind.is_file() {
                let (source, target) = (entry.path(), to.join(path));
                fs::create_dir_all(target.parent().unwrap_or(to))?;
                if fs::rename(&source, &target).is_err() {
                    fs::copy(&source, &target)?;
                }
            }
        }
    }
    Ok(())
}

/// Takes all files of a tar archive, of `most` bytes together.
pub(super) fn unpack(archive: &Path, to: &Path, most: u64) -> io::Result<()> {
    let mut tar = tar::Archive::new(fs::File::open(archive)?);
    let mut left = most;
    for entry in tar.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let path = path.strip_prefix(".").unwrap_or(&path).to_owned();
        if !entry.header().entry_type().is_file() || !is_plain(&path) {
            continue;
        }
        left = left
            .checked_sub(entry.size())
            .ok_or_else(|| io::Error::other(format!("the results have more than {most} bytes")))?;
        let target = to.join(path);
        fs::create_dir_all(target.parent().unwrap_or(to))?;
        io::copy(&mut entry, &mut fs::File::create(target)?)?;
    }
    Ok(())
}
