//! `distmill report`: what came of a run.

mod arguments;
mod run;

pub(super) use arguments::Arguments;
pub(super) use run::run;
