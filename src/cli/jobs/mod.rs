//! What the commands that work through SOURCE arguments share: options, checks, the run itself.

mod arguments;
mod plan;
mod run;
mod sources;
mod templates;

pub(super) use arguments::{JobArguments, SOURCES};
pub(super) use plan::plan;
pub(super) use run::{show, work_through};
