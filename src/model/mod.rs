//! Plain values that every layer speaks in: names that are safe as paths and refs, digests,
//! versions, and the reason why something failed.
//!
//! Nothing here opens a file, talks to a network or knows a format of another tool. Everything
//! above may use it; it uses nothing of this crate.

mod digest;
mod ecosystem;
mod layout;
mod name;
mod reason;
pub mod version;

pub use digest::{Digester, Digests, Sha256, Sum, SumKind};
pub use ecosystem::Ecosystem;
pub use layout::{Layout, UnknownLayout};
pub use name::{BranchName, MAX_NAME, NameError, PackageName, Project, is_safe_file_name};
pub use reason::{Code, Fault};
