//! `distmill queue`: jobs that wait, and what came of them.

mod add;
mod arguments;
mod change;
mod look;
mod open;
mod run;

pub(super) use arguments::Arguments;
pub(super) use change::retry_run;
pub(super) use look::find_run;
pub(super) use open::{check, open};
pub(super) use run::run;
