//! What a running program says, read while it runs.

use std::io::{BufRead as _, BufReader, Read};
use std::sync::{Arc, Condvar, Mutex};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Long enough for a busy machine; only a test that fails waits for it.
const PATIENCE: Duration = Duration::from_secs(60);

/// The lines of a pipe so far.
pub struct Said {
    shared: Arc<Shared>,
    reader: Option<JoinHandle<()>>,
}

#[derive(Default)]
struct Shared {
    text: Mutex<Text>,
    changed: Condvar,
}

#[derive(Default)]
struct Text {
    lines: String,
    is_whole: bool,
}

impl Said {
    /// Reads a pipe from now on, until its other side is closed.
    pub fn read(pipe: impl Read + Send + 'static) -> Self {
        let shared = Arc::new(Shared::default());
        let reader = {
            let shared = Arc::clone(&shared);
            std::thread::spawn(move || {
                let mut pipe = BufReader::new(pipe);
                loop {
                    let mut line = Vec::new();
                    let size = pipe.read_until(b'\n', &mut line).unwrap_or_default();
                    let mut text = shared.text.lock().unwrap();
                    text.lines.push_str(&String::from_utf8_lossy(&line));
                    text.is_whole = size == 0;
                    shared.changed.notify_all();
                    if size == 0 {
                        return;
                    }
                }
            })
        };
        Self {
            shared,
            reader: Some(reader),
        }
    }

    /// Waits until a text has been said, or the other side is closed. Whether it was said.
    pub fn wait_or_end(&self, part: &str) -> bool {
        let end = Instant::now() + PATIENCE;
        let mut text = self.shared.text.lock().unwrap();
        while !text.lines.contains(part) && !text.is_whole {
            let left = end.saturating_duration_since(Instant::now());
            assert!(!left.is_zero(), "waited in vain for {part:?}");
            text = self.shared.changed.wait_timeout(text, left).unwrap().0;
        }
        text.lines.contains(part)
    }

    /// What was said so far.
    pub fn so_far(&self) -> String {
        self.shared.text.lock().unwrap().lines.clone()
    }

    /// Waits until a text has been said.
    pub fn wait(&self, part: &str) {
        let end = Instant::now() + PATIENCE;
        let mut text = self.shared.text.lock().unwrap();
        while !text.lines.contains(part) {
            let left = end.saturating_duration_since(Instant::now());
            assert!(
                !left.is_zero() && !text.is_whole,
                "waited in vain for {part:?} in {:?}",
                text.lines
            );
            text = self.shared.changed.wait_timeout(text, left).unwrap().0;
        }
    }

    /// All of it, once the other side is closed.
    pub fn all(&mut self) -> String {
        if let Some(reader) = self.reader.take() {
            reader.join().unwrap();
        }
        self.shared.text.lock().unwrap().lines.clone()
    }
}
