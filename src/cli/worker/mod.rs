//! `distmill worker`: works the queue off.

mod arguments;
mod plan;
mod run;

pub(super) use arguments::Arguments;
pub(super) use run::run;
