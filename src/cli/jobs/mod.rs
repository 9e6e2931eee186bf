//! What the commands that work through SOURCE arguments share: options, checks, the run itself.

mod arguments;
mod file;
mod plan;
mod run;
mod shared;
mod sources;
mod target;
mod templates;

pub(super) use arguments::{JobArguments, LimitArguments, NetworkArguments, SOURCES};
pub(super) use file::FileArguments;
pub(super) use plan::{
    ARCH, check_line, default_threads, format_of, limits, net_settings, plan, registries,
};
pub(super) use run::{log_outcome, show, work_through};
pub(super) use shared::Shared;
pub(super) use sources::{Entry, expand};
pub(super) use target::{TargetArguments, target};
pub(super) use templates::templates;
