//! `distmill build`: packages handed to builders, and what came of them.

mod add;
mod arguments;
mod bounds;
mod builders;
mod change;
mod imported;
mod log;
mod look;
mod plan;
mod run;
mod tags;
mod why;
mod work;

pub(super) use add::Item;
pub(super) use arguments::{Arguments, PlanArguments};
pub(super) use imported::{Builds, TargetsArguments, item_of, item_of_job};
pub(super) use plan::plan;
pub(super) use run::{open_present, run};
