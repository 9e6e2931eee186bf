//! Rings a bell when a file of a folder is written, replaced or removed.
//!
//! Editors write beside a file and rename: so it is the folder that is watched (inotify), in a
//! thread that sleeps until then.

use super::Bell;
use rustix::event::{EventfdFlags, PollFd, PollFlags, eventfd, poll};
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use std::ffi::{OsStr, OsString};
use std::io;
use std::mem::MaybeUninit;
use std::os::fd::OwnedFd;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

/// Watches until it is dropped.
#[derive(Debug)]
pub struct FolderWatch {
    end: Arc<OwnedFd>,
    listener: Option<JoinHandle<()>>,
}

impl FolderWatch {
    /// Watches the files of a folder, not those of its folders.
    ///
    /// # Errors
    /// When the folder cannot be watched, or the system has no more watches or threads.
    pub fn new(folder: &Path, bell: Arc<Bell>) -> io::Result<Self> {
        let changes = WatchFlags::CLOSE_WRITE
            | WatchFlags::MOVED_TO
            | WatchFlags::MOVED_FROM
            | WatchFlags::DELETE;
        Self::watch(folder, None, changes, bell)
    }

    /// Watches for one name in a folder: whatever file has it then, it rings when that was written.
    ///
    /// # Errors
    /// When the folder cannot be watched, or the system has no more watches or threads.
    pub fn of_file(path: &Path, bell: Arc<Bell>) -> io::Result<Self> {
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        let folder = folder.unwrap_or(Path::new("."));
        let name = path.file_name().map(OsStr::to_owned);
        Self::watch(folder, name, WatchFlags::CLOSE_WRITE, bell)
    }

    fn watch(
        folder: &Path,
        name: Option<OsString>,
        changes: WatchFlags,
        bell: Arc<Bell>,
    ) -> io::Result<Self> {
        let watch = inotify::init(CreateFlags::CLOEXEC)?;
        inotify::add_watch(&watch, folder, changes | WatchFlags::ONLYDIR)?;
        let end = Arc::new(eventfd(0, EventfdFlags::CLOEXEC)?);
        let ended = Arc::clone(&end);
        let listener = std::thread::Builder::new()
            .name("watch".to_owned())
            .spawn(move || {
                let mut buffer = [MaybeUninit::uninit(); 4096];
                let mut events = inotify::Reader::new(&watch, &mut buffer);
                while !events.is_buffer_empty() || is_next(&watch, &ended) {
                    let Ok(event) = events.next() else {
                        return;
                    };
                    // What has no name says that events were lost.
                    let is_of = |name: &OsString| {
                        let of = event.file_name();
                        of.is_none_or(|it| it.to_bytes() == name.as_bytes())
                    };
                    if name.as_ref().is_none_or(is_of) {
                        bell.ring();
                    }
                }
            })?;
        Ok(Self {
            end,
            listener: Some(listener),
        })
    }
}

/// Waits for an event; whether there is one, and it has not ended.
fn is_next(watch: &OwnedFd, end: &OwnedFd) -> bool {
    let mut both = [
        PollFd::new(watch, PollFlags::IN),
        PollFd::new(end, PollFlags::IN),
    ];
    loop {
        match poll(&mut both, None) {
            Err(rustix::io::Errno::INTR) => {}
            Err(_) => return false,
            Ok(_) => return both[1].revents().is_empty(),
        }
    }
}

impl Drop for FolderWatch {
    fn drop(&mut self) {
        // Only a full counter could refuse it, and then the listener is awake.
        let _ = rustix::io::write(&*self.end, &1_u64.to_ne_bytes());
        if let Some(listener) = self.listener.take() {
            let _ = listener.join();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;
    use std::time::Duration;

    #[test]
    fn writing_replacing_and_removing_are_heard() {
        let dir = tempfile::TempDir::new().unwrap();
        let bell = Arc::new(Bell::default());
        let watch = FolderWatch::new(dir.path(), Arc::clone(&bell)).unwrap();
        let (file, new) = (dir.path().join("pools.yaml"), dir.path().join(".new"));
        let heard = |act: &dyn Fn()| {
            let seen = bell.rings();
            act();
            assert!(bell.wait(seen, Duration::from_secs(60)));
        };
        heard(&|| fs::write(&file, "a").unwrap());
        heard(&|| fs::write(&new, "b").unwrap());
        heard(&|| fs::rename(&new, &file).unwrap());
        heard(&|| fs::remove_file(&file).unwrap());
        drop(watch);
        assert!(FolderWatch::new(&dir.path().join("none"), bell).is_err());
    }
}
