//! Stopping and waiting: the stop token that every long work looks at.

mod reading;
mod stop;

pub use reading::Stoppable;
pub use stop::{StopLevel, StopToken};
