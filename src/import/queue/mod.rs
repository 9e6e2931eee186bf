//! The queue: jobs that wait, the rules by which they are handed out, and what came of them.
//!
//! Here is what a queue means: which jobs are the same ([`Key`]), whose turn it is
//! ([`pick()`]), when a failed one is tried again ([`RetryPolicy`]), and the trait that a store
//! implements ([`JobQueue`]). Nothing here knows SQL, a clock or a thread: the time comes in as an
//! argument, and `store` keeps the rows.

mod entry;
mod error;
mod filter;
mod job_queue;
mod key;
mod lanes;
mod limits;
mod pages;
mod pick;
mod picker;
mod record;
mod retry;
mod run;
mod standing;
mod state;
mod stats;
mod turn;

pub use entry::{HOSTS, Making, NewJob, QueuedJob, Target, host_of, line_of, registry_of};
pub use error::QueueError;
pub use filter::Filter;
pub use job_queue::{
    Abandoned, Added, CANCELLED, CRASHED, Claim, Claimed, Ended, JobQueue, Next, Worker, WorkerId,
    WorkerRow,
};
pub use key::Key;
pub use lanes::{Lane, Lanes};
pub use limits::{ClaimLimits, Limit, Running};
pub use pages::pages;
pub use pick::pick;
pub use record::Record;
pub use retry::RetryPolicy;
pub use run::{Run, RunCounts, RunId};
pub use standing::{Line, Pace, Reason, Standing, ahead};
pub use state::State;
pub use stats::Stats;
pub use turn::{Backlog, Flow, FlowTurn, LaneId, LaneTurn, Pick, Plan, SandboxTurn, Waiting};
