//! The list of repositories that cgit reads.
//!
//! For each repository a blank line, `repo.url=OWNER/PROJECT/PKG.git` and `repo.path=PATH/`. A new
//! one is appended before it is there, and both under a lock on the file: a kill in between leaves
//! a line too many, which goes with the next rebuild, and never a repository that nobody sees. A
//! rebuilt list replaces the file as a whole, and whoever waits for the lock meanwhile begins anew
//! with the new one.

use super::Error;
use super::keep::RepositoryId;
use super::lock::{self, Hold};
use crate::import::root::Places;
use crate::sync::StopToken;
use std::collections::HashSet;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

/// Where the line of an import that was killed is looked for, in bytes from the end: it is among
/// the last ones when the same import comes again.
const RECENT: u64 = 64 << 10;

/// The list under its lock, with one more repository in it. Held until the repository is in its
/// place.
pub(super) struct Added {
    file: File,
    /// How long the list was.
    before: u64,
}

impl Added {
    /// Adds a repository to the list, which is made where it is missing.
    ///
    /// # Errors
    /// When it cannot be written, or the wait for its lock was ended.
    pub(super) fn new(
        list: &Path,
        places: &Places,
        id: &RepositoryId,
        stop: &StopToken,
    ) -> Result<Self, Error> {
        let file = open(list, Some(stop))?;
        let entry = entry(places, id);
        let add = || {
            let before = file.metadata()?.len();
            if !ends_with(&file, before, &entry)? {
                (&file).write_all(entry.as_bytes())?;
            }
            Ok(before)
        };
        let before = add().map_err(Error::io("write", list))?;
        Ok(Self { file, before })
    }

    /// Takes the repository out again.
    pub(super) fn undo(self) {
        // A line of a repository that is not there does no harm.
        let _ = self.file.set_len(self.before);
    }
}

/// Whether an entry is among the last ones.
fn ends_with(file: &File, length: u64, entry: &str) -> io::Result<bool> {
    let start = length.saturating_sub(RECENT);
    let mut end = vec![0; usize::try_from(length - start).map_err(io::Error::other)?];
    file.read_exact_at(&mut end, start)?;
    Ok(String::from_utf8_lossy(&end).contains(entry))
}

/// Takes a repository away with `remove`, and out of the list.
///
/// # Errors
/// When the list cannot be read or written: the repository is gone all the same.
pub(super) fn remove(list: &Path, id: &RepositoryId, remove: impl FnOnce()) -> Result<(), Error> {
    let locked = open(list, None);
    remove();
    take_out(list, &locked?, &format!("repo.url={id}.git\n"))
}

/// The repositories that the list names.
///
/// # Errors
/// When it cannot be read; a list that is not there names none.
pub(super) fn listed(list: &Path) -> Result<HashSet<String>, Error> {
    let text = match fs::read(list) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        other => other.map_err(Error::io("read", list))?,
    };
    let text = String::from_utf8_lossy(&text);
    let names = text.lines().filter_map(|it| it.strip_prefix("repo.url="));
    let names = names.filter_map(|it| it.strip_suffix(".git"));
    Ok(names.map(str::to_owned).collect())
}

/// Writes the list anew from the repositories that there are. How many they are.
///
/// # Errors
/// When the repositories cannot be listed, or the list cannot be written.
pub fn rebuild(places: &Places, list: &Path) -> Result<usize, Error> {
    let locked = open(list, None)?;
    let all = super::keep::repositories(places)?;
    let text: String = all.iter().map(|it| entry(places, it)).collect();
    replace(list, &locked, &text).map_err(Error::io("write", list))?;
    Ok(all.len())
}

/// Takes the repositories of a project out of the list.
///
/// # Errors
/// When the list cannot be read or written.
pub(super) fn remove_project(list: &Path, owner: &str, project: &str) -> Result<(), Error> {
    let locked = open(list, None)?;
    take_out(list, &locked, &format!("repo.url={owner}/{project}/"))
}

fn take_out(list: &Path, locked: &File, begin: &str) -> Result<(), Error> {
    let text = fs::read_to_string(list).map_err(Error::io("read", list))?;
    replace(list, locked, &without(&text, begin)).map_err(Error::io("write", list))
}

/// The list without the blocks whose first line begins so. A blank line parts blocks and belongs
/// to the one after it.
fn without(text: &str, begin: &str) -> String {
    let (mut kept, mut blank, mut keep) = (String::new(), String::new(), true);
    for line in text.split_inclusive('\n') {
        if line.trim().is_empty() {
            blank.push_str(line);
            keep = true;
            continue;
        }
        if line.starts_with("repo.url=") {
            keep = !line.starts_with(begin);
        }
        if keep {
            kept.push_str(&blank);
            kept.push_str(line);
        }
        blank.clear();
    }
    kept
}

fn entry(places: &Places, id: &RepositoryId) -> String {
    let mut text = String::new();
    let path = id.repository(places);
    let _ = write!(text, "\nrepo.url={id}.git\nrepo.path={}/\n", path.display());
    text
}

/// The list, locked and open for reading and appending.
fn open(list: &Path, stop: Option<&StopToken>) -> Result<File, Error> {
    loop {
        let mut options = File::options();
        let file = options.create(true).read(true).append(true).open(list);
        let file = file.map_err(Error::io("open", list))?;
        // It may be replaced while we wait.
        if lock::lock(&file, list, Hold::Alone, stop)? {
            return Ok(file);
        }
    }
}

/// Puts a new list, with the permissions of the old one, into its place.
fn replace(list: &Path, old: &File, text: &str) -> io::Result<()> {
    let folder = list.parent().unwrap_or(Path::new("."));
    let mut file = tempfile::Builder::new()
        .permissions(old.metadata()?.permissions())
        .prefix(".cgit-list-")
        .tempfile_in(folder)?;
    file.write_all(text.as_bytes())?;
    file.as_file().sync_all()?;
    file.persist(list).map_err(|error| error.error)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_project_goes() {
        let text = "# mine\n\nrepo.url=a/b/x.git\nrepo.path=/1/\n\nrepo.url=a/bb/y.git\nrepo.path=/2/\n\
                    repo.url=a/b/z.git\nrepo.path=/3/\n\nsection=s\n";
        let left = "# mine\n\nrepo.url=a/bb/y.git\nrepo.path=/2/\n\nsection=s\n";
        assert_eq!(without(text, "repo.url=a/b/"), left);
        assert_eq!(without(left, "repo.url=a/b/"), left);
        assert_eq!(without("", "repo.url=a/b/"), "");
    }
}
