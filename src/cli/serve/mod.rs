//! `distmill serve`: read access over HTTP.

mod arguments;
mod run;

pub(super) use arguments::Arguments;
pub(super) use run::run;
