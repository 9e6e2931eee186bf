//! How many jobs may run at once: in all, and for each owner, sandbox and registry.
//!
//! Every job that is handed out counts, whichever worker has it.

use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, HashMap};
use std::fmt;

/// Bounds on what runs at once; what is absent has none.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClaimLimits {
    /// In all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub total: Option<u32>,
    /// For each owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<u32>,
    /// For each sandbox of an owner.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sandbox: Option<u32>,
    /// For registries by their words; see [`registry_of`](super::registry_of).
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub registries: BTreeMap<String, u32>,
}

/// What runs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Running {
    /// In all.
    pub total: u32,
    /// By owner.
    pub owners: HashMap<String, u32>,
    /// By owner and sandbox.
    pub sandboxes: HashMap<String, HashMap<String, u32>>,
    /// By registry.
    pub registries: HashMap<String, u32>,
}

/// A limit that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Limit {
    /// In all.
    Total,
    /// Of the owner.
    Owner,
    /// Of the sandbox.
    Sandbox,
    /// Of the registry.
    Registry,
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Total => "the limit in all",
            Self::Owner => "the limit of its owner",
            Self::Sandbox => "the limit of its sandbox",
            Self::Registry => "the limit of its registry",
        })
    }
}

impl Running {
    /// Counts one job that was handed out.
    pub fn add(&mut self, owner: &str, sandbox: &str, registry: &str) {
        fn count(map: &mut HashMap<String, u32>, name: &str) {
            match map.get_mut(name) {
                Some(count) => *count += 1,
                None => {
                    map.insert(name.to_owned(), 1);
                }
            }
        }
        self.total += 1;
        count(&mut self.owners, owner);
        count(&mut self.registries, registry);
        if !self.sandboxes.contains_key(owner) {
            self.sandboxes.insert(owner.to_owned(), HashMap::new());
        }
        if let Some(sandboxes) = self.sandboxes.get_mut(owner) {
            count(sandboxes, sandbox);
        }
    }

    /// Jobs of an owner.
    #[must_use]
    pub fn owner(&self, owner: &str) -> u32 {
        self.owners.get(owner).copied().unwrap_or_default()
    }

    /// Jobs of a sandbox.
    #[must_use]
    pub fn sandbox(&self, owner: &str, sandbox: &str) -> u32 {
        let sandboxes = self.sandboxes.get(owner);
        let count = sandboxes.and_then(|it| it.get(sandbox));
        count.copied().unwrap_or_default()
    }

    /// Jobs of a registry.
    #[must_use]
    pub fn registry(&self, registry: &str) -> u32 {
        self.registries.get(registry).copied().unwrap_or_default()
    }
}

impl ClaimLimits {
    /// Whether no job at all may begin.
    #[must_use]
    pub fn total_reached(&self, running: &Running) -> bool {
        self.total.is_some_and(|limit| running.total >= limit)
    }

    /// Whether no further job of the owner may begin.
    #[must_use]
    pub fn owner_reached(&self, running: &Running, owner: &str) -> bool {
        self.owner.is_some_and(|it| running.owner(owner) >= it)
    }

    /// Whether no further job of the sandbox may begin.
    #[must_use]
    pub fn sandbox_reached(&self, running: &Running, owner: &str, sandbox: &str) -> bool {
        let limit = self.sandbox;
        limit.is_some_and(|it| running.sandbox(owner, sandbox) >= it)
    }

    /// Whether no further job from the registry may begin.
    #[must_use]
    pub fn registry_reached(&self, running: &Running, registry: &str) -> bool {
        let limit = self.registries.get(registry);
        limit.is_some_and(|it| running.registry(registry) >= *it)
    }

    /// Every limit that keeps a job from beginning, with its number.
    #[must_use]
    pub fn reached(
        &self,
        running: &Running,
        owner: &str,
        sandbox: &str,
        registry: &str,
    ) -> Vec<(Limit, u32)> {
        let mut out = Vec::new();
        let mut look = |limit, reached: bool, number: Option<u32>| {
            if let (true, Some(number)) = (reached, number) {
                out.push((limit, number));
            }
        };
        look(Limit::Total, self.total_reached(running), self.total);
        let reached = self.owner_reached(running, owner);
        look(Limit::Owner, reached, self.owner);
        let reached = self.sandbox_reached(running, owner, sandbox);
        look(Limit::Sandbox, reached, self.sandbox);
        let reached = self.registry_reached(running, registry);
        let number = self.registries.get(registry).copied();
        look(Limit::Registry, reached, number);
        out
    }
}
