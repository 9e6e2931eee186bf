//! What a file says about builds: targets, tags, builders and how builds run on them. Own TOML; an
//! example with every key is `fixtures/builds/builds.toml`.

use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

/// Settings of a file; what it does not say is none. Keys have dashes, and unknown ones are refused.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct BuildFile {
    /// The tag that every build asks for.
    pub base_tag: Option<String>,
    /// A folder with `pools.yaml`: builders of this program's own.
    pub farm: Option<PathBuf>,
    /// The address of a resalloc server: builders of others.
    pub resalloc: Option<String>,
    /// A file with the token for that server.
    pub token_file: Option<PathBuf>,
    /// Builds at once on this machine, with neither of them.
    pub builders: Option<u32>,
    /// The folder of results.
    pub results: Option<PathBuf>,
    /// Where packages are cloned from, instead of their folder on this machine.
    pub clone_url: Option<String>,
    /// How builds run, as a template.
    pub command: Option<String>,
    /// Seconds for a build on its builder.
    pub time_limit: Option<u64>,
    /// Bytes of the log of one attempt at most.
    pub max_log: Option<u64>,
    /// Builders that a build may lose before it is set aside.
    pub losses: Option<u32>,
    /// Seconds to wait after a ticket was refused.
    pub pause: Option<f64>,
    /// Seconds between two refreshes of a repository while its builds go on.
    pub refresh: Option<f64>,
    /// The program that makes repositories; an empty name: none are made.
    pub createrepo: Option<String>,
    /// How many at once.
    pub limits: LimitsEntry,
    /// How builders are reached.
    pub ssh: Option<SshEntry>,
    /// What is built for.
    pub targets: Vec<TargetEntry>,
    /// Tags of chosen packages.
    pub rules: Vec<RuleEntry>,
}

/// How many builds may have a ticket at once.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct LimitsEntry {
    /// In all.
    pub total: Option<u32>,
    /// Of one owner.
    pub owner: Option<u32>,
    /// Of one sandbox.
    pub sandbox: Option<u32>,
    /// That wait for a ticket with the same tags.
    pub waiting: Option<u32>,
    /// By architecture.
    pub architectures: BTreeMap<String, u32>,
    /// By tag.
    pub tags: BTreeMap<String, u32>,
}

/// Builders that are reached by ssh.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields, default)]
pub struct SshEntry {
    /// The program.
    pub program: Option<String>,
    /// The user there.
    pub user: Option<String>,
    /// The port where a ticket names none.
    pub port: Option<u16>,
    /// The file of the private key.
    pub identity: Option<PathBuf>,
    /// What is expected of host keys: strict, once, remember or off.
    pub host_keys: Option<String>,
    /// The file of host keys.
    pub known_hosts: Option<PathBuf>,
    /// Further options, each as after `-o`.
    pub options: Vec<String>,
    /// Seconds to connect.
    pub connect_timeout: Option<u64>,
    /// The folder on the builder under which builds have theirs.
    pub work: Option<String>,
    /// Bytes of results of a build at most.
    pub max_results: Option<u64>,
}

/// A target.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct TargetEntry {
    /// Its name.
    pub name: String,
    /// Its architecture; else what stands behind the last dash of the name.
    pub architecture: Option<String>,
    /// Tags that its builders must have.
    #[serde(default)]
    pub tags: Vec<String>,
    /// The branch that it builds from.
    pub branch: Option<String>,
    /// How its builds run, as a template.
    pub command: Option<String>,
}

/// Tags for builds whose `owner/project/target/package` begins with what the pattern matches.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RuleEntry {
    /// A regular expression.
    pub pattern: String,
    /// The tags.
    pub tags: Vec<String>,
}

impl BuildFile {
    /// Reads the text of a file that lies in `folder`, which relative paths begin at.
    ///
    /// # Errors
    /// Names the line and the mistake.
    pub fn from_toml(text: &str, folder: &Path) -> Result<Self, toml::de::Error> {
        let mut file: Self = toml::from_str(text)?;
        let mut paths = vec![&mut file.farm, &mut file.results, &mut file.token_file];
        if let Some(ssh) = &mut file.ssh {
            paths.extend([&mut ssh.identity, &mut ssh.known_hosts]);
        }
        for path in paths.into_iter().flatten() {
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
        let text = "farm = 'farm'\n[ssh]\nidentity = 'key'\n[[targets]]\nname = 'a-noarch'\n";
        let file = BuildFile::from_toml(text, Path::new("/etc/distmill")).unwrap();
        assert_eq!(file.farm.unwrap(), Path::new("/etc/distmill/farm"));
        let key = file.ssh.unwrap().identity.unwrap();
        assert_eq!(key, Path::new("/etc/distmill/key"));
        assert_eq!(file.targets[0].architecture, None);
        for text in ["pools = 1", "[[targets]]\ntag = 1", "[ssh]\npassword = ''"] {
            assert!(
                BuildFile::from_toml(text, Path::new("/")).is_err(),
                "{text}"
            );
        }
    }
}
