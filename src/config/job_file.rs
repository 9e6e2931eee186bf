//! What a file may say about making packages, for the commands that make them.
//!
//! ```toml
//! contact = "ops@example.org"
//! requests-per-second = 5
//! connections = 4
//! cache-size = "2GB"
//!
//! [hosts."mirror.example.org"]
//! requests-per-second = 100
//!
//! [registries]
//! pypi = "https://mirror.example.org/"
//!
//! [templates]
//! gem = "gem.spec"
//! "pypi:numpy" = "numpy.spec"
//! ```

use serde::Deserialize;
use std::collections::BTreeMap;
use std::num::NonZeroU32;
use std::path::{Path, PathBuf};

/// Settings of a file; what it does not say is none. Keys have dashes, and unknown ones are
/// refused.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct JobFile {
    /// Address of the operator, for the User-Agent.
    pub contact: Option<String>,
    /// Requests to every host that is not named.
    pub requests_per_second: Option<f64>,
    /// Connections to every host that is not named.
    pub connections: Option<NonZeroU32>,
    /// The most that kept index pages take, such as `2GB`; 0 for none.
    pub cache_size: Option<String>,
    /// What is taken of hosts by `HOST` or `HOST:PORT`.
    pub hosts: BTreeMap<String, HostFile>,
    /// Addresses of registries by their ecosystem.
    pub registries: BTreeMap<String, String>,
    /// Files of templates by `KIND` or `KIND:NAME`.
    pub templates: BTreeMap<String, PathBuf>,
}

/// What a file may say of one host.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct HostFile {
    /// Requests to it.
    pub requests_per_second: Option<f64>,
    /// Connections to it.
    pub connections: Option<NonZeroU32>,
}

impl JobFile {
    /// Reads the text of a file that lies in `folder`, which relative paths begin at.
    ///
    /// # Errors
    /// Names the line and the mistake.
    pub fn from_toml(text: &str, folder: &Path) -> Result<Self, toml::de::Error> {
        let mut file: Self = toml::from_str(text)?;
        for path in file.templates.values_mut() {
            *path = folder.join(&*path);
        }
        Ok(file)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_begin_at_the_file_and_unknown_keys_are_refused() {
        let text = "contact = 'a'\n[templates]\ngem = 'g.spec'\n'pypi:x' = '/x.spec'\n";
        let file = JobFile::from_toml(text, Path::new("/etc/distmill")).unwrap();
        assert_eq!(file.templates["gem"], Path::new("/etc/distmill/g.spec"));
        let hosts = "[hosts.'a.example.org']\nrequests-per-second = 0.5\nconnections = 2\n";
        let host = &JobFile::from_toml(hosts, Path::new("/")).unwrap().hosts["a.example.org"];
        assert_eq!(host.requests_per_second, Some(0.5));
        assert_eq!(host.connections.map(NonZeroU32::get), Some(2));
        assert_eq!(file.templates["pypi:x"], Path::new("/x.spec"));
        let error = JobFile::from_toml("template = 1", Path::new("/")).unwrap_err();
        assert!(error.to_string().contains("template"), "{error}");
    }
}
