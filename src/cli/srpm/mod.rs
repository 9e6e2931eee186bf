//! `distmill srpm`: source packages in a folder, and nothing else.

mod arguments;
mod plan;
mod run;

pub(super) use arguments::Arguments;
pub(super) use run::run;
