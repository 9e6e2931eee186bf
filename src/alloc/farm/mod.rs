//! All that lives, with the indices that make a decision cheap.
//!
//! Waiting tickets stand in [`queues`], grouped by tags and owner; resources that a ticket may get
//! are the [`stock`], grouped by pool, tags and sandbox; [`pool_state`] counts what each pool has.
//! Every change of a resource goes through one function that takes it out of all indices and puts
//! it back, so that they cannot disagree with it. What is to be done is decided in `assign`.

mod change;
mod group;
mod pool_state;
mod queues;
mod settings;
mod state;
mod stock;

pub(crate) use group::{Owner, Rank, Turn};
pub(crate) use pool_state::PoolState;
pub(crate) use queues::{GroupId, Place};
pub(crate) use state::Farm;
pub(crate) use stock::ShapeId;
