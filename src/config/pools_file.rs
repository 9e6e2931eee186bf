//! `pools.yaml` of a resalloc server, as it is; the keys beyond the original's are told below.
//!
//! ```yaml
//! builders:
//!   cmd_new: /usr/bin/start-vm
//!   cmd_delete: /usr/bin/stop-vm
//!   tags: [x86_64, {name: big, priority: 5}]
//!   time_limits: {start: 1800, delete: 600, livecheck: 60, release: 600, list: 120}
//!   back_off: {first: 5, longest: 600}             # pauses after failed starts
//!   quarantine: {pool_failures: 20, slot_failures: 3, time: 3600}
//!   reserved_for: [{count: 2, tags: [big], owners: [me]}]
//!   list_period: 120
//!   delete_attempts: 3
//! ```
//!
//! All mistakes are told at once. What the pools may be together is checked where they are made
//! of these entries, in `alloc::pool`.

use super::yaml::{Keys, YamlError, is_blank, mapping};
use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// The pools of a file, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolsFile {
    /// What the file says of each pool.
    pub pools: BTreeMap<String, PoolEntry>,
    /// Keys that are not known, each with its pool.
    pub warnings: Vec<String>,
}

/// What the file says of a pool; what it does not say is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PoolEntry {
    /// `description`.
    pub description: Option<String>,
    /// `max`.
    pub max: Option<u32>,
    /// `max_starting`.
    pub max_starting: Option<u32>,
    /// `max_prealloc`.
    pub max_prealloc: Option<u32>,
    /// `start_delay`.
    pub start_delay: Option<Duration>,
    /// `cmd_new`.
    pub start: String,
    /// `cmd_delete`.
    pub delete: String,
    /// `cmd_livecheck`.
    pub livecheck: Option<String>,
    /// `cmd_release`.
    pub release: Option<String>,
    /// `cmd_list`.
    pub list: Option<String>,
    /// `livecheck_period`.
    pub livecheck_period: Option<Duration>,
    /// `livecheck_attempts`.
    pub livecheck_attempts: Option<u32>,
    /// `tags`, with their priorities.
    pub tags: Vec<(String, i64)>,
    /// `tags_on_demand`, with their priorities.
    pub tags_on_demand: Vec<(String, i64)>,
    /// `reuse_opportunity_time`.
    pub reuse_opportunity_time: Option<Duration>,
    /// `reuse_max_count`.
    pub reuse_max_count: Option<u32>,
    /// `reuse_max_time`.
    pub reuse_max_time: Option<Duration>,
    /// `named_counters`.
    pub named_counters: Vec<String>,
    /// `name_pattern`.
    pub name_pattern: Option<String>,
    /// `list_period`.
    pub list_period: Option<Duration>,
    /// `delete_attempts`.
    pub delete_attempts: Option<u32>,
    /// `time_limits`, by `start`, `delete`, `livecheck`, `release`, `list`.
    pub time_limits: BTreeMap<String, Duration>,
    /// `back_off`: `first` and `longest`.
    pub back_off: BTreeMap<String, Duration>,
    /// `quarantine`: `pool_failures`.
    pub quarantine_pool_failures: Option<u32>,
    /// `quarantine`: `slot_failures`.
    pub quarantine_slot_failures: Option<u32>,
    /// `quarantine`: `time`.
    pub quarantine_time: Option<Duration>,
    /// `reserved_for`.
    pub reserved_for: Vec<ReservedEntry>,
}

/// So many resources are kept for tickets with one of these tags, or of one of these owners.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReservedEntry {
    /// How many.
    pub count: u32,
    /// For tickets that ask for one of these.
    pub tags: Vec<String>,
    /// For tickets of one of these.
    pub owners: Vec<String>,
}

impl PoolsFile {
    /// Whether a text has no pools because it says nothing: `{}` says that there are none.
    #[must_use]
    pub fn says_nothing(text: &str) -> bool {
        is_blank(text)
    }

