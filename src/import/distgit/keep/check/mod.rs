//! Checks repositories and what their `sources` name; says what is wrong and how to mend it.
//!
//! Changes nothing. A repository is held under a shared lock meanwhile, so that what a running
//! import has half done is not taken for a fault. What cannot be read is a finding, not an error.

mod around;
mod finding;
mod objects;
mod refs;
mod repository;
mod sources;

pub use around::check_around;
pub use finding::{Finding, Problem};
pub use repository::Check;
