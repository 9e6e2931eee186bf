//! What a farm is to be simulated with: the tickets that come, and what pools take and cost.
//!
//! ```toml
//! [pools."*"]                    # every pool that has no table of its own
//! start_seconds = 120
//! cost_per_hour = 0.4
//!
//! [[generate]]                   # tickets that come at random
//! tags = ["x86_64"]
//! per_hour = 90
//! hours = 24
//! seconds = 600
//!
//! [[ticket]]                     # tickets that come at a time
//! at = 3600
//! tags = ["aarch64"]
//! seconds = 1800
//! count = 50
//! ```
//!
//! Tickets may also stand in a file of JSON lines, with the same keys as `[[ticket]]`.

use serde::Deserialize;
use std::collections::BTreeMap;

/// More would not fit into memory.
const MOST_TICKETS: f64 = 1e7;

/// The file. Unknown keys are refused.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct LoadFile {
    /// Begins the random numbers: the same one gives the same load.
    pub seed: u64,
    /// Tickets that come at a time.
    pub ticket: Vec<TicketEntry>,
    /// Tickets that come at random.
    pub generate: Vec<GenerateEntry>,
    /// What pools take and cost, by name; `*` is every other pool.
    pub pools: BTreeMap<String, CostEntry>,
}

/// Tickets that come at a time.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TicketEntry {
    /// Seconds after the beginning.
    pub at: f64,
    /// What they ask for.
    pub tags: Vec<String>,
    /// Their sandbox.
    pub sandbox: Option<String>,
    /// Their owner.
    pub owner: Option<String>,
    /// Their priority.
    pub priority: i32,
    /// For how many seconds each keeps its resource.
    pub seconds: f64,
    /// How many; none: one.
    pub count: Option<u32>,
}

/// Tickets that come at random: the times between two of them are exponentially distributed.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct GenerateEntry {
    /// What they ask for.
    pub tags: Vec<String>,
    /// How many an hour, on average.
    pub per_hour: f64,
    /// The first hour.
    pub from_hour: f64,
    /// For how many hours they come.
    pub hours: f64,
    /// For how many seconds each keeps its resource, on average.
    pub seconds: f64,
    /// Whether each keeps it exactly so long; else the times are exponentially distributed.
    pub fixed: bool,
    /// Over how many sandboxes they are spread; 0: none has a sandbox.
    pub sandboxes: u32,
    /// Over how many owners they are spread, a sandbox having one owner; 0: none has an owner.
    pub owners: u32,
    /// The first part of the names of sandboxes and owners.
    pub name: Option<String>,
    /// Their priority.
    pub priority: i32,
}

/// What the file says that a pool takes and costs: what it does not say is as for `*`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct CostEntry {
    /// How long a start takes.
    pub start_seconds: Option<f64>,
    /// How long a deletion takes.
    pub delete_seconds: Option<f64>,
    /// How long a release command takes, where the pool has one.
    pub release_seconds: Option<f64>,
    /// The part of starts that fail, from 0 to 1.
    pub failures: Option<f64>,
    /// What a resource costs an hour, from its start to its end.
    pub cost_per_hour: Option<f64>,
}

/// What a pool takes and costs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cost {
    /// How long a start takes.
    pub start_seconds: f64,
    /// How long a deletion takes.
    pub delete_seconds: f64,
    /// How long a release command takes.
    pub release_seconds: f64,
    /// The part of starts that fail.
    pub failures: f64,
    /// What a resource costs an hour.
    pub cost_per_hour: f64,
}

/// A load that cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum LoadError {
    /// It is not the TOML that it should be.
    #[error(transparent)]
    Toml(#[from] toml::de::Error),
    /// A line is not the JSON that it should be.
    #[error("line {line}: {source}")]
    Json {
        /// Which, from 1.
        line: usize,
        /// Why.
        source: serde_json::Error,
    },
    /// Values that make no sense.
    #[error("{}", .0.join("\n"))]
    Values(Vec<String>),
}

impl LoadFile {
    /// What a pool takes and costs: each value by its own table, else by that of `*`.
    #[must_use]
    pub fn cost(&self, pool: &str) -> Cost {
        let entry = |name: &str| self.pools.get(name).copied().unwrap_or_default();
        let (own, every) = (entry(pool), entry("*"));
        let value = |of: fn(&CostEntry) -> Option<f64>, default: f64| {
            of(&own).or(of(&every)).unwrap_or(default)
        };
        Cost {
            start_seconds: value(|it| it.start_seconds, 60.0),
            delete_seconds: value(|it| it.delete_seconds, 10.0),
            release_seconds: value(|it| it.release_seconds, 1.0),
            failures: value(|it| it.failures, 0.0),
            cost_per_hour: value(|it| it.cost_per_hour, 0.0),
        }
    }

