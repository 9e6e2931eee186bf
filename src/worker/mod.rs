//! Threads that work jobs off.
//!
//! [`Pool`] is a fixed number of named threads and knows nothing of what a job is: the caller says
//! how one is done and what to do with its result. [`QueueWorker`] feeds a pool from a queue, and
//! gives the queue its results.

mod pool;
mod queue;

pub use pool::{Panic, Pool};
pub use queue::{Disposal, Presence, QueueWorker, WorkError, WorkSettings, take_out_the_dead};
