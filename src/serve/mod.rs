//! Read access over HTTP, for builders on other hosts: repositories and the lookaside cache.
//!
//! ```text
//! /git/OWNER/PROJECT/PKG.git                     git's smart protocol; clone, fetch, shallow too
//! /repo/pkgs/OWNER/PROJECT/PKG/FILE/HASH/FILE    a file, with the hash's type before it or not
//! ```
//!
//! An address names checked parts and never a path; what lies there is followed only below the
//! served folders. Nothing is ever written. Called by `cli::serve`.

mod address;
mod answer;
mod connections;
mod error;
mod files;
mod git;
mod places;
mod server;

pub use connections::Bounds;
pub use error::Error;
pub use places::Places;
pub use server::serve;