    /// All that several files say together: their tickets, and of what stands in more than one the
    /// last.
    ///
    /// # Errors
    /// When no ticket would come, or too many.
    pub fn joined(files: impl IntoIterator<Item = Self>) -> Result<Self, LoadError> {
        let mut all = Self::default();
        for file in files {
            if file.seed != 0 {
                all.seed = file.seed;
            }
            all.ticket.extend(file.ticket);
            all.generate.extend(file.generate);
            all.pools.extend(file.pools);
        }
        if all.ticket.is_empty() && all.generate.is_empty() {
            let problem = "it has neither [[ticket]] nor [[generate]]: nothing would come";
            return Err(LoadError::Values(vec![problem.to_owned()]));
        }
        all.checked()
    }

    /// Reads the text of a TOML file.
    ///
    /// # Errors
    /// Names every mistake.
    pub fn from_toml(text: &str) -> Result<Self, LoadError> {
        let file: Self = toml::from_str(text)?;
        file.checked()
    }

    /// Reads tickets, one JSON object a line.
    ///
    /// # Errors
    /// Names the line, or every mistake.
    pub fn from_json_lines(text: &str) -> Result<Self, LoadError> {
        let mut file = Self::default();
        for (at, line) in text.lines().enumerate() {
            if line.trim().is_empty() {
                continue;
            }
            let ticket = serde_json::from_str(line);
            let line = at + 1;
            let ticket = ticket.map_err(|source| LoadError::Json { line, source })?;
            file.ticket.push(ticket);
        }
        file.checked()
    }

    fn checked(self) -> Result<Self, LoadError> {
        let mut wrong = Vec::new();
        let mut time = |what: String, value: f64| {
            // A century: what is longer is a mistake, and sums of it stay within the calendar.
            if !(0.0..=3.2e9).contains(&value) {
                wrong.push(format!("{what} is {value}"));
            }
        };
        for (at, it) in self.ticket.iter().enumerate() {
            time(format!("ticket {}: at", at + 1), it.at);
            time(format!("ticket {}: seconds", at + 1), it.seconds);
        }
        for (at, it) in self.generate.iter().enumerate() {
            time(format!("generate {}: per_hour", at + 1), it.per_hour);
            time(format!("generate {}: from_hour", at + 1), it.from_hour);
            time(format!("generate {}: hours", at + 1), it.hours);
            time(format!("generate {}: seconds", at + 1), it.seconds);
        }
        for (name, it) in &self.pools {
            for (key, value) in [
                ("start_seconds", it.start_seconds),
                ("delete_seconds", it.delete_seconds),
                ("release_seconds", it.release_seconds),
                ("cost_per_hour", it.cost_per_hour),
            ] {
                time(format!("pool {name}: {key}"), value.unwrap_or_default());
            }
            let failures = it.failures.unwrap_or_default();
            if !(0.0..=1.0).contains(&failures) {
                time(format!("pool {name}: failures"), -failures.abs());
            }
        }
        let counts = self
            .ticket
            .iter()
            .map(|it| f64::from(it.count.unwrap_or(1)));
        let rates = self.generate.iter().map(|it| it.per_hour * it.hours);
        let tickets: f64 = counts.chain(rates).sum();
        if tickets > MOST_TICKETS {
            wrong.push(format!(
                "it has {tickets:.0} tickets, and {MOST_TICKETS:.0} at most can be simulated"
            ));
        }
        match wrong.is_empty() {
            true => Ok(self),
            false => Err(LoadError::Values(wrong)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mistakes_are_named() {
        let error = |text: &str| LoadFile::from_toml(text).unwrap_err().to_string();
        let empty = LoadFile::from_toml("[pools.p]").unwrap();
        let none = LoadFile::joined([empty]).unwrap_err().to_string();
        assert!(none.contains("nothing would come"), "{none}");
        assert!(error("[[tickets]]\nat = 1").contains("tickets"));
        let text = "[[ticket]]\nat = -1\nseconds = 1\n[pools.p]\nfailures = 2.0";
        let error = error(text);
        assert!(error.contains("ticket 1: at is -1"), "{error}");
        assert!(error.contains("pool p: failures is -2"), "{error}");
        let text = "[[generate]]\nper_hour = 1e6\nhours = 1e4\n[[ticket]]\ncount = 5";
        let error = LoadFile::from_toml(text).unwrap_err().to_string();
        assert!(error.contains("has 10000000005 tickets"), "{error}");
        let error = LoadFile::from_json_lines("\n{\"at\": 1}\n{\"on\": 1}\n").unwrap_err();
        assert!(error.to_string().starts_with("line 3: "), "{error}");
    }

    #[test]
    fn tickets_may_be_json_lines() {
        let text = "{\"at\": 1.5, \"tags\": [\"a\"], \"seconds\": 60}\n";
        let file = LoadFile::from_json_lines(text).unwrap();
        assert_eq!(file.ticket[0].tags, ["a"]);
        assert_eq!((file.ticket[0].at, file.ticket[0].count), (1.5, None));
    }
}
