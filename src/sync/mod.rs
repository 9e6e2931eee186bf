//! Stopping and waiting: the stop token that every long work looks at.

mod stop;

pub use stop::{StopLevel, StopToken};
