//! stdout and stderr of the commands that keep house.

use crate::sync::{StopLevel, StopToken};
use crate::ui;
use serde::Serialize;
use std::io::{self, Write as _};

/// Writes results. Where nobody reads them any more the run drains.
pub(super) struct Output {
    stop: StopToken,
}

impl Output {
    pub(super) const fn new(stop: StopToken) -> Self {
        Self { stop }
    }

    /// Writes whole lines at once, so that those of two threads do not mix.
    pub(super) fn text(&self, lines: &str) {
        ui::print(lines);
        if ui::is_closed() {
            self.stop.raise(StopLevel::Drain);
        }
    }

    /// Writes one object as one line.
    pub(super) fn json(&self, value: &impl Serialize) {
        let line = serde_json::to_string(value).expect("these values have only texts for keys");
        self.text(&format!("{line}\n"));
    }
}

/// Says something about the run. A closed stderr is no reason to fail.
pub(super) fn notice(text: &str) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}
