//! The builder of a ticket, as the ticket's output tells it.
//!
//! The output is a bare host name on the first line, or a YAML document (its first line is `---`) with
//! `host`, `name` and an optional `ssh_port`. It comes from the commands of pools: what could be taken
//! for an option or for two words is refused.

use crate::model::Code;
use serde::Deserialize;

/// More than any output that is kept.
const MAX_BYTES: usize = 16 * 1024;

/// A builder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Machine {
    /// What it is called; the host where it has no name of its own.
    pub name: String,
    /// Its address; for builders on this machine it may be a folder.
    pub host: String,
    /// Its port for ssh, unless the usual one.
    pub port: Option<u16>,
}

/// An output that names no builder.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MachineError {
    /// There is no line of text.
    #[error("the ticket's output is empty")]
    Empty,
    /// It is no text.
    #[error("the ticket's output is no text")]
    Bytes,
    /// The YAML document cannot be read.
    #[error("the ticket's output is no YAML with a host: {0}")]
    Yaml(String),
    /// It cannot be a host.
    #[error("the ticket's output names {0:?}, which is no host")]
    Host(String),
}

impl MachineError {
    /// The stable code of this failure.
    #[must_use]
    pub const fn code(&self) -> Code {
        Code::NoBuilder
    }
}

#[derive(Deserialize)]
struct Document {
    host: String,
    name: Option<String>,
    ssh_port: Option<u16>,
}

impl Machine {
    /// The builder of a ticket's output.
    ///
    /// # Errors
    /// When it names none.
    pub fn parse(output: &[u8]) -> Result<Self, MachineError> {
        if output.len() > MAX_BYTES {
            return Err(MachineError::Bytes);
        }
        let text = std::str::from_utf8(output).map_err(|_| MachineError::Bytes)?;
        let first = text.lines().next().unwrap_or_default().trim();
        let machine = match first {
            "" => return Err(MachineError::Empty),
            "---" => {
                let document = serde_saphyr::from_str::<Document>(text);
                let document = document.map_err(|error| {
                    let error = error.to_string();
                    MachineError::Yaml(error.lines().next().unwrap_or_default().to_owned())
                })?;
                Self {
                    name: document.name.unwrap_or_else(|| document.host.clone()),
                    host: document.host,
                    port: document.ssh_port,
                }
            }
            host => Self {
                name: host.to_owned(),
                host: host.to_owned(),
                port: None,
            },
        };
        for text in [&machine.host, &machine.name] {
            let is_bad = |c: char| c.is_whitespace() || c.is_control();
            if text.is_empty() || text.starts_with('-') || text.contains(is_bad) {
                return Err(MachineError::Host(text.chars().take(100).collect()));
            }
        }
        Ok(machine)
    }

    /// Where it is, for telling machines apart whose names differ.
    #[must_use]
    pub fn place(&self) -> String {
        match self.port {
            Some(port) => format!("{}:{port}", self.host),
            None => self.host.clone(),
        }
    }

    /// Whether ssh can be told this host and nothing else by it.
    #[must_use]
    pub fn is_reachable_by_ssh(&self) -> bool {
        let is_good = |c: char| c.is_ascii_alphanumeric() || "._:-[]".contains(c);
        self.host.chars().all(is_good)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_forms_are_read() {
        let bare = Machine::parse(b"  10.0.0.7 \nnoise\n").unwrap();
        assert_eq!((bare.name.as_str(), bare.port), ("10.0.0.7", None));
        let text = b"---\nhost: b.example.org\nname: builder-7\nssh_port: 2222\nother: x\n";
        let full = Machine::parse(text).unwrap();
        assert_eq!(full.host, "b.example.org");
        assert_eq!((full.name.as_str(), full.port), ("builder-7", Some(2222)));
        let least = Machine::parse(b"---\nhost: /srv/builder\n").unwrap();
        assert_eq!(least.name, "/srv/builder");
        assert!(full.is_reachable_by_ssh() && !least.is_reachable_by_ssh());
    }

    #[test]
    fn what_is_no_host_is_refused() {
        for (text, part) in [
            (&b""[..], "empty"),
            (b"\n\nlate\n", "empty"),
            (b"\xff\xfe", "no text"),
            (b"---\nname: x\n", "no YAML"),
            (b"---\nhost: x\nssh_port: 70000\n", "no YAML"),
            (b"-oProxyCommand=evil\n", "no host"),
            (b"two words\n", "no host"),
        ] {
            let error = Machine::parse(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
    }
}
