//! The configuration file of the commands that make packages.

use crate::config::JobFile;
use clap::Args;
use std::fs;
use std::path::{Path, PathBuf};

#[derive(Debug, Default, Args)]
pub(in crate::cli) struct FileArguments {
    /// TOML with contact, hosts, registries and templates (see the README); options go before what it says
    #[arg(long, value_name = "FILE", env = "DISTMILL_CONFIG")]
    config: Option<PathBuf>,
}

impl FileArguments {
    /// What the file says, if one is named; mistakes are added to the list.
    pub(in crate::cli) fn read(&self, mistakes: &mut Vec<String>) -> JobFile {
        let Some(path) = &self.config else {
            return JobFile::default();
        };
        let folder = path.parent().unwrap_or(Path::new(""));
        let read = fs::read_to_string(path).map_err(|error| error.to_string());
        let parsed = read.and_then(|text| {
            let file = JobFile::from_toml(&text, folder);
            file.map_err(|error| error.to_string())
        });
        parsed.unwrap_or_else(|error| {
            mistakes.push(format!("{}: {}", path.display(), error.trim_end()));
            JobFile::default()
        })
    }
}
