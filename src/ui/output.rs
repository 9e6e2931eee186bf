//! stdout, written line by line from any thread.

use crate::sync::{StopLevel, StopToken};
use std::io::{self, Write as _};
use std::sync::atomic::{AtomicBool, Ordering};

/// Writes to stdout. A closed pipe is a normal end: the rest is dropped.
pub fn print(text: &str) {
    let mut stdout = io::stdout().lock();
    let _ = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
}

/// Writes a line to stderr. A closed one is no reason to fail.
pub fn notice(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes results. When nobody reads them any more, the run drains and the rest is dropped.
#[derive(Debug)]
pub(super) struct Output {
    closed: AtomicBool,
    stop: StopToken,
}

impl Output {
    pub(super) const fn new(stop: StopToken) -> Self {
        Self {
            closed: AtomicBool::new(false),
            stop,
        }
    }

    pub(super) fn is_closed(&self) -> bool {
        self.closed.load(Ordering::Relaxed)
    }

    /// Writes whole lines at once, so that those of two threads do not mix.
    pub(super) fn write(&self, lines: &str) {
        if self.is_closed() {
            return;
        }
        let mut stdout = io::stdout().lock();
        let written = stdout
            .write_all(lines.as_bytes())
            .and_then(|()| stdout.flush());
        if written.is_err() {
            self.closed.store(true, Ordering::Relaxed);
            self.stop.raise(StopLevel::Drain);
        }
    }
}
