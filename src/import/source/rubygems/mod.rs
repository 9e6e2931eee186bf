//! RubyGems: what a gem says about itself.

mod checksums;
mod gem;
mod specification;
mod yaml;
mod yaml_scalar;

pub use gem::GemReader;
