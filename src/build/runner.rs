//! Runners: a build, on a builder.
//!
//! A [`Runner`] takes an [`Order`], returns at once, and says once how it went. It appends all that
//! the build prints to the log in the order's folder, and puts the files that the build made into
//! `files` beside it. A build that runs costs a task, no thread. Whatever happens to this process,
//! what it began ends with it; see [`process`].

mod files;
mod guard;
mod local;
mod log;
pub mod process;
mod script;
mod ssh;

pub use local::Local;
pub use ssh::{HostKeys, Ssh, SshSettings};

use super::command::{Command, Values};
use super::machine::Machine;
use crate::model::Code;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::watch;

/// One attempt at a build.
#[derive(Clone, Debug)]
pub struct Order {
    /// What the folder of the build on its builder is called: unique.
    pub name: String,
    /// The builder.
    pub machine: Machine,
    /// What is run.
    pub command: Arc<Command>,
    /// What its words mean; paths on the builder are filled in by the runner.
    pub values: Values,
    /// The source package, here.
    pub srpm: PathBuf,
    /// The folder of the attempt, here: `build.log`, and `files`.
    pub folder: PathBuf,
    /// How long the command may take.
    pub time_limit: Duration,
    /// Bytes of what it prints that are kept, at most.
    pub max_log: u64,
}

/// How an attempt went.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The command succeeded, and its files are here.
    Succeeded,
    /// The command failed with this exit code.
    Failed(i32),
    /// It took too long.
    TimedOut,
    /// The builder is of no use: it went away, cannot be reached, or has no room.
    Lost(String),
    /// It was halted, as it was told to.
    Halted,
    /// The command succeeded, and what it left as its results cannot be taken.
    Unusable(String),
    /// This machine failed.
    Trouble(String),
    /// This machine has no room left.
    NoRoom(String),
    /// The source package cannot be read.
    NoSource(String),
}

impl Verdict {
    /// The verdict where this machine failed to do something.
    pub(in crate::build) fn of_here(what: &str, error: &io::Error) -> Self {
        let text = format!("{what}: {error}");
        match Code::of_io(error) {
            Code::DiskFull => Self::NoRoom(text),
            _ => Self::Trouble(text),
        }
    }
}

/// Ends an attempt early. Dropping it does nothing.
#[derive(Clone, Debug)]
pub struct Halt(watch::Sender<bool>);

/// The other side of a [`Halt`].
pub type Halted = watch::Receiver<bool>;

impl Halt {
    /// A pair.
    #[must_use]
    pub fn pair() -> (Self, Halted) {
        let (sender, receiver) = watch::channel(false);
        (Self(sender), receiver)
    }

    /// Ends the attempt.
    pub fn halt(&self) {
        self.0.send_replace(true);
    }
}

/// Told once how an attempt went, on a thread that may block.
pub type Done = Box<dyn FnOnce(Verdict) + Send>;

/// Runs builds.
pub trait Runner: Send + Sync {
    /// Begins an attempt and returns at once.
    fn begin(&self, order: Order, halted: Halted, done: Done);
}
