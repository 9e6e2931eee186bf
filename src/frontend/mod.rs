//! A build system's frontend as a source of jobs and a taker of results.
//!
//! ```text
//! poll -> schedule -> import -> outbox -> deliver
//! ```
//!
//! The frontend lists the builds that wait for import until their results arrive, so a build that
//! is worked on, or done, is known by its number ([`Book`]). Which ones start next is decided by a
//! pure function ([`schedule()`]). A result is on disk before anybody hears of it ([`Outbox`]) and is
//! handed in until the frontend took it. Called by `cli::work`; the import itself is the
//! pipeline's.

mod book;
mod client;
mod daemon;
mod deliver;
mod error;
mod message;
mod outbox;
mod poll;
mod result;
mod schedule;
mod settings;
mod task;
mod task_log;
mod trouble;
mod worker;

pub use book::Book;
pub use client::{Frontend, Listing};
pub use daemon::{Daemon, Farewell};
pub use error::{Error, TaskError};
pub use outbox::{Outbox, OutboxError};
pub use result::ImportResult;
pub use schedule::schedule;
pub use settings::{Limits, Settings};
pub use task::{BuildId, Order, Task, UnreadableTask};
pub use trouble::Say;
