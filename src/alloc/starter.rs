//! Who starts, checks, cleans and deletes resources: the trait, its orders and its reports.
//!
//! The allocator hands out an [`Order`] and goes on; whoever carries it out reports once, through
//! the [`Done`] that came with it, from any thread. A `Done` that is dropped reports a failure, so
//! that nothing waits for ever for an order that was lost.

use super::pool::Pool;
use super::resource::Resource;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

/// What is to be done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Task {
    /// Start this resource: run `cmd_new`, report what it prints.
    Start(Resource),
    /// Delete it.
    Delete(Resource),
    /// See whether it works.
    Livecheck(Resource),
    /// Clean it after a ticket.
    Release(Resource),
    /// List the names of all that exists in this pool, one a line.
    List(Arc<str>),
    /// Delete what the list named and nobody knows.
    DeleteStray {
        /// The pool.
        pool: Arc<str>,
        /// What the list named.
        name: String,
    },
}

impl Task {
    /// The resource that it is about.
    #[must_use]
    pub const fn resource(&self) -> Option<&Resource> {
        match self {
            Self::Start(it) | Self::Delete(it) | Self::Livecheck(it) | Self::Release(it) => {
                Some(it)
            }
            Self::List(_) | Self::DeleteStray { .. } => None,
        }
    }

    /// The word for it.
    #[must_use]
    pub const fn as_str(&self) -> &'static str {
        match self {
            Self::Start(_) => "start",
            Self::Delete(_) => "delete",
            Self::Livecheck(_) => "livecheck",
            Self::Release(_) => "release",
            Self::List(_) => "list",
            Self::DeleteStray { .. } => "delete stray",
        }
    }
}

/// A task, with the settings of its pool as they were when it was given.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Order {
    /// Its number, unique in this run of the program.
    pub number: u64,
    /// The pool.
    pub pool: Arc<Pool>,
    /// What is to be done.
    pub task: Task,
}

impl Order {
    /// How long it may take.
    #[must_use]
    pub fn time_limit(&self) -> Duration {
        let limits = &self.pool.time_limits;
        match self.task {
            Task::Start(_) => limits.start,
            Task::Delete(_) => limits.delete,
            Task::Livecheck(_) => limits.livecheck,
            Task::Release(_) => limits.release,
            Task::List(_) | Task::DeleteStray { .. } => limits.list,
        }
    }
}

/// How an order ended.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Finished {
    /// Whether it succeeded.
    pub ok: bool,
    /// What it printed on stdout, as far as it is kept: a resource's data, or a list of names in
    /// lines.
    pub output: Vec<u8>,
    /// Why it failed, for people: `exit code 1`, `took longer than 60 s`.
    pub text: String,
}

impl Finished {
    /// A success with this output.
    #[must_use]
    pub fn ok(output: impl Into<Vec<u8>>) -> Self {
        Self {
            ok: true,
            output: output.into(),
            text: String::new(),
        }
    }

    /// A failure for this reason.
    #[must_use]
    pub fn failed(text: &str) -> Self {
        Self {
            ok: false,
            output: Vec::new(),
            text: text.to_owned(),
        }
    }
}

type Report = Box<dyn FnOnce(Finished) + Send>;

/// The way back for one order's report.
pub struct Done(Option<Report>);

impl Done {
    /// Reports are handed to `report`.
    pub fn new(report: impl FnOnce(Finished) + Send + 'static) -> Self {
        Self(Some(Box::new(report)))
    }

    /// Reports how the order ended. Never blocks.
    pub fn finish(mut self, finished: Finished) {
        if let Some(report) = self.0.take() {
            report(finished);
        }
    }
}

impl Drop for Done {
    fn drop(&mut self) {
        if let Some(report) = self.0.take() {
            report(Finished::failed("the order was dropped"));
        }
    }
}

impl fmt::Debug for Done {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Done")
    }
}

/// Carries out orders.
pub trait Starter: Send + Sync + fmt::Debug {
    /// Begins an order and returns at once. How it ended is reported through `done`, later or
    /// now. The allocator bounds live checks and starts; whoever runs real commands bounds the
    /// rest, and keeps each within [`Order::time_limit`].
    fn begin(&self, order: Order, done: Done);
}

type Work = dyn Fn(&Order) -> Finished + Send + Sync;

/// A starter in this process: each order is done by a function, at once, in the allocator's own
/// thread. For tests, and for resources that need no command.
pub struct InProcess(Box<Work>);

impl InProcess {
    /// Orders are done by `work`, which has to be quick.
    pub fn new(work: impl Fn(&Order) -> Finished + Send + Sync + 'static) -> Self {
        Self(Box::new(work))
    }
}

impl Default for InProcess {
    /// Everything succeeds; a resource's data is its name.
    fn default() -> Self {
        Self::new(|order| match &order.task {
            Task::Start(resource) => Finished::ok(resource.name.as_bytes()),
            _ => Finished::ok([]),
        })
    }
}

impl fmt::Debug for InProcess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("InProcess")
    }
}

impl Starter for InProcess {
    fn begin(&self, order: Order, done: Done) {
        done.finish((self.0)(&order));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::mpsc;

    #[test]
    fn every_order_is_reported_once() {
        let (sender, receiver) = mpsc::channel();
        let done = |sender: &mpsc::Sender<Finished>| {
            let sender = sender.clone();
            Done::new(move |it| sender.send(it).unwrap())
        };
        done(&sender).finish(Finished::ok("x"));
        drop(done(&sender));
        drop(sender);
        let reports: Vec<Finished> = receiver.iter().collect();
        assert_eq!(reports.len(), 2);
        assert_eq!(reports[0].output, b"x");
        assert!(!reports[1].ok && !reports[1].text.is_empty());
    }
}
