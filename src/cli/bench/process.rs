//! A task in a process of its own, so that its memory and time are its own.

use crate::bench::{Error, Task};
use crate::sync::StopToken;
use anyhow::{Context as _, bail};
use serde::de::DeserializeOwned;
use std::env;
use std::io::{Seek as _, Write as _};
use std::os::unix::process::CommandExt as _;
use std::process::{Command, Stdio};
use std::time::Duration;

/// How soon the end of a process, or a stop, is seen. Processes take their own time.
const LOOK: Duration = Duration::from_millis(10);

/// Hands a task to a process of this program; its answer. Both go through files, which are never
/// full.
pub(super) fn run<T: DeserializeOwned>(task: &Task, stop: &StopToken) -> anyhow::Result<T> {
    let mut input = tempfile::tempfile()?;
    input.write_all(&serde_json::to_vec(task)?)?;
    input.rewind()?;
    let mut output = tempfile::tempfile()?;
    let program = env::current_exe().context("cannot find this program")?;
    let mut child = Command::new(program)
        .arg("bench-trial")
        .args(["--parent", &std::process::id().to_string()])
        // A signal from the terminal is this process's business: it ends the other one.
        .process_group(0)
        // Loopback is not reached through anybody's proxy.
        .env("NO_PROXY", "127.0.0.1")
        .stdin(Stdio::from(input))
        .stdout(Stdio::from(output.try_clone()?))
        .spawn()
        .context("cannot start a process for the measurement")?;
    let status = loop {
        if let Some(status) = child.try_wait()? {
            break status;
        }
        if stop.is_draining() || !stop.sleep(LOOK) {
            child.kill()?;
            child.wait()?;
        }
    };
    if stop.is_draining() {
        return Err(Error::Stopped.into());
    }
    if !status.success() {
        bail!("the process of the measurement ended with {status}");
    }
    output.rewind()?;
    let answer = serde_json::from_reader(output);
    answer.context("the measurement was cut off")
}
