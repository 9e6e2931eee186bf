//! `distmill import`: the main job.

mod arguments;
mod plan;
mod run;

pub(super) use arguments::Arguments;
pub(super) use run::run;
