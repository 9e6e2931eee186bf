//! Settings as validated values, with their defaults.
//!
//! `cli` fills them from flags and environment; everything below takes them as they are.

mod limits;
mod net;
mod registries;
mod storage;

pub use limits::Limits;
pub use net::NetSettings;
pub use registries::{Registries, RegistryError};
pub use storage::Storage;

/// Who commits, and who stands in the changelog of a generated spec.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// A person's or a service's name.
    pub name: String,
    /// Their address.
    pub email: String,
}

impl Default for Identity {
    fn default() -> Self {
        Self {
            name: "distmill".to_owned(),
            email: "distmill@localhost".to_owned(),
        }
    }
}
