//! `distmill simulate`: how a farm would do under a load.

mod arguments;
mod run;

pub(super) use arguments::Arguments;
pub(super) use run::run;
