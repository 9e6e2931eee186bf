//! Keeping house: what imports made over the years is swept, packed, checked and taken away.
//!
//! Everything here works on repositories and a lookaside cache that may be in use, and that other
//! tools may have made. Each repository is held under its lock while it is looked at, so that
//! nothing races an import; what is not certain to be unused stays.

mod cached;
mod check;
mod gc_lock;
mod pack;
mod prune;
mod reach;
mod repositories;
mod sweep;
mod tally;

pub use check::{Check, Finding, Problem, check_around};
pub use pack::Packed;
pub use prune::{Belongings, belongings, prune};
pub use reach::Scope;
pub use repositories::{RepositoryId, repositories};
pub use sweep::{RemovedFile, Sweep, Swept, to_sweep};
pub use tally::{Freed, Tally};
