//! The queue in one SQLite file, and the tickets of a farm in another (`tickets`).
//!
//! Writers take turns (`BEGIN IMMEDIATE`); readers do not wait for them (WAL). A transaction that
//! returned is on the disk (`synchronous = FULL`), and each method is one, so that a batch costs
//! one flush. Whatever is asked for often has an index of only the rows that matter: jobs that
//! wait, by lane and rank; those that are leased; those that have a time; lanes and flows of
//! which something waits, by turn. So a claim costs the same however many jobs there are.

mod abandon;
mod add;
mod backlog;
mod builds;
mod claim;
mod find;
mod finish;
mod lanes;
mod migrate;
mod moves;
mod open;
mod queue;
mod row;
mod runs;
mod standing;
mod stats;
mod tally;
mod tickets;
mod workers;

pub use builds::SqliteBuilds;
pub use open::SqliteQueue;
pub use tickets::{SqliteTickets, Wish};
