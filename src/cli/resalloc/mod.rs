//! `distmill resalloc`: tickets from the command line.

mod arguments;
mod run;

pub(super) use arguments::Arguments;
pub(super) use run::run;
