//! `distmill resalloc-maint`: a farm looked after, by its database.

mod arguments;
mod change;
mod lines;
mod look;
mod run;

pub(super) use arguments::Arguments;
pub(super) use run::run;
