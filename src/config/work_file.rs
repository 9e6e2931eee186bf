//! What a file may say about the importer of a frontend: distmill's own TOML, or the
//! configuration of copr-dist-git as it is (`/etc/copr/copr-dist-git.conf`).

use super::Secret;
use super::ini::{Ini, IniError};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::path::PathBuf;

/// Settings of a file; what it does not say is none. Keys of the TOML form have dashes, and
/// unknown ones are refused.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct WorkFile {
    /// The frontend's address.
    pub frontend: Option<String>,
    /// A file with the password for results.
    pub auth_file: Option<PathBuf>,
    /// The password itself; a TOML file has none.
    #[serde(skip)]
    pub auth: Option<Secret>,
    /// Where everything is put.
    pub root: Option<PathBuf>,
    /// Seconds between two listings.
    pub sleep_time: Option<f64>,
    /// Imports at once, in all.
    pub max_workers: Option<usize>,
    /// Imports at once of one sandbox.
    pub max_per_sandbox: Option<usize>,
    /// Imports at once of one owner.
    pub max_per_owner: Option<usize>,
    /// Seconds for a download.
    pub download_timeout: Option<f64>,
    /// Seconds for a whole import.
    pub import_timeout: Option<f64>,
    /// The folder of each import's log.
    pub task_logs: Option<PathBuf>,
    /// The folder of the program's log.
    pub logs: Option<PathBuf>,
    /// Who commits.
    pub name: Option<String>,
    /// Their address.
    pub email: Option<String>,
    /// How repositories and lookaside cache are laid out.
    pub layout: Option<String>,
    /// The folder of the repositories.
    pub git_root: Option<PathBuf>,
    /// The folder of the lookaside cache.
    pub lookaside_root: Option<PathBuf>,
    /// The list of repositories that cgit reads.
    pub cgit_list: Option<PathBuf>,
    /// Whether that is only where the other tool has it; a TOML file says it itself.
    #[serde(skip)]
    pub is_cgit_default: bool,
}

