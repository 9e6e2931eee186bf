//! The queue in memory: for what need not outlive the process, and as the plain reading of what a
//! queue promises. It looks through all lanes for each claim.

mod held;
mod lanes;
mod moves;
mod queue;

pub use queue::MemoryQueue;
