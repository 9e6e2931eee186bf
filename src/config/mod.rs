//! Settings as validated values, with their defaults.
//!
//! `cli` fills them from flags, environment and files; everything below takes them as they are.

mod build_file;
mod ini;
mod job_file;
mod limits;
mod load_file;
mod net;
mod policy_file;
mod politeness;
mod pools_file;
mod registries;
mod secret;
mod server_file;
mod storage;
mod work_file;
mod yaml;

pub use build_file::{BuildFile, LimitsEntry, RuleEntry, SshEntry, TargetEntry};
pub use ini::IniError;
pub use job_file::{HostFile, JobFile};
pub use limits::Limits;
pub use load_file::{Cost, CostEntry, GenerateEntry, LoadError, LoadFile, TicketEntry};
pub use net::NetSettings;
pub use policy_file::{PolicyFile, ShareEntry};
pub use politeness::{Bounds, Politeness, RateError, Share};
pub use pools_file::{PoolEntry, PoolsFile, ReservedEntry};
pub use registries::{Registries, RegistryError};
pub use secret::Secret;
pub use server_file::ServerFile;
pub use storage::Storage;
pub use work_file::{WorkFile, WorkFileError};
pub use yaml::YamlError;

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
