//! All pools and the policy, checked as a whole.

use super::{Policy, Pool};
use crate::model::Code;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// A mistake in the pools' settings. All of them are told at once, see [`Pools::new`].
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PoolsError {
    /// Two pools of one name.
    #[error("pool {pool} stands twice")]
    Twice {
        /// Its name.
        pool: String,
    },
    /// A tag in both kinds of lists.
    #[error(
        "tag {tag} is on demand in pool {on_demand} and not on demand in pool {always}: \
         write it in `tags` everywhere, or in `tags_on_demand` everywhere"
    )]
    TagInBoth {
        /// The tag.
        tag: String,
        /// A pool that has it in `tags_on_demand`.
        on_demand: String,
        /// A pool that has it in `tags`.
        always: String,
    },
    /// More is reserved than there is.
    #[error("pool {pool} reserves {reserved} resources and has {max} at most")]
    Reserved {
        /// The pool.
        pool: String,
        /// The sum of its reservations.
        reserved: u64,
        /// Its `max`.
        max: u32,
    },
    /// A reservation that is for nobody.
    #[error("pool {pool} reserves {count} resources for no tag and no owner")]
    ForNobody {
        /// The pool.
        pool: String,
        /// How many.
        count: u32,
    },
    /// An owner without a share.
    #[error("the share of {owner} has weight 0: such an owner would wait for ever")]
    NoWeight {
        /// The owner.
        owner: String,
    },
}

impl PoolsError {
    /// The stable code of this failure.
    #[must_use]
    pub const fn code(&self) -> Code {
        Code::PoolsInvalid
    }
}

/// All pools of a farm, and its policy. Cheap to clone.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Pools {
    pools: BTreeMap<Arc<str>, Arc<Pool>>,
    policy: Arc<Policy>,
}

impl Pools {
    /// These pools under this policy.
    ///
    /// # Errors
    /// All mistakes, if there are any.
    pub fn new(
        pools: impl IntoIterator<Item = Pool>,
        policy: Policy,
    ) -> Result<Self, Vec<PoolsError>> {
        let mut wrong = Vec::new();
        let mut by_name: BTreeMap<Arc<str>, Arc<Pool>> = BTreeMap::new();
        for pool in pools {
            check(&pool, &mut wrong);
            let name: Arc<str> = pool.name.as_str().into();
            if let Some(known) = by_name.insert(name, Arc::new(pool)) {
                let pool = known.name.clone();
                wrong.push(PoolsError::Twice { pool });
            }
        }
        check_tags(&by_name, &mut wrong);
        check_shares(&policy, &mut wrong);
        match wrong.is_empty() {
            true => Ok(Self {
                pools: by_name,
                policy: Arc::new(policy),
            }),
            false => Err(wrong),
        }
    }

    /// The pool of this name.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Arc<Pool>> {
        self.pools.get(name)
    }

    /// All pools, by name.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Arc<Pool>)> {
        self.pools.iter()
    }

    /// The policy.
    #[must_use]
    pub const fn policy(&self) -> &Arc<Policy> {
        &self.policy
    }

    /// The tags that are on demand in any pool.
    #[must_use]
    pub fn on_demand_tags(&self) -> BTreeSet<&str> {
        let tags = self.pools.values().flat_map(|it| &it.tags_on_demand);
        tags.map(|it| it.name.as_str()).collect()
    }
}

fn check(pool: &Pool, wrong: &mut Vec<PoolsError>) {
    let reserved = pool.reserved_for.iter().map(|it| u64::from(it.count)).sum();
    if reserved > u64::from(pool.max) {
        wrong.push(PoolsError::Reserved {
            pool: pool.name.clone(),
            reserved,
            max: pool.max,
        });
    }
    for reservation in &pool.reserved_for {
        if reservation.tags.is_empty() && reservation.owners.is_empty() {
            wrong.push(PoolsError::ForNobody {
                pool: pool.name.clone(),
                count: reservation.count,
            });
        }
    }
}

fn check_tags(pools: &BTreeMap<Arc<str>, Arc<Pool>>, wrong: &mut Vec<PoolsError>) {
    let mut always: BTreeMap<&str, &str> = BTreeMap::new();
    for pool in pools.values() {
        for tag in &pool.tags {
            always.entry(&tag.name).or_insert(&pool.name);
        }
    }
    let mut told = BTreeSet::new();
    for pool in pools.values() {
        for tag in &pool.tags_on_demand {
            if let Some(other) = always.get(tag.name.as_str())
                && told.insert(&tag.name)
            {
                wrong.push(PoolsError::TagInBoth {
                    tag: tag.name.clone(),
                    on_demand: pool.name.clone(),
                    always: (*other).to_owned(),
                });
            }
        }
    }
}

fn check_shares(policy: &Policy, wrong: &mut Vec<PoolsError>) {
    let shares = policy.shares.iter().map(|it| (it.0.as_str(), it.1));
    let all = shares.chain([("every other owner", &policy.default_share)]);
    for (owner, _) in all.filter(|it| it.1.weight == 0) {
        wrong.push(PoolsError::NoWeight {
            owner: owner.to_owned(),
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::alloc::pool::{PoolTag, Reservation, Share};

    #[test]
    fn all_mistakes_are_told_at_once() {
        let mut first = Pool::named("first");
        first.tags = vec![PoolTag::new("x86")];
        let mut second = Pool::named("second");
        second.tags_on_demand = vec![PoolTag::new("x86"), PoolTag::new("big")];
        second.reserved_for = vec![Reservation {
            count: 5,
            ..Reservation::default()
        }];
        let policy = Policy {
            default_share: Share {
                weight: 0,
                max: None,
            },
            ..Policy::default()
        };
        let pools = [first.clone(), first, second];
        let told: Vec<String> = Pools::new(pools, policy)
            .unwrap_err()
            .iter()
            .map(ToString::to_string)
            .collect();
        let told = told.join("\n");
        let expected = [
            "pool first stands twice",
            "pool second reserves 5 resources and has 4 at most",
            "pool second reserves 5 resources for no tag and no owner",
            "tag x86 is on demand in pool second and not on demand in pool first",
            "the share of every other owner has weight 0",
        ];
        for text in expected {
            assert!(told.contains(text), "{text}: {told}");
        }
    }

    #[test]
    fn on_demand_pools_keep_none_ready() {
        let mut pool = Pool::named("p");
        assert_eq!(pool.prealloc(), 2);
        pool.tags_on_demand = vec![PoolTag::with_priority("big", 3)];
        pool.tags = vec![PoolTag::new("x86")];
        assert_eq!(pool.prealloc(), 0);
        assert_eq!(
            pool.offer().iter().collect::<Vec<_>>(),
            [("big", 3), ("x86", 0)]
        );
        let pools = Pools::new([pool], Policy::default()).unwrap();
        assert_eq!(
            pools.on_demand_tags().into_iter().collect::<Vec<_>>(),
            ["big"]
        );
    }
}
