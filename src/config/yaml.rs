//! Mappings of a YAML file, key by key: all mistakes and unknown keys are gathered, none stops
//! the reading.
//!
//! A key whose value is nothing is as if it were not there. Texts, numbers and lists are taken as
//! people write them: a number is a text where a text is wanted, a number of seconds may have a
//! fraction.

use serde_json::{Map, Value};
use std::collections::BTreeMap;
use std::time::Duration;

/// A file that cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum YamlError {
    /// It is no YAML.
    #[error("{0}")]
    Syntax(String),
    /// What it says cannot be; every mistake.
    #[error("{}", .0.join("\n"))]
    Mistakes(Vec<String>),
}

/// Whether a file says nothing at all: it is empty, or has nothing but remarks.
pub(super) fn is_blank(text: &str) -> bool {
    text.lines().all(|it| {
        let it = it.trim();
        it.is_empty() || it.starts_with('#') || it == "---"
    })
}

/// Reads a file whose whole is a mapping; an empty file is an empty one.
pub(super) fn mapping(text: &str) -> Result<Map<String, Value>, YamlError> {
    let value: Value = match is_blank(text) {
        true => Value::Null,
        false => parse(text)?,
    };
    match value {
        Value::Null => Ok(Map::new()),
        Value::Object(map) => Ok(map),
        other => Err(YamlError::Mistakes(vec![format!(
            "the file is {}, not a mapping of keys to values",
            kind(&other)
        )])),
    }
}

fn parse(text: &str) -> Result<Value, YamlError> {
    let options = serde_saphyr::options! {
        // A tag `y` or `0755` is a name.
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
    };
    let value = serde_saphyr::from_str_with_options(text, options);
    value.map_err(|it| YamlError::Syntax(it.to_string()))
}

/// The keys of a mapping that were not taken yet, and what was found wrong.
#[derive(Debug)]
pub(super) struct Keys {
    /// What messages begin with, such as `pool x: `.
    place: String,
    map: Map<String, Value>,
    pub(super) mistakes: Vec<String>,
}

impl Keys {
    pub(super) fn new(place: &str, map: Map<String, Value>) -> Self {
        Self {
            place: place.to_owned(),
            map,
            mistakes: Vec::new(),
        }
    }

    /// The names of the keys that are left.
    pub(super) fn left(&self) -> impl Iterator<Item = &str> {
        self.map.keys().map(String::as_str)
    }

    pub(super) fn mistake(&mut self, text: &str) {
        self.mistakes.push(format!("{}{text}", self.place));
    }

    fn take(&mut self, key: &str) -> Option<Value> {
        self.map.remove(key).filter(|it| !it.is_null())
    }

    fn wrong(&mut self, key: &str, value: &Value, wanted: &str) {
        let shown: String = value.to_string().chars().take(60).collect();
        self.mistake(&format!("{key} is {shown}, not {wanted}"));
    }

    /// A text.
    pub(super) fn text(&mut self, key: &str) -> Option<String> {
        let value = self.take(key)?;
        let text = scalar(&value);
        if text.is_none() {
            self.wrong(key, &value, "a text");
        }
        text
    }

    /// A whole number from 0.
    pub(super) fn count(&mut self, key: &str) -> Option<u32> {
        let value = self.take(key)?;
        let count = value.as_u64().and_then(|it| u32::try_from(it).ok());
        if count.is_none() {
            self.wrong(key, &value, "a whole number from 0");
        }
        count
    }

    /// A number of seconds.
    pub(super) fn seconds(&mut self, key: &str) -> Option<Duration> {
        let value = self.take(key)?;
        let seconds = value.as_f64();
        let duration = seconds.and_then(|it| Duration::try_from_secs_f64(it).ok());
        if duration.is_none() {
            self.wrong(key, &value, "a number of seconds");
        }
        duration
    }

    /// A list of texts; a single one counts as a list.
    pub(super) fn texts(&mut self, key: &str) -> Option<Vec<String>> {
        let items = self.items(key)?;
        let mut out = Vec::new();
        for it in items {
            match scalar(&it) {
                Some(text) => out.push(text),
                None => self.wrong(key, &it, "a text"),
            }
        }
        Some(out)
    }

    /// A list of names with numbers: `name`, or `{name, priority}`.
    pub(super) fn ranked(&mut self, key: &str) -> Option<Vec<(String, i64)>> {
        let items = self.items(key)?;
        let mut out = Vec::new();
        for it in items {
            match ranked(&it) {
                Some(name) => out.push(name),
                None => self.wrong(key, &it, "a name or {name, priority}"),
            }
        }
        Some(out)
    }

    fn items(&mut self, key: &str) -> Option<Vec<Value>> {
        match self.take(key)? {
            Value::Array(items) => Some(items),
            value @ (Value::Object(_) | Value::Bool(_)) => {
                self.wrong(key, &value, "a list");
                None
            }
            single => Some(vec![single]),
        }
    }

    /// The keys of a mapping within this one.
    pub(super) fn within(&mut self, key: &str, read: impl FnOnce(&mut Self)) {
        if let Some(map) = self.map(key) {
            let mut inner = Self::new(&format!("{}{key}: ", self.place), map);
            read(&mut inner);
            self.mistakes.append(&mut inner.mistakes);
        }
    }

    /// What is read from each mapping of a list.
    pub(super) fn each<T>(&mut self, key: &str, read: impl Fn(&mut Self) -> T) -> Vec<T> {
        let mut out = Vec::new();
        for it in self.items(key).unwrap_or_default() {
            let Value::Object(map) = it else {
                self.wrong(key, &it, "a mapping");
                continue;
            };
            let mut inner = Self::new(&format!("{}{key}: ", self.place), map);
            out.push(read(&mut inner));
            let unknown: Vec<String> = inner.left().map(str::to_owned).collect();
            for it in unknown {
                inner.mistake(&format!("the key {it} is not known"));
            }
            self.mistakes.append(&mut inner.mistakes);
        }
        out
    }

    /// Numbers of seconds by name, of these names.
    pub(super) fn durations(&mut self, key: &str, names: &[&str]) -> BTreeMap<String, Duration> {
        let mut out = BTreeMap::new();
        self.within(key, |inner| {
            for name in names {
                out.extend(inner.seconds(name).map(|it| ((*name).to_owned(), it)));
            }
            let unknown: Vec<String> = inner.left().map(str::to_owned).collect();
            for it in unknown {
                inner.mistake(&format!("{it} is none of {}", names.join(", ")));
            }
        });
        out
    }

    /// A mapping.
    pub(super) fn map(&mut self, key: &str) -> Option<Map<String, Value>> {
        match self.take(key)? {
            Value::Object(map) => Some(map),
            value => {
                self.wrong(key, &value, "a mapping");
                None
            }
        }
    }
}

/// The text of a text, a number or a truth.
pub(super) fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

fn ranked(value: &Value) -> Option<(String, i64)> {
    let Value::Object(map) = value else {
        return Some((scalar(value)?, 0));
    };
    let name = scalar(map.get("name")?)?;
    let priority = match map.get("priority") {
        None | Some(Value::Null) => 0,
        Some(priority) => priority.as_i64()?,
    };
    let is_known = |key: &String| matches!(key.as_str(), "name" | "priority");
    map.keys().all(is_known).then_some((name, priority))
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "a truth value",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping",
    }
}
