//! stdout, written line by line from any thread.

use crate::sync::{StopLevel, StopToken};
use serde::Serialize;
use std::io::{self, Write as _};
use std::sync::OnceLock;

/// Why stdout could not be written to, if that ever happened: the process has only one.
static FAULT: OnceLock<io::Error> = OnceLock::new();

/// Writes to stdout. A closed pipe is a normal end: the rest is dropped. Another failure is kept for
/// [`fault`].
pub fn print(text: &str) {
    if is_closed() {
        return;
    }
    let mut stdout = io::stdout().lock();
    let written = stdout
        .write_all(text.as_bytes())
        .and_then(|()| stdout.flush());
    if let Err(error) = written {
        let _ = FAULT.set(error);
    }
}

/// Whether nothing that is still printed arrives anywhere.
#[must_use]
pub fn is_closed() -> bool {
    FAULT.get().is_some()
}

/// Why not all of the results could be written, where that is a failure: nobody has to read on.
#[must_use]
pub fn fault() -> Option<&'static io::Error> {
    let fault = FAULT.get();
    fault.filter(|it| it.kind() != io::ErrorKind::BrokenPipe)
}

/// Writes a line to stderr. A closed one is no reason to fail.
pub fn notice(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Writes results. When nobody reads them any more, the run drains and the rest is dropped.
#[derive(Debug)]
pub struct Output {
    stop: StopToken,
}

impl Output {
    /// Drains the run of this token.
    #[must_use]
    pub const fn new(stop: StopToken) -> Self {
        Self { stop }
    }

    /// Writes whole lines at once, so that those of two threads do not mix.
    pub fn write(&self, lines: &str) {
        print(lines);
        if is_closed() {
            self.stop.raise(StopLevel::Drain);
        }
    }

    /// Writes one object as one line.
    pub fn json(&self, value: &impl Serialize) {
        let line = serde_json::to_string(value).expect("these values have only texts for keys");
        self.write(&format!("{line}\n"));
    }
}
