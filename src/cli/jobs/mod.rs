//! What the commands that work through SOURCE arguments share: options, checks, the run itself.

mod arguments;
mod file;
mod line;
mod network;
mod plan;
mod run;
mod shared;
mod sources;
mod target;
mod templates;

pub(super) use arguments::{JobArguments, LimitArguments, RunArguments, SOURCES};
pub(super) use line::check_line;
pub(super) use network::{NetworkArguments, net_settings};
pub(super) use plan::{ARCH, RunPlan, format_of, limits, plan, plan_run};
pub(super) use run::{log_outcome, show, work_through};
pub(super) use shared::{AT_ONCE, Shared};
pub(super) use sources::{Entry, expand};
pub(super) use target::{TargetArguments, target};
