//! `server.yaml` of a resalloc server, as it is; the keys beyond the original's are told below.
//!
//! ```yaml
//! db_url: sqlite:////var/lib/resallocserver/db.sqlite
//! logdir: /var/log/resallocserver
//! token_file: /etc/resallocserver/tokens      # one a line; needed beyond loopback
//! max_commands: 64                            # commands of pools at once
//! ```

use super::yaml::{Keys, YamlError, mapping};
use std::path::PathBuf;
use std::time::Duration;

/// Settings of a resalloc server.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ServerFile {
    /// Where tickets and resources are kept.
    pub database: PathBuf,
    /// The folder of the logs.
    pub logs: PathBuf,
    /// The host name or address to listen on.
    pub host: String,
    /// The port to listen on; 0 takes any that is free.
    pub port: u16,
    /// How much is logged: `error`, `warn`, `info`, `debug` or `trace`.
    pub log_level: &'static str,
    /// The longest pause until the pools are read again and unknown resources are looked for.
    pub sleep_time: Duration,
    /// A file with the tokens that clients may show, one a line.
    pub token_file: Option<PathBuf>,
    /// Commands of pools at once; live checks have as many places of their own.
    pub max_commands: usize,
    /// What should be said about the file.
    pub warnings: Vec<String>,
}

impl Default for ServerFile {
    fn default() -> Self {
        Self {
            database: "/var/lib/resalloc-server/db.sqlite".into(),
            logs: "/var/log/resallocserver".into(),
            host: "localhost".to_owned(),
            port: 49_100,
            log_level: "info",
            sleep_time: Duration::from_secs(20),
            token_file: None,
            max_commands: 64,
            warnings: Vec::new(),
        }
    }
}

impl ServerFile {
    /// Reads the text of the file.
    ///
    /// # Errors
    /// Names every mistake.
    pub fn from_yaml(text: &str) -> Result<Self, YamlError> {
        let mut keys = Keys::new("", mapping(text)?);
        let mut file = Self::default();
        if let Some(url) = keys.text("db_url") {
            match database(&url) {
                Ok(path) => file.database = path,
                Err(mistake) => keys.mistake(&mistake),
            }
        }
        let (name, older) = (keys.text("hostname"), keys.text("host"));
        let mut hosts = [name, older].into_iter().flatten();
        if let Some(host) = hosts.find(|it| !it.is_empty()) {
            file.host = host;
        }
        if let Some(logs) = keys.text("logdir") {
            file.logs = logs.into();
        }
        if let Some(port) = keys.count("port") {
            match u16::try_from(port) {
                Ok(port) => file.port = port,
                Err(_) => keys.mistake(&format!("port is {port}, not at most 65535")),
            }
        }
        if let Some(level) = keys.text("loglevel") {
            match log_level(&level) {
                Some(level) => file.log_level = level,
                None => keys.mistake(&format!(
                    "loglevel is {level:?}, not one of debug, info, warning, error, critical"
                )),
            }
        }
        file.sleep_time = keys.seconds("sleeptime").unwrap_or(file.sleep_time);
        file.token_file = keys.text("token_file").map(PathBuf::from);
        match keys.count("max_commands") {
            Some(0) => keys.mistake("max_commands is 0: no command could ever run"),
            Some(count) => file.max_commands = count as usize,
            None => {}
        }
        let unknown = keys.left().map(|key| format!("the key {key} is not known"));
        file.warnings = unknown.collect();
        match keys.mistakes.is_empty() {
            true => Ok(file),
            false => Err(YamlError::Mistakes(keys.mistakes)),
        }
    }
}

/// The file that an address of a database names.
fn database(url: &str) -> Result<PathBuf, String> {
    let Some((scheme, rest)) = url.split_once("://") else {
        return Err(format!("db_url is {url:?}, not sqlite:////PATH"));
    };
    match scheme.split('+').next() {
        Some("sqlite") => {}
        Some("postgresql" | "postgres") => {
            return Err(
                "db_url names a PostgreSQL database, which is not spoken yet: use sqlite:////PATH"
                    .to_owned(),
            );
        }
        _ => {
            return Err(format!(
                "db_url names a database of the kind {scheme:?}: use sqlite:////PATH"
            ));
        }
    }
    let path = rest.split('?').next().unwrap_or_default();
    match path.strip_prefix('/') {
        Some("" | ":memory:") => {
            Err("db_url names no file: tickets would not outlive the server".to_owned())
        }
        Some(path) => Ok(path.into()),
        None => Err(format!(
            "db_url is {url:?}: sqlite:////PATH has four slashes before an absolute path, three \
             before a relative one"
        )),
    }
}

/// Python's names of levels, and ours.
fn log_level(name: &str) -> Option<&'static str> {
    Some(match name.to_lowercase().as_str() {
        "critical" | "fatal" | "error" => "error",
        "warning" | "warn" => "warn",
        "info" => "info",
        "debug" => "debug",
        "trace" | "notset" => "trace",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_as_it_is() {
        let text = "---\ndb_url: 'sqlite:////srv/db.sqlite'\nlogdir: /srv/log\nhost: 127.0.0.1\n\
                    port: 4910\nloglevel: WARNING\nsleeptime: 0.5\ncolour: red\n";
        let file = ServerFile::from_yaml(text).unwrap();
        assert_eq!(file.database, PathBuf::from("/srv/db.sqlite"));
        assert_eq!(file.logs, PathBuf::from("/srv/log"));
        assert_eq!((file.host.as_str(), file.port), ("127.0.0.1", 4910));
        assert_eq!(file.log_level, "warn");
        assert_eq!(file.sleep_time, Duration::from_millis(500));
        assert_eq!(file.warnings, ["the key colour is not known"]);
        for text in ["", "---\n# nothing\n", "port:\n"] {
            assert_eq!(ServerFile::from_yaml(text).unwrap(), ServerFile::default());
        }
        let relative = ServerFile::from_yaml("db_url: sqlite:///db?timeout=3").unwrap();
        assert_eq!(relative.database, PathBuf::from("db"));
        let both = ServerFile::from_yaml("host: a\nhostname: b").unwrap();
        assert_eq!(both.host, "b");
    }

    #[test]
    fn every_mistake_is_named() {
        let text = "db_url: postgresql://resalloc@/resalloc\nport: 70000\nloglevel: loud\n\
                    sleeptime: -1\nmax_commands: 0\n";
        let said = ServerFile::from_yaml(text).unwrap_err().to_string();
        for part in [
            "PostgreSQL database, which is not spoken yet",
            "port is 70000",
            "loglevel is \"loud\"",
            "sleeptime is -1",
            "max_commands is 0",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
        for (url, part) in [
            ("sqlite://", "four slashes"),
            ("sqlite:///:memory:", "names no file"),
            ("mysql://x", "of the kind \"mysql\""),
            ("/srv/db", "not sqlite:////PATH"),
        ] {
            let text = format!("db_url: '{url}'");
            let said = ServerFile::from_yaml(&text).unwrap_err().to_string();
            assert!(said.contains(part), "{part}: {said}");
        }
        for text in ["- a", "a: [", "a: 1\na: 2"] {
            assert!(ServerFile::from_yaml(text).is_err(), "{text}");
        }
    }
}
