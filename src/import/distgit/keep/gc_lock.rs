//! The lock by which git keeps two `git gc` off one repository, so that we and git keep off each
//! other, too: each could take away the pack that the other one relies on.
//!
//! `gc.pid` holds the number of a process and the name of its host (`lock_repo_for_gc` of git). It
//! counts while that process lives, on another host for twelve hours.

use rustix::io::Errno;
use rustix::process::{Pid, test_kill_process};
use std::fs::{self, File};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::Duration;

const NAME: &str = "gc.pid";

/// For how long git believes in what it finds.
const LONGEST: Duration = Duration::from_secs(12 * 3600);

/// The lock; let go when dropped.
pub(super) struct GcLock(PathBuf);

impl GcLock {
    /// Takes the lock of a repository; nothing while somebody else has it.
    pub(super) fn take(repository: &Path) -> io::Result<Option<Self>> {
        let (path, aside) = (repository.join(NAME), repository.join("gc.pid.lock"));
        let mut file = match File::create_new(&aside) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            other => other?,
        };
        let mut take = || {
            if is_held(&path)? {
                return Ok(false);
            }
            write!(file, "{} {}", std::process::id(), host())?;
            fs::rename(&aside, &path).map(|()| true)
        };
        let taken = take();
        if !matches!(taken, Ok(true)) {
            let _ = fs::remove_file(&aside);
        }
        Ok(taken?.then_some(Self(path)))
    }
}

impl Drop for GcLock {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}

/// Whether somebody has the lock who may be at work.
fn is_held(path: &Path) -> io::Result<bool> {
    let read = || fs::metadata(path)?.modified();
    let since = match read() {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
        other => other?,
    };
    let text = fs::read_to_string(path).unwrap_or_default();
    let holder = text.split_once(' ');
    let holder = holder.and_then(|(id, host)| Some((id.parse().ok()?, host.trim())));
    let Some((id, its_host)) = holder else {
        return Ok(false);
    };
    let is_recent = since.elapsed().unwrap_or_default() <= LONGEST;
    Ok(is_recent && (its_host != host() || lives(id)))
}

fn lives(id: i32) -> bool {
    let signal = Pid::from_raw(id).map(test_kill_process);
    matches!(signal, Some(Ok(()) | Err(Errno::PERM)))
}

fn host() -> String {
    let names = rustix::system::uname();
    names.nodename().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::SystemTime;

    #[test]
    fn who_lives_is_left_alone() {
        let dir = tempfile::TempDir::new().unwrap();
        let (repository, path) = (dir.path(), dir.path().join(NAME));
        let taken = || GcLock::take(repository).unwrap();
        let held = taken().unwrap();
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(text, format!("{} {}", std::process::id(), host()));
        assert!(taken().is_none());
        drop(held);
        assert_eq!(fs::read_dir(repository).unwrap().count(), 0);
        for (text, is_free) in [
            (format!("{} {}", i32::MAX, host()), true),
            (format!("{} elsewhere.example", i32::MAX), false),
            ("nonsense".to_owned(), true),
        ] {
            fs::write(&path, &text).unwrap();
            assert_eq!(taken().is_some(), is_free, "{text}");
        }
        fs::write(&path, "1 elsewhere.example").unwrap();
        let file = File::options().write(true).open(&path).unwrap();
        file.set_modified(SystemTime::now() - LONGEST * 2).unwrap();
        assert!(taken().is_some());
        // Somebody is just taking it.
        fs::write(repository.join("gc.pid.lock"), "").unwrap();
        assert!(taken().is_none());
    }
}
