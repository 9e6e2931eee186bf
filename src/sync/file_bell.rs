//! A bell that is heard by other processes on this machine.
//!
//! Ringing it opens a file for writing and closes it again; who listens is told by the kernel
//! (inotify), in a thread that sleeps until then.

use super::Bell;
use rustix::fs::inotify::{self, CreateFlags, WatchFlags};
use std::fs::{self, OpenOptions};
use std::io;
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

/// A bell with a file that carries its ring to other processes.
#[derive(Debug)]
pub struct FileBell {
    bell: Arc<Bell>,
    path: PathBuf,
    is_closing: Arc<AtomicBool>,
    listener: Option<JoinHandle<()>>,
}

impl FileBell {
    /// A bell at this file, which is made if it is missing. Others hear it; it hears them once
    /// [`listen`](Self::listen) was called.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn open(path: &Path) -> io::Result<Self> {
        fs::write(path, "")?;
        Ok(Self {
            bell: Arc::default(),
            path: path.to_owned(),
            is_closing: Arc::default(),
            listener: None,
        })
    }

    /// Hears the rings of other processes from now on.
    ///
    /// # Errors
    /// When the system has no more watches or threads.
    pub fn listen(&mut self) -> io::Result<()> {
        let watch = inotify::init(CreateFlags::CLOEXEC)?;
        inotify::add_watch(&watch, &self.path, WatchFlags::CLOSE_WRITE)?;
        let (bell, is_closing) = (Arc::clone(&self.bell), Arc::clone(&self.is_closing));
        let listen = move || {
            let mut buffer = [MaybeUninit::uninit(); 1024];
            let mut events = inotify::Reader::new(watch, &mut buffer);
            while events.next().is_ok() && !is_closing.load(Ordering::Acquire) {
                bell.ring();
            }
        };
        let thread = std::thread::Builder::new().name("bell".to_owned());
        self.listener = Some(thread.spawn(listen)?);
        Ok(())
    }

    /// The bell in this process.
    #[must_use]
    pub fn bell(&self) -> &Arc<Bell> {
        &self.bell
    }

    /// Rings here and in every process that listens. A file that is gone keeps nobody from
    /// working: the others look again after a while by themselves.
    pub fn ring(&self) {
        self.bell.ring();
        let _ = OpenOptions::new().write(true).open(&self.path);
    }
}

impl Drop for FileBell {
    fn drop(&mut self) {
        if let Some(listener) = self.listener.take() {
            self.is_closing.store(true, Ordering::Release);
            // Without the file the listener cannot be woken; it ends with the process.
            if OpenOptions::new().write(true).open(&self.path).is_ok() {
                let _ = listener.join();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    #[test]
    fn another_bell_at_the_same_file_is_heard() {
        let dir = tempfile::TempDir::new().unwrap();
        let path = dir.path().join("wake");
        let mut here = FileBell::open(&path).unwrap();
        here.listen().unwrap();
        let seen = here.bell().rings();
        FileBell::open(&path).unwrap().ring();
        assert!(here.bell().wait(seen, Duration::from_secs(60)));
    }
}
