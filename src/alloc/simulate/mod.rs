//! A farm on paper: the same rounds as the live allocator's, with tickets from a load and a clock
//! that jumps from one event to the next.
//!
//! `arrivals` makes a list of tickets out of a load, `run` plays it, `results` sums up what came
//! of it. Nothing here starts a command, sleeps or reads a clock; the same load and seed give the
//! same results.

mod arrivals;
mod random;
mod results;
mod run;

pub use results::{Class, Point, PoolUse, Results};
pub use run::simulate;
