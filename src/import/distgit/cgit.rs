//! The list of repositories that cgit reads.
//!
//! For each repository a blank line, `repo.url=OWNER/PROJECT/PKG.git` and `repo.path=PATH/`. New
//! ones are appended under a lock on the file; a rebuilt list replaces the file as a whole, and
//! whoever waits for the lock meanwhile begins anew with the new one.

use super::Error;
use super::keep::RepositoryId;
use crate::import::root::Places;
use crate::sync::waiting;
use std::fmt::Write as _;
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

/// Adds a repository to the list, which is made where it is missing.
///
/// # Errors
/// When it cannot be written.
pub(super) fn add(list: &Path, places: &Places, id: &RepositoryId) -> Result<(), Error> {
    let mut file = lock(list).map_err(Error::io("lock", list))?;
    file.write_all(entry(places, id).as_bytes())
        .map_err(Error::io("write", list))
}

/// Writes the list anew from the repositories that there are. How many they are.
///
/// # Errors
/// When the repositories cannot be listed, or the list cannot be written.
pub fn rebuild(places: &Places, list: &Path) -> Result<usize, Error> {
    let locked = lock(list).map_err(Error::io("lock", list))?;
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
    let locked = lock(list).map_err(Error::io("lock", list))?;
    let text = fs::read_to_string(list).map_err(Error::io("read", list))?;
    let begin = format!("repo.url={owner}/{project}/");
    replace(list, &locked, &without(&text, &begin)).map_err(Error::io("write", list))
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

/// The list, locked and open for appending.
fn lock(list: &Path) -> io::Result<File> {
    loop {
        let file = File::options().create(true).append(true).open(list)?;
        waiting(|| file.lock())?;
        let held = file.metadata()?;
        match fs::metadata(list) {
            Ok(there) if (there.dev(), there.ino()) == (held.dev(), held.ino()) => {
                return Ok(file);
            }
            // It was replaced while we waited.
            _ => {}
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
