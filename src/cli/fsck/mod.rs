//! `distmill fsck`: whether everything is there and is what it should be.

mod arguments;
mod run;

pub(super) use arguments::Arguments;
pub(super) use run::run;
