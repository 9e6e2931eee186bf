//! Tickets and resources in one SQLite file.
//!
//! The allocator writes through: a round is one transaction, durable when it returns (WAL,
//! `synchronous = FULL`). What lives has indices of its own rows only, so that neither a start nor
//! a round costs more with the history. Other processes may read at any time; what they want done
//! they write down as a [`Wish`] and ring the bell: the server takes wishes up and deletes them
//! when they are done, so that none is lost when either side dies.

mod open;
mod read;
mod row;
mod store;
mod wish;
mod write;

pub use open::SqliteTickets;
pub use wish::Wish;
