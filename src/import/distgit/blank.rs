//! What a new repository holds before the first import: kept as bytes, so that many repositories
//! made in one second cost a few files each.
//!
//! git makes the first one of a second, with the commit that all begin with; the others of that
//! second differ from it in nothing, so they are written from memory. A lock is held to look at
//! what is kept, never over work on files.

use super::{Error, shared};
use crate::config::Identity;
use crate::sync::hold;
use jiff::Timestamp;
use std::fs::{self, File, Permissions};
use std::io::{self, Write as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

/// The last one that git made in this process.
static LAST: Mutex<Option<Arc<Blank>>> = Mutex::new(None);

/// A repository with its first commit.
struct Blank {
    second: i64,
    identity: Identity,
    /// Permissions of the repository's own folder.
    mode: u32,
    entries: Vec<Entry>,
}

/// A folder, or a file with its content; folders come before what is in them.
struct Entry {
    path: PathBuf,
    mode: u32,
    content: Option<Vec<u8>>,
}

/// Fills an empty folder with a new repository. `make` has git make one, with a first commit of
/// this very time.
///
/// # Errors
/// When git or the file system refuses.
pub(super) fn fill(
    folder: &Path,
    identity: &Identity,
    make: impl FnOnce(&Path) -> Result<(), Error>,
) -> Result<(), Error> {
    let second = Timestamp::now().as_second();
    let last = hold(&LAST).clone();
    if let Some(blank) = last.filter(|it| it.second == second && it.identity == *identity) {
        return blank.write(folder).map_err(Error::io("write", folder));
    }
    make(folder)?;
    shared::share_all(folder).map_err(Error::io("share", folder))?;
    let mut blank = Blank {
        second,
        identity: identity.clone(),
        mode: mode(folder).map_err(Error::io("read", folder))?,
        entries: Vec::new(),
    };
    let read = read_below(folder, Path::new(""), &mut blank.entries);
    read.map_err(Error::io("read", folder))?;
    // The commit may be of the next second already, which would then be kept for too long.
    if Timestamp::now().as_second() == second {
        *hold(&LAST) = Some(Arc::new(blank));
    }
    Ok(())
}

impl Blank {
    fn write(&self, folder: &Path) -> io::Result<()> {
        for entry in &self.entries {
            let path = folder.join(&entry.path);
            let permissions = Permissions::from_mode(entry.mode);
            match &entry.content {
                None => {
                    fs::create_dir(&path)?;
                    fs::set_permissions(&path, permissions)?;
                }
                Some(content) => {
                    let mut file = File::create_new(&path)?;
                    file.write_all(content)?;
                    file.set_permissions(permissions)?;
                }
            }
        }
        fs::set_permissions(folder, Permissions::from_mode(self.mode))
    }
}

fn mode(path: &Path) -> io::Result<u32> {
    Ok(fs::symlink_metadata(path)?.permissions().mode() & 0o7777)
}

fn read_below(folder: &Path, below: &Path, entries: &mut Vec<Entry>) -> io::Result<()> {
    for entry in fs::read_dir(folder.join(below))? {
        let entry = entry?;
        let path = below.join(entry.file_name());
        let is_folder = entry.file_type()?.is_dir();
        let content = match is_folder {
            true => None,
            false => Some(fs::read(entry.path())?),
        };
        entries.push(Entry {
            mode: mode(&entry.path())?,
            path: path.clone(),
            content,
        });
        if is_folder {
            read_below(folder, &path, entries)?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::Cell;
    use tempfile::TempDir;

    fn entries(folder: &Path) -> Vec<(PathBuf, u32, Option<Vec<u8>>)> {
        let mut out = Vec::new();
        read_below(folder, Path::new(""), &mut out).unwrap();
        let mut out: Vec<_> = out
            .into_iter()
            .map(|it| (it.path, it.mode, it.content))
            .collect();
        out.sort();
        out
    }

    #[test]
    fn those_of_one_second_are_equal_and_git_makes_few() {
        let identity = Identity {
            name: "blank".to_owned(),
            ..Identity::default()
        };
        let calls = Cell::new(0);
        let made: Vec<TempDir> = (0..50)
            .map(|_| {
                let dir = TempDir::new().unwrap();
                fill(dir.path(), &identity, |folder| {
                    calls.set(calls.get() + 1);
                    fs::create_dir(folder.join("objects")).unwrap();
                    fs::write(folder.join("objects/a"), [0, 159]).unwrap();
                    let read_only = Permissions::from_mode(0o444);
                    fs::set_permissions(folder.join("objects/a"), read_only).unwrap();
                    fs::write(folder.join("HEAD"), "ref").unwrap();
                    Ok(())
                })
                .unwrap();
                dir
            })
            .collect();
        let first = entries(made[0].path());
        assert_eq!(first.len(), 3);
        for dir in &made {
            assert_eq!(entries(dir.path()), first);
            assert_eq!(mode(dir.path()).unwrap(), mode(made[0].path()).unwrap());
        }
        assert!(calls.get() < 50, "git was asked {} times", calls.get());
        // Another identity has another first commit.
        let other = TempDir::new().unwrap();
        let asked = Cell::new(false);
        let make = |_: &Path| {
            asked.set(true);
            Ok(())
        };
        let another = Identity {
            name: "another".to_owned(),
            ..Identity::default()
        };
        fill(other.path(), &another, make).unwrap();
        assert!(asked.get());
    }
}
