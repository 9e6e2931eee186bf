//! `distmill gc`: removes what nothing refers to any more.

mod arguments;
mod run;

pub(super) use arguments::Arguments;
pub(super) use run::run;
