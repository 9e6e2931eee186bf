//! Pools of resources and the policy of the whole farm, as plain values.
//!
//! A [`Pool`] is what its administrator wrote, with the defaults filled in; [`Pools`] are all of
//! them with the [`Policy`], checked as a whole. Nothing here opens a file: whoever has
//! one reads it with `config` and hands it to [`Pools::of_files`], or builds the values and hands
//! them to [`Pools::new`].

mod bounds;
mod file;
mod policy;
mod pools;
mod reserve;
mod settings;

pub(crate) use bounds::SHORTEST_PERIOD;
pub use bounds::{BackOff, Quarantine, TimeLimits};
pub use policy::{Policy, Share};
pub use pools::{Pools, PoolsError};
pub use reserve::Reservation;
pub use settings::{Commands, Pool, PoolTag};
