//! A worker of a queue: claims jobs, runs them on a pool, and marks them done.
//!
//! Four kinds of threads: the caller's claims jobs and feeds the pool; the pool's import; one
//! commits results, many at a time; one keeps the lease and takes out workers that are dead.
//! A job is marked done only after what it made is on stable storage.

mod claims;
mod committer;
mod error;
mod keeper;
mod presence;
mod run;
mod settings;

pub use committer::Disposal;
pub use error::WorkError;
pub use keeper::take_out_the_dead;
pub use presence::Presence;
pub use run::QueueWorker;
pub use settings::WorkSettings;
