//! Specs: made from a description, and read back into the header of a source package.
//!
//! [`write()`] fills in an ecosystem's template with what `source` found out; every upstream text
//! goes through [`SpecText`]. [`parse()`] reads any spec, made here or by hand, without running
//! anything: what only a shell, Lua or a distribution's macros could tell is an error where it
//! would reach the header, and of no interest anywhere else. So the header of a source package
//! always follows from the text that lies in dist-git.

mod directives;
mod error;
mod escape;
mod expand;
mod gem;
mod naming;
mod parse;
mod pypi;
mod requirement;
mod settings;
#[cfg(test)]
mod tests;
mod warning;
mod writer;

pub use error::Error;
pub use escape::SpecText;
pub use naming::package_name;
pub use parse::{ParseSettings, parse};
pub use settings::{SpecSettings, Templates};
pub use warning::Warning;
pub use writer::{Spec, write};
