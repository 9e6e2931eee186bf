//! The allocator: rounds in one thread, and a handle that any thread may ask.
//!
//! `handle` is the public face; `desk` is the thread that owns the rounds, the store and those who
//! wait. A thread's call waits for its answer; as many calls as are there make one round with one
//! transaction, and each is answered when that is durable. Between two rounds the thread sleeps
//! until something comes or is due.

mod desk;
mod handle;
mod waiters;

pub use handle::Allocator;
pub use waiters::WatchId;
