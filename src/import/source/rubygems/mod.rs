//! Gems.
//!
//! The compact index lists a gem's versions in a line each; where a mirror does not offer it, the
//! JSON API does. Only gems for the platform `ruby` hold source. What a gem says of itself is
//! read from the YAML of its specification.

mod checksums;
mod compact;
mod gem;
mod index;
mod links;
mod listing;
mod resolve;
mod specification;
mod versions;
mod yaml;
mod yaml_scalar;

pub use gem::GemReader;
pub use index::{is_serial, names};
pub use resolve::resolve;
