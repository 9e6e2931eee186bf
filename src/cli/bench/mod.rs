//! `distmill bench`: how many packages a second this machine imports.
//!
//! Each measurement runs in a process of its own, so that its memory and time are its own.

mod arguments;
mod plan;
mod process;
mod run;
mod set_up;
mod trial;
mod worker_trial;

pub(super) use arguments::{Arguments, TrialArguments};
pub(super) use run::run;
pub(super) use trial::trial;
