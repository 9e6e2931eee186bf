//! From what the files say to pools, with the defaults filled in.

use super::{Policy, Pool, PoolTag, Pools, PoolsError, Reservation, Share};
use crate::config::{PolicyFile, PoolEntry, PoolsFile, ShareEntry};
use std::time::Duration;

impl Pools {
    /// The pools of a file, under the policy of another.
    ///
    /// # Errors
    /// All mistakes in what they are together.
    pub fn of_files(pools: &PoolsFile, policy: &PolicyFile) -> Result<Self, Vec<PoolsError>> {
        let pools = pools.pools.iter().map(|it| Pool::of_entry(it.0, it.1));
        Self::new(pools, Policy::of_file(policy))
    }
}

/// Sets a value that was given.
fn set<T: Clone>(value: &mut T, given: Option<&T>) {
    if let Some(given) = given {
        value.clone_from(given);
    }
}

fn tags(tags: &[(String, i64)]) -> Vec<PoolTag> {
    let tags = tags.iter();
    tags.map(|it| PoolTag::with_priority(&it.0, it.1)).collect()
}

impl Pool {
    fn of_entry(name: &str, entry: &PoolEntry) -> Self {
        let mut pool = Self::named(name);
        pool.description.clone_from(&entry.description);
        set(&mut pool.max, entry.max.as_ref());
        set(&mut pool.max_starting, entry.max_starting.as_ref());
        set(&mut pool.max_prealloc, entry.max_prealloc.as_ref());
        set(&mut pool.start_delay, entry.start_delay.as_ref());
        pool.commands.start.clone_from(&entry.start);
        pool.commands.delete.clone_from(&entry.delete);
        pool.commands.livecheck.clone_from(&entry.livecheck);
        pool.commands.release.clone_from(&entry.release);
        pool.commands.list.clone_from(&entry.list);
        set(&mut pool.livecheck_period, entry.livecheck_period.as_ref());
        set(
            &mut pool.livecheck_attempts,
            entry.livecheck_attempts.as_ref(),
        );
        pool.tags = tags(&entry.tags);
        pool.tags_on_demand = tags(&entry.tags_on_demand);
        let opportunity = entry.reuse_opportunity_time.as_ref();
        set(&mut pool.reuse_opportunity_time, opportunity);
        set(&mut pool.reuse_max_count, entry.reuse_max_count.as_ref());
        set(&mut pool.reuse_max_time, entry.reuse_max_time.as_ref());
        pool.named_counters.clone_from(&entry.named_counters);
        set(&mut pool.name_pattern, entry.name_pattern.as_ref());
        set(&mut pool.list_period, entry.list_period.as_ref());
        set(&mut pool.delete_attempts, entry.delete_attempts.as_ref());
        pool.set_bounds(entry);
        pool
    }

    fn set_bounds(&mut self, entry: &PoolEntry) {
        let limit = |name: &str| -> Option<&Duration> { entry.time_limits.get(name) };
        set(&mut self.time_limits.start, limit("start"));
        set(&mut self.time_limits.delete, limit("delete"));
        set(&mut self.time_limits.livecheck, limit("livecheck"));
        set(&mut self.time_limits.release, limit("release"));
        set(&mut self.time_limits.list, limit("list"));
        set(&mut self.back_off.first, entry.back_off.get("first"));
        set(&mut self.back_off.longest, entry.back_off.get("longest"));
        let quarantine = &mut self.quarantine;
        let (pool, slot) = (
            entry.quarantine_pool_failures,
            entry.quarantine_slot_failures,
        );
        set(&mut quarantine.pool_failures, pool.as_ref());
        set(&mut quarantine.slot_failures, slot.as_ref());
        set(&mut quarantine.time, entry.quarantine_time.as_ref());
        let reserved = entry.reserved_for.iter();
        self.reserved_for = reserved
            .map(|it| Reservation {
                count: it.count,
                tags: it.tags.clone(),
                owners: it.owners.clone(),
            })
            .collect();
    }
}

impl Policy {
    fn of_file(file: &PolicyFile) -> Self {
        let share = |it: &ShareEntry| Share {
            weight: it.weight.unwrap_or(1),
            max: it.max,
        };
        let mut policy = Self::default();
        set(&mut policy.ageing, file.ageing.as_ref());
        set(&mut policy.handicap, file.handicap.as_ref());
        policy.owners.clone_from(&file.owners);
        let shares = file.shares.iter();
        policy.shares = shares.map(|it| (it.0.clone(), share(it.1))).collect();
        let default_share = file.default_share.as_ref().map(share);
        set(&mut policy.default_share, default_share.as_ref());
        let checks = file.checks_at_once.map(|it| it as usize);
        set(&mut policy.checks_at_once, checks.as_ref());
        policy
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_file_does_not_say_is_as_always() {
        let text = "a: {cmd_new: x, cmd_delete: y, max: 9, tags: [{name: t, priority: 3}],\n\
                    time_limits: {start: 7}, quarantine: {time: 5},\n\
                    reserved_for: [{count: 2, tags: [t]}]}";
        let pools = PoolsFile::from_yaml(text).unwrap();
        let policy = PolicyFile::from_yaml("shares: {me: {max: 4}}").unwrap();
        let pools = Pools::of_files(&pools, &policy).unwrap();
        let mut expected = Pool::named("a");
        expected.commands.start = "x".to_owned();
        expected.commands.delete = "y".to_owned();
        expected.max = 9;
        expected.tags = vec![PoolTag::with_priority("t", 3)];
        expected.time_limits.start = Duration::from_secs(7);
        expected.quarantine.time = Duration::from_secs(5);
        expected.reserved_for = vec![Reservation {
            count: 2,
            tags: vec!["t".to_owned()],
            owners: Vec::new(),
        }];
        assert_eq!(**pools.get("a").unwrap(), expected);
        let share = pools.policy().share_of(Some("me"));
        assert_eq!((share.weight, share.max), (1, Some(4)));
    }

    #[test]
    fn a_tag_of_both_kinds_is_refused_with_both_pools() {
        let text = "one: {cmd_new: x, cmd_delete: y, tags: [t]}\n\
                    two: {cmd_new: x, cmd_delete: y, tags_on_demand: [t]}";
        let pools = PoolsFile::from_yaml(text).unwrap();
        let wrong = Pools::of_files(&pools, &PolicyFile::default()).unwrap_err();
        let said = wrong[0].to_string();
        assert!(said.contains("one") && said.contains("two"), "{said}");
    }
}
