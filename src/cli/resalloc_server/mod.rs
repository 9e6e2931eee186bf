//! `distmill resalloc-server`: builders handed out by tickets.

mod arguments;
pub(super) mod reload;
mod run;
mod wishes;

pub(super) use arguments::Arguments;
pub(super) use run::run;
