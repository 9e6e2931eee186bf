//! The checked settings of limits and connections.

use super::plan::{absolute, connections_folder};
use crate::build::line::Limits;
use crate::build::runner::SshSettings;
use crate::config::{BuildFile, SshEntry};
use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

pub(super) fn limits(file: &BuildFile, mistakes: &mut Vec<String>) -> Limits {
    let entry = file.limits.clone();
    let single = [
        ("total", entry.total),
        ("owner", entry.owner),
        ("sandbox", entry.sandbox),
        ("waiting", entry.waiting),
    ];
    let single = single.into_iter().map(|(name, it)| (name.to_owned(), it));
    let named = |list: &BTreeMap<String, u32>, name: &str| -> Vec<(String, Option<u32>)> {
        let list = list.iter();
        list.map(|it| (format!("{name}.{}", it.0), Some(*it.1)))
            .collect()
    };
    let of_architectures = named(&entry.architectures, "architectures");
    let of_tags = named(&entry.tags, "tags");
    for (name, most) in single.chain(of_architectures).chain(of_tags) {
        if most == Some(0) {
            mistakes.push(format!("limits.{name} is 0: builds would wait for ever"));
        }
    }
    Limits {
        total: entry.total,
        owner: entry.owner,
        sandbox: entry.sandbox,
        architectures: entry.architectures,
        tags: entry.tags,
        waiting: entry.waiting,
    }
}

pub(super) fn ssh(root: &Path, entry: &SshEntry, mistakes: &mut Vec<String>) -> SshSettings {
    let default = SshSettings::default();
    let host_keys = entry
        .host_keys
        .as_deref()
        .map_or(Ok(default.host_keys), str::parse);
    let timeout = entry.connect_timeout.map(Duration::from_secs);
    SshSettings {
        program: match &entry.program {
            // It runs in a folder of its own.
            Some(it) if it.contains('/') => absolute(Path::new(it)).display().to_string(),
            Some(it) => it.clone(),
            None => default.program,
        },
        user: entry.user.clone(),
        port: entry.port,
        identity: entry.identity.as_deref().map(absolute),
        host_keys: host_keys.unwrap_or_else(|error| {
            mistakes.push(format!("ssh host-keys: {error}"));
            default.host_keys
        }),
        known_hosts: entry.known_hosts.as_deref().map(absolute),
        options: entry.options.clone(),
        connect_timeout: timeout.unwrap_or(default.connect_timeout),
        work: entry.work.clone().unwrap_or(default.work),
        max_results: entry.max_results.unwrap_or(default.max_results),
        connections: connections_folder(root),
    }
}
