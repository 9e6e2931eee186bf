//! `policy.yaml` beside `pools.yaml`: whose turn it is. Optional; the original server has none.
//!
//! ```yaml
//! owners: {"alice--*": alice, "nightly": ops}     # whose tickets those of a sandbox are
//! shares: {ops: {weight: 3, max: 40}}
//! default_share: {weight: 1}
//! ageing: 600                                     # seconds that raise a ticket by one priority
//! handicap: 1800                                  # seconds that a resource makes its owner wait longer
//! checks_at_once: 16                              # of each pool
//! ```

use super::yaml::{Keys, YamlError, mapping, scalar};
use std::collections::BTreeMap;
use std::time::Duration;

/// What the file says; what it does not say is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PolicyFile {
    /// Owners by sandbox; one that ends with `*` stands for all that begin so.
    pub owners: BTreeMap<String, String>,
    /// The shares of owners.
    pub shares: BTreeMap<String, ShareEntry>,
    /// The share of every other owner.
    pub default_share: Option<ShareEntry>,
    /// A ticket rises by one point of priority each time it waited so long; zero: never.
    pub ageing: Option<Duration>,
    /// The tickets of an owner wait as if they were taken so much later for each of its resources.
    pub handicap: Option<Duration>,
    /// Live checks of a pool at once.
    pub checks_at_once: Option<u32>,
    /// Keys that are not known.
    pub warnings: Vec<String>,
}

/// What an owner may have.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ShareEntry {
    /// Twice the weight, twice the resources.
    pub weight: Option<u32>,
    /// Resources at most.
    pub max: Option<u32>,
}

impl PolicyFile {
    /// Reads the text of the file.
    ///
    /// # Errors
    /// Names every mistake.
    pub fn from_yaml(text: &str) -> Result<Self, YamlError> {
        let mut keys = Keys::new("policy: ", mapping(text)?);
        let mut file = Self {
            ageing: keys.seconds("ageing"),
            handicap: keys.seconds("handicap"),
            checks_at_once: keys.count("checks_at_once"),
            ..Self::default()
        };
        if file.checks_at_once == Some(0) {
            keys.mistake("checks_at_once is 0: nothing would ever be checked");
        }
        for (sandbox, owner) in keys.map("owners").unwrap_or_default() {
            match scalar(&owner) {
                Some(owner) => drop(file.owners.insert(sandbox, owner)),
                None => keys.mistake(&format!("owners: the owner of {sandbox} is not a text")),
            }
        }
        let share = |it: &mut Keys| ShareEntry {
            weight: it.count("weight"),
            max: it.count("max"),
        };
        keys.within("default_share", |it| file.default_share = Some(share(it)));
        let names = keys.map("shares").unwrap_or_default();
        let mut shares = Keys::new("policy: shares: ", names);
        let names: Vec<String> = shares.left().map(str::to_owned).collect();
        for name in names {
            shares.within(&name, |it| {
                file.shares.insert(name.clone(), share(it));
            });
        }
        keys.mistakes.append(&mut shares.mistakes);
        let unknown = keys.left();
        file.warnings = unknown
            .map(|it| format!("policy: the key {it} is not known"))
            .collect();
        match keys.mistakes.is_empty() {
            true => Ok(file),
            false => Err(YamlError::Mistakes(keys.mistakes)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_policy_is_read_and_its_mistakes_are_told() {
        let text = "owners: {'a--*': a, b: 7}\nshares: {ops: {weight: 3, max: 40}}\n\
                    default_share: {weight: 1}\nageing: 0\ncolour: red\n";
        let file = PolicyFile::from_yaml(text).unwrap();
        assert_eq!((&*file.owners["a--*"], &*file.owners["b"]), ("a", "7"));
        assert_eq!(file.shares["ops"].max, Some(40));
        assert_eq!(file.default_share.unwrap().weight, Some(1));
        assert_eq!(file.ageing, Some(Duration::ZERO));
        assert_eq!(file.warnings, ["policy: the key colour is not known"]);
        assert_eq!(PolicyFile::from_yaml("").unwrap(), PolicyFile::default());
        let text = "owners: {a: [b]}\nshares: {ops: {weight: no}, x: 3}\nageing: soon\n\
                    checks_at_once: 0\n";
        let said = PolicyFile::from_yaml(text).unwrap_err().to_string();
        for part in [
            "the owner of a is not a text",
            "policy: shares: ops: weight is",
            "policy: shares: x is 3, not a mapping",
            "ageing is \"soon\"",
            "checks_at_once is 0",
        ] {
            assert!(said.contains(part), "{part}: {said}");
        }
    }
}
