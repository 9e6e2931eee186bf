//! How ssh connects.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

/// What is expected of the key that a host shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum HostKeys {
    /// It is known before.
    Strict,
    /// Any at first; for the length of one build it stays the same. Builders come and go, and use
    /// addresses again.
    #[default]
    Once,
    /// Any at first, remembered for ever.
    Remember,
    /// Any at any time.
    Off,
}

impl FromStr for HostKeys {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text {
            "strict" => Ok(Self::Strict),
            "once" => Ok(Self::Once),
            "remember" => Ok(Self::Remember),
            "off" => Ok(Self::Off),
            _ => Err(format!("{text:?} is none of strict, once, remember, off")),
        }
    }
}

/// How to connect to builders.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SshSettings {
    /// The program.
    pub program: String,
    /// The user there, unless ssh's own configuration says so.
    pub user: Option<String>,
    /// The port where a ticket names none.
    pub port: Option<u16>,
    /// The file of the private key.
    pub identity: Option<PathBuf>,
    /// What is expected of host keys.
    pub host_keys: HostKeys,
    /// The file of host keys, instead of the user's own.
    pub known_hosts: Option<PathBuf>,
    /// Further options, each as after `-o`.
    pub options: Vec<String>,
    /// How long connecting may take.
    pub connect_timeout: Duration,
    /// The folder on the builder under which builds have theirs.
    pub work: String,
    /// Bytes of results that are taken from a build, at most.
    pub max_results: u64,
    /// The folder here under which connections have theirs.
    pub connections: PathBuf,
}

impl Default for SshSettings {
    fn default() -> Self {
        Self {
            program: "ssh".to_owned(),
            user: None,
            port: None,
            identity: None,
            host_keys: HostKeys::default(),
            known_hosts: None,
            options: Vec::new(),
            connect_timeout: Duration::from_secs(30),
            work: "/var/tmp".to_owned(),
            max_results: 16 << 30,
            connections: std::env::temp_dir(),
        }
    }
}
