//! A fixed-size pool of named threads that works jobs off.
//!
//! Knows nothing of what a job is: the caller says how one is done and what to do with its
//! result.

mod pool;

pub use pool::{Panic, Pool};
