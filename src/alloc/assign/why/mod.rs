//! What a ticket waits for: the same questions as the decisions ask, answered for one ticket.

mod ask;
mod reasons;

pub(crate) use ask::why;
pub use reasons::{Hurdle, PoolWhy, Standing, Why};
