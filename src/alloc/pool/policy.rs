//! What holds for the whole farm: whose turn it is, and how much is done at once.

use crate::alloc::ticket::Request;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::time::Duration;

/// What an owner may have of the farm.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Share {
    /// An owner of weight 2 gets twice as many resources as one of weight 1, while both wait.
    pub weight: u32,
    /// Resources at most at once; None: no limit.
    pub max: Option<u32>,
}

impl Default for Share {
    fn default() -> Self {
        Self {
            weight: 1,
            max: None,
        }
    }
}

/// The policy of the farm.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Policy {
    /// A ticket rises by one point of priority each time it waited so long; zero: never.
    pub ageing: Duration,
    /// Each resource that an owner has makes its tickets wait as if they were taken so much later,
    /// an owner of weight 2 half of it. So who has less is served first, but nobody is passed over
    /// for ever; zero: owners are served in turn, whatever they have.
    pub handicap: Duration,
    /// The shares of owners, by name.
    pub shares: BTreeMap<String, Share>,
    /// The share of every other owner.
    pub default_share: Share,
    /// Owners by sandbox, for tickets that name none. A sandbox that ends with `*` stands for all
    /// that begin so; the longest one that fits counts.
    pub owners: BTreeMap<String, String>,
    /// Live checks of one pool at once, at most.
    pub checks_at_once: usize,
}

impl Default for Policy {
    fn default() -> Self {
        Self {
            ageing: Duration::from_secs(600),
            handicap: Duration::from_secs(1800),
            shares: BTreeMap::new(),
            default_share: Share::default(),
            owners: BTreeMap::new(),
            checks_at_once: 16,
        }
    }
}

impl Policy {
    /// Whose ticket this is.
    #[must_use]
    pub fn owner_of<'a>(&'a self, request: &'a Request) -> Option<&'a str> {
        if let Some(owner) = &request.owner {
            return Some(owner);
        }
        let sandbox = request.sandbox.as_deref()?;
        if let Some(owner) = self.owners.get(sandbox) {
            return Some(owner);
        }
        let of_prefix = |(name, owner): (&'a String, &'a String)| {
            let prefix = name.strip_suffix('*')?;
            sandbox.starts_with(prefix).then_some((prefix.len(), owner))
        };
        let fitting = self.owners.iter().filter_map(of_prefix);
        fitting.max_by_key(|it| it.0).map(|it| it.1.as_str())
    }

    /// The share of an owner. Tickets of nobody share one, too.
    #[must_use]
    pub fn share_of(&self, owner: Option<&str>) -> Share {
        let share = owner.and_then(|it| self.shares.get(it));
        share.copied().unwrap_or(match owner {
            Some(_) => self.default_share,
            None => Share::default(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_is_named_by_the_ticket_or_by_the_longest_sandbox() {
        let owners = [("a--b", "exact"), ("a--*", "long"), ("a*", "short")];
        let owners = owners.map(|it| (it.0.to_owned(), it.1.to_owned()));
        let policy = Policy {
            owners: owners.into(),
            ..Policy::default()
        };
        let owner = |sandbox: &str| {
            let request = Request::new(["t"]).in_sandbox(sandbox);
            policy.owner_of(&request).map(str::to_owned)
        };
        assert_eq!(owner("a--b").as_deref(), Some("exact"));
        assert_eq!(owner("a--c").as_deref(), Some("long"));
        assert_eq!(owner("ab").as_deref(), Some("short"));
        assert_eq!(owner("b"), None);
        let request = Request::new(["t"]).in_sandbox("ab").of_owner("me");
        assert_eq!(policy.owner_of(&request), Some("me"));
        assert_eq!(policy.owner_of(&Request::new(["t"])), None);
    }
}
