//! The queue in one SQLite file.
//!
//! Whatever is asked for often has an index of only the rows that matter: jobs that wait, by lane
//! and rank; those that are leased; those that have a time; lanes and flows of which something
//! waits, by turn. So a claim costs the same however many jobs there are.

mod abandon;
mod add;
mod backlog;
mod claim;
mod find;
mod finish;
mod lanes;
mod moves;
mod open;
#[cfg(test)]
mod plans;
mod row;
mod runs;
mod standing;
mod stats;
mod store;
mod tally;
mod workers;

pub use open::SqliteQueue;
