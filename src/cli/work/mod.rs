//! `distmill work`: imports for a build system's frontend, as a daemon.

mod arguments;
mod file;
mod plan;
mod run;

pub(super) use arguments::Arguments;
pub(super) use run::run;
