//! The queue, the builds and the tickets of a farm, each in one file of SQLite.
//!
//! Writers take turns (`BEGIN IMMEDIATE`); readers do not wait for them (WAL). A transaction that
//! returned is on the disk (`synchronous = FULL`), and each method is one, so that a batch costs
//! one flush.

mod builds;
mod column;
mod database;
mod queue;
mod tickets;

pub use builds::SqliteBuilds;
pub use queue::SqliteQueue;
pub use tickets::{SqliteTickets, Wish};
