//! Where the queue and the tickets are kept: all SQL of the program, and nothing but SQL.
//!
//! Implementations of [`JobQueue`](crate::import::queue::JobQueue) and of
//! [`TicketStore`](crate::alloc::store::TicketStore), each held to the same contract by one set of
//! tests: SQLite for one machine, and memory for what need not outlive the process. What a job or
//! a ticket may do and whose turn it is is decided in `import::queue` and `alloc`; here it is
//! written down.

mod memory;
mod sqlite;

pub use memory::{MemoryBuilds, MemoryQueue, MemoryTickets};
pub use sqlite::{SqliteBuilds, SqliteQueue, SqliteTickets, Wish};
