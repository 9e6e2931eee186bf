//! What the commands that work through SOURCE arguments share: options, checks, the run itself.

mod arguments;
mod plan;
mod run;
mod sources;

pub(super) use arguments::{JobArguments, LimitArguments, NetworkArguments, SOURCES};
pub(super) use plan::{ARCH, format_of, limits, net_settings, plan};
pub(super) use run::{log_outcome, show, work_through};
