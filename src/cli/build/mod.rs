//! `distmill build`: packages handed to builders, and what came of them.

mod add;
mod arguments;
mod builders;
mod change;
mod look;
mod plan;
mod run;
mod tags;
mod work;

pub(super) use add::{Order, queue};
pub(super) use arguments::{Arguments, PlanArguments};
pub(super) use plan::{Plan, plan};
pub(super) use run::{open, open_present, run};
pub(super) use work::{Work, dispatch};
