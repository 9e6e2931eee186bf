//! `distmill worker`: works the queue off.

mod arguments;
mod own;
mod plan;
mod run;

pub(super) use arguments::{Arguments, WorkArguments};
pub(super) use own::OwnRun;
pub(super) use plan::{Plan, Room, plan};
pub(super) use run::{run, work};
