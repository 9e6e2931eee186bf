//! Stores in memory: for what need not outlive the process, and as the plain reading of what a
//! store promises. The queue looks through all lanes for each claim.

mod builds;
mod held;
mod moves;
mod queue;
mod tickets;

pub use builds::MemoryBuilds;
pub use queue::MemoryQueue;
pub use tickets::MemoryTickets;
