//! Specs: made from a description, and read back into the header of a source package.
//!
//! [`write()`] fills in an ecosystem's template, or one of the user's, with what `source` found out; every upstream text
//! goes through [`SpecText`]. [`parse()`] reads any spec, made here or by hand, without running
//! anything: what only a shell, Lua or a distribution's macros could tell is an error where it
//! would reach the header, and of no interest anywhere else. So the header of a source package
//! always follows from the text that lies in dist-git.

mod directives;
mod error;
mod escape;
mod expand;
mod gem;
mod made;
mod naming;
mod parse;
mod pypi;
mod requirement;
mod settings;
mod template_values;
mod templates;
#[cfg(test)]
mod tests;
mod warning;
mod wheel;
mod writer;

pub use error::Error;
pub use escape::SpecText;
pub use made::{Spec, make};
pub use naming::package_name;
pub use parse::{ParseSettings, parse};
pub use settings::SpecSettings;
pub use template_values::{TEMPLATE_VALUES, TemplateValue};
pub use templates::{TemplateKey, TemplateKind, Templates};
pub use warning::Warning;
pub use writer::write;
