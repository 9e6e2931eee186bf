//! Rounds: what happened is applied to the farm, `assign` is asked, and what is to be written and
//! done comes out.
//!
//! [`Rounds`] has no thread and no clock of its own: the time comes in with each call, so that the
//! live allocator, the tests and the simulator drive the same code.

mod events;
mod rounds;
mod view;

pub use rounds::Rounds;
pub use view::{Checked, PoolStatus, Trouble, Victims};
