//! From a name to a file, and from the file to what the spec needs to know.
//!
//! Each ecosystem is a folder with the same two halves. `resolve` asks a registry where a
//! release's source is; it trusts nothing that it is told beyond that. The reading half takes the
//! fetched file and describes it. Fetching itself is `net`'s, and joining the halves the
//! pipeline's.

pub mod pypi;
mod release;
mod resolve_error;
pub mod rubygems;

pub use release::Release;
pub use resolve_error::ResolveError;
