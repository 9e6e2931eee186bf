//! Where the files of builds stay: `OWNER/PROJECT/TARGET/ID-PACKAGE/` under one folder, with the
//! log, the packages and a `build.json`.
//!
//! An attempt works in `.incoming/ID`; what ends is moved to its place at once and whole, and only
//! then marked as ended, so that a build whose end was not written down is found by its `build.json`.
//! The folder of a project and target is a repository for dnf; see [`Repository`].

mod keep;
mod repository;

pub use keep::{Results, ResultsError};
pub use repository::{Repository, refresh};

/// The name of a build's log.
pub const LOG: &str = "build.log";

/// The name of the file that says what a build was and came to.
pub const RECORD: &str = "build.json";