    /// Reads the text of the file.
    ///
    /// # Errors
    /// Names every mistake, each with its pool.
    pub fn from_yaml(text: &str) -> Result<Self, YamlError> {
        let mut file = Self::default();
        let mut mistakes = Vec::new();
        for (name, value) in mapping(text)? {
            let map = match value {
                Value::Object(map) => map,
                // A name with nothing below it lacks its commands, which is said then.
                Value::Null => Map::new(),
                _ => {
                    mistakes.push(format!("pool {name} is not a mapping of keys to values"));
                    continue;
                }
            };
            let mut keys = Keys::new(&format!("pool {name}: "), map);
            let entry = PoolEntry::read(&mut keys, &mut file.warnings);
            warn_unknown(&keys, &format!("pool {name}"), &mut file.warnings);
            mistakes.append(&mut keys.mistakes);
            file.pools.insert(name, entry);
        }
        match mistakes.is_empty() {
            true => Ok(file),
            false => Err(YamlError::Mistakes(mistakes)),
        }
    }
}

impl PoolEntry {
    fn read(keys: &mut Keys, warnings: &mut Vec<String>) -> Self {
        let mut entry = Self {
            description: keys.text("description"),
            max: keys.count("max"),
            max_starting: keys.count("max_starting"),
            max_prealloc: keys.count("max_prealloc"),
            start_delay: keys.seconds("start_delay"),
            start: command(keys, "cmd_new").unwrap_or_default(),
            delete: command(keys, "cmd_delete").unwrap_or_default(),
            livecheck: keys.text("cmd_livecheck").filter(|it| !it.is_empty()),
            release: keys.text("cmd_release").filter(|it| !it.is_empty()),
            list: keys.text("cmd_list").filter(|it| !it.is_empty()),
            livecheck_period: keys.seconds("livecheck_period"),
            livecheck_attempts: keys.count("livecheck_attempts"),
            tags: keys.ranked("tags").unwrap_or_default(),
            tags_on_demand: keys.ranked("tags_on_demand").unwrap_or_default(),
            reuse_opportunity_time: keys.seconds("reuse_opportunity_time"),
            reuse_max_count: keys.count("reuse_max_count"),
            reuse_max_time: keys.seconds("reuse_max_time"),
            named_counters: keys.texts("named_counters").unwrap_or_default(),
            name_pattern: keys.text("name_pattern"),
            list_period: keys.seconds("list_period"),
            delete_attempts: keys.count("delete_attempts"),
            time_limits: keys.durations(
                "time_limits",
                &["start", "delete", "livecheck", "release", "list"],
            ),
            back_off: keys.durations("back_off", &["first", "longest"]),
            ..Self::default()
        };
        keys.within("quarantine", |it| {
            entry.quarantine_pool_failures = it.count("pool_failures");
            entry.quarantine_slot_failures = it.count("slot_failures");
            entry.quarantine_time = it.seconds("time");
            warn_unknown(it, "quarantine", warnings);
        });
        entry.reserved_for = keys.each("reserved_for", |it| ReservedEntry {
            count: it.count("count").unwrap_or_default(),
            tags: it.texts("tags").unwrap_or_default(),
            owners: it.texts("owners").unwrap_or_default(),
        });
        entry
    }
}

/// A command that a pool cannot be without.
fn command(keys: &mut Keys, key: &str) -> Option<String> {
    let command = keys.text(key).filter(|it| !it.trim().is_empty());
    if command.is_none() {
        keys.mistake(&format!(
            "{key} is missing: the shell command that it needs"
        ));
    }
    command
}

fn warn_unknown(keys: &Keys, place: &str, warnings: &mut Vec<String>) {
    let unknown = keys.left();
    warnings.extend(unknown.map(|it| format!("{place}: the key {it} is not known")));
}

#[cfg(test)]
mod tests;
