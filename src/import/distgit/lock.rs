//! The lock on a file or folder, and the wait for it.
//!
//! Locks hold between threads and between processes, and end with whoever holds them. A wait in
//! the system is one that nothing can end; so whoever may run out of time, or be told to stop,
//! asks again and again instead.

use super::Error;
use crate::sync::{StopToken, waiting};
use std::fs::{self, File, TryLockError};
use std::io;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::Duration;

/// What whoever wants a lock does meanwhile.
const WAITS: &str = "waited for";

const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// How a lock is held.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hold {
    /// By nobody else: something is going to change.
    Alone,
    /// With others who only look, too.
    Shared,
}

/// Locks what was opened at `path`. Waits until the stop token is raised, or its time is over;
/// without one for as long as it takes. Whether it still is what is there: it may have been
/// replaced, or removed, meanwhile.
///
/// # Errors
/// When it cannot be locked, or the wait was ended.
pub(super) fn lock(
    file: &File,
    path: &Path,
    hold: Hold,
    stop: Option<&StopToken>,
) -> Result<bool, Error> {
    let locked = match (stop, hold) {
        (Some(stop), _) => wait(file, hold, stop),
        (None, Hold::Alone) => waiting(|| file.lock()).map(|()| true),
        (None, Hold::Shared) => waiting(|| file.lock_shared()).map(|()| true),
    };
    if !locked.map_err(Error::io("lock", path))? {
        return Err(Error::stopped(WAITS, path));
    }
    let still_there = is_at(file, path).map_err(Error::io("lock", path))?;
    // Who begins anew each time would wait as well.
    match stop {
        Some(stop) if !still_there && stop.is_stopped() => Err(Error::stopped(WAITS, path)),
        _ => Ok(still_there),
    }
}

/// Whether what was opened is what the path leads to.
pub(super) fn is_at(file: &File, path: &Path) -> io::Result<bool> {
    let held = file.metadata()?;
    match fs::metadata(path) {
        Ok(there) => Ok((held.dev(), held.ino()) == (there.dev(), there.ino())),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
        Err(error) => Err(error),
    }
}

/// Whether the lock was got before the stop.
fn wait(file: &File, hold: Hold, stop: &StopToken) -> io::Result<bool> {
    let mut pause = FIRST_PAUSE;
    loop {
        let tried = match hold {
            Hold::Alone => file.try_lock(),
            Hold::Shared => file.try_lock_shared(),
        };
        match tried {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(error),
        }
        if !waiting(|| stop.sleep(pause)) {
            return Ok(false);
        }
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}
