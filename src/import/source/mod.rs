//! From a name to a file, and from the file to what the spec needs to know.
//!
//! Each ecosystem is a folder with the same two halves. `resolve` asks a registry where a
//! release's source is; it trusts nothing that it is told beyond that. The reading half describes
//! the fetched file: what it reads goes by plain arguments (a path, a size, a reader), for this
//! stage knows nothing of how archives are walked. Fetching itself is `net`'s, and joining the
//! halves the pipeline's.

mod address;
mod changes;
mod documents;
mod license;
pub mod pypi;
mod read_error;
mod release;
mod resolve_error;
pub mod rubygems;
mod text;

pub use changes::Names;
pub use read_error::ReadError;
pub use release::Release;
pub use resolve_error::ResolveError;
