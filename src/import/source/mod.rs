//! From a name at a registry to a description: each ecosystem's own knowledge in its folder.
//!
//! What is read from an archive goes by plain arguments (a path, a size, a reader), for this
//! stage knows nothing of how archives are walked.

mod address;
mod documents;
mod license;
pub mod pypi;
mod read_error;
pub mod rubygems;

pub use read_error::ReadError;
