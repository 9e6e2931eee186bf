//! `distmill batch`: many packages, or all of a registry, as one run.

mod arguments;
mod begin;
mod plan;
mod predict;
mod run;
mod select;
mod since;

pub(super) use arguments::{Arguments, BatchArguments};
pub(super) use run::{run, work_through};
