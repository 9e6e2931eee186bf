//! `distmill prune`: takes whole projects away.

mod arguments;
mod builds;
mod run;

pub(super) use arguments::Arguments;
pub(super) use run::run;
