//! RPM's macros, as far as they can be expanded without running anything.
//!
//! Definitions, parametric macros, conditions and expressions follow rpm 4.18. What would need a
//! shell, Lua, the environment or a distribution's own macro files stays in the text as it was
//! written, behind a mark; whoever reads a value for the header looks for the marks, whoever
//! reads a build script does not care. Depth, steps and size are bounded.

mod arguments;
mod builtins;
mod call;
mod defaults;
mod define;
mod expander;
mod expression;
mod extras;
mod mark;
mod table;
mod value;

pub(super) use arguments::split_quoted;
pub(super) use define::Depth;
pub(super) use expander::{Expander, Fault};
pub(super) use mark::{has_mark, marked, without_marks, without_unknown};
