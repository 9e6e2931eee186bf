//! What holds for every command.

use crate::alloc::starter::Task;
use std::path::PathBuf;

/// How commands are run.
#[derive(Clone, Debug)]
pub struct ShellSettings {
    /// The folder of the commands' logs.
    pub logs: PathBuf,
    /// Commands of one kind and one pool that run at once.
    pub at_once: usize,
    /// What marks the commands of this farm among all processes of the machine: its database.
    pub farm: String,
}

impl ShellSettings {
    /// The log of a task, `000012_alloc`: what it is about and what is done with it.
    pub(super) fn log(&self, task: &Task) -> PathBuf {
        let id = task.resource().map_or(0, |it| it.id.0);
        let kind = match task {
            Task::Start(_) => "alloc",
            Task::Livecheck(_) => "watch",
            Task::Release(_) => "release",
            Task::Delete(_) | Task::DeleteStray { .. } => "terminate",
            Task::List(_) => "list",
        };
        self.logs.join(format!("{id:06}_{kind}"))
    }
}
