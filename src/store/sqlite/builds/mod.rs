//! Builds in one SQLite file.
//!
//! Durable as the queue is (WAL, `synchronous = FULL`), one transaction a method: what a dispatcher
//! decided at once costs one flush. Changes that others make are numbered (`touch`), so that the
//! dispatcher reads those that are new to it and nothing else.

mod open;
mod read;
mod row;
mod store;
mod write;

pub use open::SqliteBuilds;
