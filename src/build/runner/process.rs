//! A shell command that cannot outlive this process.
//!
//! It runs in a process group of its own, under a shell that also holds the reading end of a pipe. The
//! writing end is here: once it is closed, because the command has ended, is to be ended, or this
//! process was killed, that shell kills the whole group. So nothing that a command began stays
//! behind. The same holds at the other end of an ssh connection; see `GUARD` below.

use super::Halted;
use rustix::process::{Pid, Signal, kill_process_group};
use std::fmt;
use std::fs::File;
use std::io;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;
use tokio::process::Command;

/// Runs `$1`; kills its own process group when stdin comes to an end.
pub(super) const GUARD: &str = r#"exec 3<&0 </dev/null
(read -r _ <&3; kill -9 0) >/dev/null 2>&1 &
exec 3<&-
/bin/sh -c "$1""#;

/// How a command ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ended {
    /// With an exit code.
    Code(i32),
    /// By a signal from elsewhere.
    Signal(i32),
    /// It took too long.
    TimedOut,
    /// It was halted.
    Halted,
}

impl fmt::Display for Ended {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Code(code) => write!(f, "ended with exit code {code}"),
            Self::Signal(signal) => write!(f, "was killed by signal {signal}"),
            Self::TimedOut => f.write_str("took too long"),
            Self::Halted => f.write_str("was halted"),
        }
    }
}

/// A command to be run.
#[derive(Debug)]
pub struct Process(Command);

impl Process {
    /// A line for `/bin/sh`.
    #[must_use]
    pub fn new(script: &str) -> Self {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", GUARD, "sh", script]);
        command.process_group(0).kill_on_drop(true);
        Self(command)
    }

    /// Sets a variable of its environment.
    pub fn env(&mut self, name: &str, value: &str) {
        self.0.env(name, value);
    }

    /// The folder that it runs in.
    pub fn folder(&mut self, folder: &Path) {
        self.0.current_dir(folder);
    }

    /// Runs it to its end; all that it prints is appended to `log`.
    ///
    /// # Errors
    /// When it cannot be started, or the log cannot be written.
    pub async fn run(
        mut self,
        log: &Path,
        limit: Duration,
        halted: Option<&mut Halted>,
    ) -> io::Result<Ended> {
        let log = File::options().create(true).append(true).open(log)?;
        self.0.stdin(Stdio::piped());
        self.0.stdout(log.try_clone()?).stderr(log);
        let mut child = self.0.spawn()?;
        let group = child.id().and_then(|it| i32::try_from(it).ok());
        let group = group.and_then(Pid::from_raw);
        let guard = child.stdin.take();
        let halt = async {
            let is_halted = match halted {
                Some(halted) => halted.wait_for(|it| *it).await.is_ok(),
                None => false,
            };
            if !is_halted {
                // There is no other side, or it is gone: nobody will halt it.
                std::future::pending::<()>().await;
            }
        };
        let ended = tokio::select! {
            status = child.wait() => {
                let status = status?;
                status.code().map_or_else(
                    || Ended::Signal(status.signal().unwrap_or_default()),
                    Ended::Code,
                )
            }
            () = tokio::time::sleep(limit) => Ended::TimedOut,
            () = halt => Ended::Halted,
        };
        drop(guard);
        if let (Ended::TimedOut | Ended::Halted, Some(group)) = (&ended, group) {
            // It may have ended by itself meanwhile.
            let _ = kill_process_group(group, Signal::KILL);
            child.wait().await?;
        }
        Ok(ended)
    }
}
