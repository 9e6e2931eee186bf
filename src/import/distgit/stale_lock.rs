//! git's lock file of a branch that a killed process left behind.
//!
//! What a killed import of ours left is swept at once when the repository is opened (`leftovers`);
//! this is for what anybody else left: git itself, or a tool that was here before.
//!
//! git makes `BRANCH.lock` for the moment in which a branch moves, and everybody else is turned
//! away while it is there. No other importer can be at work, as the caller holds the
//! repository's lock: a file that stays belongs to nobody.

use super::Error;
use crate::sync::{StopToken, waiting};
use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, Instant, SystemTime};

/// Far longer than git holds one.
const STALE: Duration = Duration::from_secs(10);

const PAUSE: Duration = Duration::from_millis(50);

/// Waits until the file is gone; removes it when it is, or becomes, too old to be anybody's.
/// Whether it is gone.
///
/// # Errors
/// When the stop token was raised meanwhile.
pub(super) fn clear(lock: &Path, stop: &StopToken) -> Result<bool, Error> {
    let begin = Instant::now();
    let mut first = None;
    loop {
        let Ok(found) = fs::symlink_metadata(lock) else {
            return Ok(true);
        };
        let same = *first.get_or_insert(found.ino()) == found.ino();
        let modified = found.modified().unwrap_or(SystemTime::UNIX_EPOCH);
        let age = modified.elapsed().unwrap_or_default();
        if found.is_file() && same && (age >= STALE || begin.elapsed() >= STALE) {
            tracing::warn!(path = %lock.display(), "a lock that was left behind is removed");
            return Ok(fs::remove_file(lock).is_ok());
        }
        if begin.elapsed() >= STALE * 2 {
            return Ok(false);
        }
        if !waiting(|| stop.sleep(PAUSE)) {
            return Err(Error::stopped("waited for", lock));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::StopLevel;
    use std::fs::File;
    use std::thread::sleep;
    use tempfile::TempDir;

    #[test]
    fn an_old_one_is_removed_and_a_fresh_one_waited_for() {
        let dir = TempDir::new().unwrap();
        let lock = dir.path().join("f42.lock");
        let stop = StopToken::default();
        assert!(clear(&lock, &stop).unwrap());
        let file = File::create(&lock).unwrap();
        file.set_modified(SystemTime::now() - STALE).unwrap();
        assert!(clear(&lock, &stop).unwrap());
        assert!(!lock.exists());
        File::create(&lock).unwrap();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| clear(&lock, &stop));
            sleep(PAUSE);
            assert!(lock.exists(), "a fresh lock was taken away");
            fs::remove_file(&lock).unwrap();
            assert!(waiting.join().unwrap().unwrap());
        });
    }

    #[test]
    fn a_stop_ends_the_wait() {
        let dir = TempDir::new().unwrap();
        let lock = dir.path().join("f42.lock");
        File::create(&lock).unwrap();
        let stop = StopToken::default();
        std::thread::scope(|scope| {
            let waiting = scope.spawn(|| clear(&lock, &stop));
            stop.raise(StopLevel::Stop);
            assert!(matches!(
                waiting.join().unwrap(),
                Err(Error::Stopped { .. })
            ));
        });
        assert!(lock.exists());
    }
}
