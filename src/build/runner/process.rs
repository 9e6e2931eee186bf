//! A shell command that cannot outlive this process.
//!
//! It runs in a process group of its own, and begins only once a second shell, the watch, knows that
//! group. The watch holds the reading end of a pipe whose writing end is here: it ends the command
//! when the pipe ends, because the command is to be ended or this process was killed; and what the
//! command left behind when it has ended by itself. See `guard`. All that the command
//! prints comes through a pipe and is kept up to a bound.

use super::guard::{self, Watch};
use super::{Halted, log::Log};
use std::fmt;
use std::future::pending;
use std::io::{self, PipeWriter};
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::pin::pin;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;
use tokio::io::AsyncWriteExt as _;
use tokio::process::{Child, Command};
use tokio::time::{sleep, timeout};

/// Runs `$1` once it is told to.
const BEGIN: &str = r#"read -r _ || exit 1
exec /bin/sh -c "$1" </dev/null"#;

/// Variables that a command gets which is to have no others of ours.
const PLAIN: [&str; 18] = [
    "PATH",
    "HOME",
    "USER",
    "LOGNAME",
    "SHELL",
    "LANG",
    "LANGUAGE",
    "LC_ALL",
    "LC_CTYPE",
    "TZ",
    "TMPDIR",
    "XDG_RUNTIME_DIR",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
];

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

impl Ended {
    fn of(status: ExitStatus) -> Self {
        let signal = || Self::Signal(status.signal().unwrap_or_default());
        status.code().map_or_else(signal, Self::Code)
    }
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
pub struct Process {
    command: Command,
    output: Option<PipeWriter>,
    work: String,
    most: u64,
}

impl Process {
    /// A line for `/bin/sh`.
    #[must_use]
    pub fn new(script: &str) -> Self {
        let mut command = Command::new("/bin/sh");
        command.args(["-c", BEGIN, "sh", script]);
        command.process_group(0).kill_on_drop(true);
        Self {
            command,
            output: None,
            work: String::new(),
            most: u64::MAX,
        }
    }

    /// Sets a variable of its environment.
    pub fn env(&mut self, name: &str, value: &str) {
        self.command.env(name, value);
    }

    /// Leaves out all variables of ours that are not needed everywhere: some are secret.
    pub fn plain(&mut self) {
        self.command.env_clear();
        let kept = PLAIN
            .iter()
            .filter_map(|it| Some((it, std::env::var_os(it)?)));
        self.command.envs(kept);
    }

    /// The folder that it runs in.
    pub fn folder(&mut self, folder: &Path) {
        self.command.current_dir(folder);
    }

    /// It works in this folder, which goes with it should this process be killed, and has it as
    /// `DISTMILL_WORK` in its environment.
    pub fn work(&mut self, folder: &str) {
        folder.clone_into(&mut self.work);
    }

    /// What it prints goes there, and only its messages into the log.
    pub fn output(&mut self, to: PipeWriter) {
        self.output = Some(to);
    }

    /// So many bytes of what it prints are kept, at most.
    pub const fn most(&mut self, bytes: u64) {
        self.most = bytes;
    }

    /// Runs it to its end; all that it prints is appended to `log`. Nothing of it runs afterwards.
    ///
    /// # Errors
    /// When it cannot be started, or the log cannot be written.
    pub async fn run(
        mut self,
        log: &Path,
        limit: Duration,
        halted: Option<&mut Halted>,
    ) -> io::Result<Ended> {
        let (reader, writer) = io::pipe()?;
        let mut log = Log::open(log, reader, self.most)?;
        self.command.stdin(Stdio::piped());
        match self.output.take() {
            Some(to) => self.command.stdout(to),
            None => self.command.stdout(writer.try_clone()?),
        };
        self.command.stderr(writer);
        let mut child = self.command.spawn()?;
        // It holds the writing ends of the pipes.
        drop(self.command);
        let mut watch = Watch::begin(child.id(), &self.work)?;
        if let Some(mut input) = child.stdin.take() {
            input.write_all(b"go\n").await?;
        }
        let ended = follow(&mut child, &mut log, limit, halted).await;
        match ended {
            Ok(Ended::Code(_) | Ended::Signal(_)) => watch.has_ended().await,
            _ => watch.end(),
        }
        let gone = async {
            let _ = child.wait().await;
            watch.wait().await;
        };
        // What is being ended may have something to say.
        let last = async {
            let _ = log.follow().await;
            pending::<()>().await;
        };
        tokio::select! {
            _ = timeout(guard::LONGEST, gone) => {}
            () = last => {}
        }
        let rest = log.rest();
        let ended = ended?;
        rest.map(|()| ended)
    }
}

/// Follows a command until it has ended, or has to be ended.
async fn follow(
    child: &mut Child,
    log: &mut Log,
    limit: Duration,
    halted: Option<&mut Halted>,
) -> io::Result<Ended> {
    let halt = async {
        let is_halted = match halted {
            Some(halted) => halted.wait_for(|it| *it).await.is_ok(),
            None => false,
        };
        if !is_halted {
            // There is no other side, or it is gone: nobody will halt it.
            pending::<()>().await;
        }
    };
    let written = async {
        match log.follow().await {
            // Nobody holds its other side any more.
            Ok(()) => pending().await,
            Err(error) => error,
        }
    };
    let (halt, written, over) = (pin!(halt), pin!(written), pin!(sleep(limit)));
    tokio::select! {
        status = child.wait() => Ok(Ended::of(status?)),
        error = written => Err(error),
        () = over => Ok(Ended::TimedOut),
        () = halt => Ok(Ended::Halted),
    }
}
