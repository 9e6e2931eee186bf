//! distmill takes whole package ecosystems into RPM dist-git.
//!
//! The import flow, each part a module under [`import`]:
//!
//! ```text
//! job -> source (resolve, fetch) -> archive (read) -> spec -> rpmfile (.src.rpm) -> distgit (commit, lookaside) -> outcome
//! ```
//!
//! The build flow, in [`build`]:
//!
//! ```text
//! build -> tags -> ticket -> pool -> resource -> run on the builder -> outcome
//! ```
//!
//! Builders are handed out by [`alloc`]: tickets with tags are taken, served from pools of
//! resources, and closed; it stands on its own.
//!
//! Layers, from the bottom: [`model`] (plain values); [`config`] and [`event`]; [`rpmfile`],
//! [`net`] and [`sync`]; [`import`] and [`alloc`]; [`build`] and [`mod@bench`] (how fast it is);
//! `worker`, `frontend`, `serve`, `shell`, `store` and `ui`; `cli`. A module imports from lower
//! layers only; a test of the project holds it to that.

pub mod alloc;
pub mod bench;
pub mod build;
pub mod cli;
pub mod config;
pub mod event;
pub mod frontend;
pub mod import;
pub mod model;
pub mod net;
pub mod rpmfile;
pub mod serve;
pub mod shell;
pub mod store;
pub mod sync;
pub mod ui;
pub mod worker;
