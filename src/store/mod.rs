//! Where the queue is kept: all SQL of the program, and nothing but SQL.
//!
//! Implementations of [`JobQueue`](crate::import::queue::JobQueue), held to the same contract by
//! one set of tests: SQLite for one machine, and memory for what need not outlive the process.
//! What a job may do and whose turn it is is decided in `import::queue`; here it is written down.

mod memory;
mod sqlite;

pub use memory::MemoryQueue;
pub use sqlite::SqliteQueue;
