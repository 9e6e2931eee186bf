//! The wait for a repository that somebody else works on.
//!
//! The lock itself is waited for by the system, which nothing can end. So whoever may run out of
//! time, or be told to stop, waits here first.

use crate::import::root::Places;
use crate::model::{PackageName, Project};
use crate::sync::StopToken;
use std::fs::{File, TryLockError};
use std::time::Duration;

const FIRST_PAUSE: Duration = Duration::from_millis(1);
const LONGEST_PAUSE: Duration = Duration::from_millis(50);

/// Waits until nobody holds the lock of a package's repository. Whether that is so: otherwise the
/// stop token was raised.
#[must_use]
pub fn wait_until_free(
    places: &Places,
    project: &Project,
    package: &PackageName,
    stop: &StopToken,
) -> bool {
    let path = places.repository(project, package);
    let mut pause = FIRST_PAUSE;
    loop {
        // What is not there, or cannot be opened, is for the one who needs it to find out.
        let held = File::open(&path).map(|it| it.try_lock());
        if !matches!(held, Ok(Err(TryLockError::WouldBlock))) {
            return true;
        }
        if !stop.sleep(pause) {
            return false;
        }
        pause = LONGEST_PAUSE.min(pause * 2);
    }
}
