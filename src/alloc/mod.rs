//! Tickets for builders, a library of its own: pools of resources, and who gets which.
//!
//! Read downwards: [`ticket`], [`resource`] and [`pool`] are the three nouns; `farm` is all that
//! lives, with its indices; `assign` decides (state and time in, decisions out: no clock, no SQL,
//! no threads); [`round`] applies what happened, asks `assign`, and says what is to be written and
//! done; [`Allocator`] runs rounds in one thread over a [`TicketStore`](store::TicketStore) and a
//! [`Starter`](starter::Starter). The live server, the tests and the simulator drive the same
//! rounds.

mod allocator;
mod assign;
pub mod error;
mod farm;
pub mod pool;
pub mod resource;
pub mod round;
pub mod simulate;
pub mod starter;
pub mod store;
pub mod ticket;
mod time;

pub use allocator::{Allocator, WatchId};
pub use assign::why;
pub use error::AllocError;
pub use round::{Checked, PoolStatus, Rounds, Trouble, Victims};
