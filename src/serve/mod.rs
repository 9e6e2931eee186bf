//! What the program serves over HTTP: repositories and the lookaside cache to builders on other
//! hosts, read only, and tickets for builders (`xmlrpc`).
//!
//! ```text
//! /git/OWNER/PROJECT/PKG.git                     git's smart protocol; clone, fetch, shallow too
//! /repo/pkgs/OWNER/PROJECT/PKG/FILE/HASH/FILE    a file, with the hash's type before it or not
//! ```
//!
//! An address names checked parts and never a path; what lies there is followed only below the
//! served folders, and nothing is written there. Called by `cli::serve`.

mod address;
mod answer;
mod chunk;
mod connections;
mod error;
mod files;
mod git;
mod places;
mod server;
mod taken;
mod xmlrpc;

pub use connections::Bounds;
pub use error::Error;
pub use places::Places;
pub use server::serve;
pub use xmlrpc::{Guard, TicketPort};
