//! Gems.
//!
//! The compact index lists a gem's versions in a line each; where a mirror does not offer it, the
//! JSON API does. Only gems for the platform `ruby` hold source.

mod compact;
mod listing;
mod resolve;
mod versions;

pub use resolve::resolve;