/// A file that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum WorkFileError {
    /// It is no TOML, or has a key that is not known.
    #[error("{0}")]
    Toml(#[from] toml::de::Error),
    /// It is not of the other tool's form.
    #[error(transparent)]
    Ini(#[from] IniError),
    /// The section that holds everything is missing.
    #[error("there is no section [dist-git]")]
    Section,
    /// A value is not of the kind that its key needs.
    #[error("{key} = {value:?} is no number")]
    Number {
        /// The key.
        key: &'static str,
        /// What it is set to.
        value: String,
    },
}

/// Keys that have no meaning here, and need none.
const NEEDLESS: [&str; 8] = [
    "cgit_cache_list_file",
    "cgit_cache_lock_file",
    "multiple_threads",
    "pool_busy_sleep_time",
    "redis_host",
    "redis_password",
    "redis_port",
    "sentry_dsn",
];

/// What the other tool does where its file says nothing.
const COPR_DEFAULTS: [(&str, &str); 9] = [
    ("cgit_cache_file", "/var/cache/cgit/repo-configuration.rc"),
    ("frontend_auth", "PASSWORDHERE"),
    ("frontend_base_url", "http://copr-fe"),
    ("git_base_url", "/var/lib/dist-git/git/%(module)s"),
    ("git_user_email", "copr-devel@lists.fedorahosted.org"),
    ("git_user_name", "CoprDistGit"),
    ("log_dir", "/var/log/copr-dist-git"),
    (
        "lookaside_location",
        "/var/lib/dist-git/cache/lookaside/pkgs/",
    ),
    ("per_task_log_dir", "/var/lib/copr-dist-git/per-task-logs"),
];

impl WorkFile {
    /// Reads distmill's own form.
    ///
    /// # Errors
    /// Names the line and the mistake.
    pub fn from_toml(text: &str) -> Result<Self, WorkFileError> {
        Ok(toml::from_str(text)?)
    }

    /// Reads the configuration of copr-dist-git, with that tool's defaults. The second value is
    /// what should be said about it.
    ///
    /// # Errors
    /// Names the line or the key, and the mistake.
    pub fn from_copr(text: &str) -> Result<(Self, Vec<String>), WorkFileError> {
        let ini = Ini::parse(text)?;
        let section = ini.section("dist-git").ok_or(WorkFileError::Section)?;
        let mut warnings = Vec::new();
        let mut keys = BTreeMap::from(COPR_DEFAULTS.map(|(key, value)| (key, value.to_owned())));
        for (key, value) in &section {
            match keys.get_mut(key) {
                Some(known) => *known = value.clone()?,
                None if matches!(*key, "sleep_time" | "max_workers") => {}
                None if NEEDLESS.contains(key) => {}
                None => warnings.push(format!("the key {key} is not known, and left out")),
            }
        }
        if keys["frontend_auth"] == "PASSWORDHERE" {
            warnings.push("frontend_auth is still the one that everybody knows".to_owned());
        }
        let mut take = |key: &str| keys.remove(key);
        let git_root = take("git_base_url").map(|it| it.trim_end_matches("%(module)s").to_owned());
        let file = Self {
            frontend: take("frontend_base_url"),
            auth: take("frontend_auth").map(Secret::new),
            task_logs: take("per_task_log_dir").map(PathBuf::from),
            logs: take("log_dir").map(PathBuf::from),
            name: take("git_user_name"),
            email: take("git_user_email"),
            git_root: git_root.map(PathBuf::from),
            lookaside_root: take("lookaside_location").map(PathBuf::from),
            layout: Some("copr".to_owned()),
            is_cgit_default: !section.contains_key("cgit_cache_file"),
            cgit_list: take("cgit_cache_file").map(PathBuf::from),
            sleep_time: number(&section, "sleep_time")?,
            max_workers: number(&section, "max_workers")?,
            ..Self::default()
        };
        Ok((file, warnings))
    }
}

fn number<T: std::str::FromStr>(
    section: &BTreeMap<&str, Result<String, IniError>>,
    key: &'static str,
) -> Result<Option<T>, WorkFileError> {
    let Some(value) = section.get(key) else {
        return Ok(None);
    };
    let value = value.clone()?;
    match value.parse() {
        Ok(number) => Ok(Some(number)),
        Err(_) => Err(WorkFileError::Number { key, value }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_other_tool_s_file_is_read_as_it_is() {
        let text = "\
[dist-git]
frontend_base_url=https://copr.example.org
frontend_auth=s3cret
sleep_time=5
max_workers: 4
git_base_url = /srv/git/%%(module)s
redis_host = localhost
new_key = x
";
        let (file, warnings) = WorkFile::from_copr(text).unwrap();
        assert_eq!(file.frontend.unwrap(), "https://copr.example.org");
        assert_eq!(file.auth.unwrap().reveal(), "s3cret");
        assert_eq!((file.sleep_time, file.max_workers), (Some(5.0), Some(4)));
        assert_eq!(file.git_root.unwrap(), PathBuf::from("/srv/git/"));
        assert_eq!(file.name.unwrap(), "CoprDistGit");
        assert_eq!(warnings, ["the key new_key is not known, and left out"]);
        let (file, warnings) = WorkFile::from_copr("[dist-git]\n").unwrap();
        assert_eq!(file.frontend.unwrap(), "http://copr-fe");
        assert_eq!(
            file.git_root.unwrap(),
            PathBuf::from("/var/lib/dist-git/git/")
        );
        assert_eq!(warnings.len(), 1);
    }

    #[test]
    fn mistakes_are_named() {
        for (text, part) in [
            ("[other]\n", "[dist-git]"),
            ("[dist-git]\nsleep_time = often\n", "sleep_time"),
            ("frontend_auth = x\n", "line 1"),
        ] {
            let error = WorkFile::from_copr(text).unwrap_err().to_string();
            assert!(error.contains(part), "{error}");
        }
        let file = WorkFile::from_toml("frontend = \"http://x\"\nsleep-time = 0.5\n").unwrap();
        assert_eq!(file.sleep_time, Some(0.5));
        let error = WorkFile::from_toml("frontend = \"x\"\nauth = \"secret\"\n").unwrap_err();
        assert!(error.to_string().contains("auth"), "{error}");
    }
}
