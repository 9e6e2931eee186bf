//! Which of the waiting tasks start now. A pure function: no clock, no threads, no network.
//!
//! A higher number is later: 100 for a background task, plus 1 for the first task of its sandbox
//! in the listing, 2 for the second and so on, so that no sandbox starves another. Among equal
//! ones the owner with fewer running imports comes first, then the listing's order. A task over a
//! limit is left for later. Tasks for one package run one after the other, in the listing's order.

use super::settings::Limits;
use super::task::{BuildId, Task};
use std::collections::{BTreeMap, HashMap, HashSet};

/// What a task takes up while it runs.
#[derive(Clone, Copy)]
struct Needs<'t> {
    owner: &'t str,
    sandbox: (&'t str, &'t str),
    repository: Option<(&'t str, &'t str, &'t str)>,
}

/// What is taken up by all that runs.
#[derive(Default)]
struct Load<'t> {
    total: usize,
    sandboxes: HashMap<(&'t str, &'t str), usize>,
    owners: HashMap<&'t str, usize>,
}

/// A task that waits, and that no other one for the same package is in the way of.
struct Waiting<'t> {
    task: &'t Task,
    needs: Needs<'t>,
    priority: usize,
}

/// The tasks to start, in their order. `listing` holds everything that is not done, `running` the
/// part of it, or of earlier listings, that was started.
#[must_use]
pub fn schedule<'t>(
    listing: impl IntoIterator<Item = &'t Task>,
    running: &'t BTreeMap<BuildId, Task>,
    limits: Limits,
) -> Vec<&'t Task> {
    let mut load = Load::default();
    let mut repositories = HashSet::new();
    for task in running.values() {
        let needs = Needs::of(task);
        repositories.extend(needs.repository);
        load.add(needs);
    }
    let mut counters: HashMap<(&str, &str), usize> = HashMap::new();
    let mut waiting = Vec::new();
    for task in listing {
        let needs = Needs::of(task);
        let counter = counters.entry(needs.sandbox).or_default();
        *counter += 1;
        let mut is_first = || needs.repository.is_none_or(|it| repositories.insert(it));
        if !running.contains_key(&task.build_id) && is_first() {
            let background = usize::from(task.background == Some(true));
            waiting.push(Waiting {
                task,
                needs,
                priority: 100 * background + *counter,
            });
        }
    }
    let mut starts = Vec::new();
    while load.total < limits.total
        && let Some(next) = load.next(&waiting, limits)
    {
        // Not swapped: the order decides among equals.
        let chosen = waiting.remove(next);
        load.add(chosen.needs);
        starts.push(chosen.task);
    }
    starts
}

impl<'t> Needs<'t> {
    fn of(task: &'t Task) -> Self {
        let (owner, project) = (task.owner.as_str(), task.project.as_str());
        let package = task.pkg_name.as_deref();
        Self {
            owner,
            // A frontend that does not say has at least projects.
            sandbox: task
                .sandbox
                .as_deref()
                .map_or((owner, project), |it| ("", it)),
            repository: package.map(|it| (owner, project, it)),
        }
    }
}

impl<'t> Load<'t> {
    fn add(&mut self, needs: Needs<'t>) {
        self.total += 1;
        *self.sandboxes.entry(needs.sandbox).or_default() += 1;
        *self.owners.entry(needs.owner).or_default() += 1;
    }

    /// The position of the task that comes next, if any may start.
    fn next(&self, waiting: &[Waiting<'t>], limits: Limits) -> Option<usize> {
        let mut best: Option<((usize, usize), usize)> = None;
        for (position, it) in waiting.iter().enumerate() {
            let of_owner = self.owners.get(it.needs.owner).copied().unwrap_or_default();
            let of_sandbox = self.sandboxes.get(&it.needs.sandbox);
            let of_sandbox = of_sandbox.copied().unwrap_or_default();
            if of_owner >= limits.per_owner || of_sandbox >= limits.per_sandbox {
                continue;
            }
            let rank = (it.priority, of_owner);
            if best.is_none_or(|(least, _)| rank < least) {
                best = Some((rank, position));
            }
        }
        best.map(|it| it.1)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn task(build_id: BuildId, owner: &str, sandbox: &str, package: &str) -> Task {
        Task {
            build_id,
            owner: owner.to_owned(),
            project: "p".to_owned(),
            branches: vec!["f42".to_owned()],
            srpm_url: String::new(),
            pkg_name: Some(package.to_owned()),
            sandbox: Some(sandbox.to_owned()),
            background: None,
        }
    }

    fn ids(tasks: &[&Task]) -> Vec<BuildId> {
        tasks.iter().map(|it| it.build_id).collect()
    }

    fn limits(total: usize, per_sandbox: usize, per_owner: usize) -> Limits {
        Limits {
            total,
            per_sandbox,
            per_owner,
        }
    }

    #[test]
    fn sandboxes_take_turns_and_background_waits() {
        let mut listing: Vec<Task> = (1..=4)
            .map(|id| task(id, "a", "s", &id.to_string()))
            .collect();
        listing.push(task(5, "b", "t", "5"));
        listing[0].background = Some(true);
        let none = BTreeMap::new();
        // The first is the sandbox's first, and yet later than all that are no background.
        let all = schedule(&listing, &none, limits(9, 9, 9));
        assert_eq!(ids(&all), [5, 2, 3, 4, 1]);
        assert_eq!(ids(&schedule(&listing, &none, limits(2, 9, 9))), [5, 2]);
        assert_eq!(ids(&schedule(&listing, &none, limits(9, 2, 9))), [5, 2, 3]);
        assert_eq!(ids(&schedule(&listing, &none, limits(9, 9, 1))), [5, 2]);
    }

    #[test]
    fn an_owner_with_many_sandboxes_does_not_starve_one_with_a_single_task() {
        let many = |owner: &str, from: u64| -> Vec<Task> {
            let ids = from..from + 100;
            ids.map(|id| task(id, owner, &format!("{owner}-{id}"), &id.to_string()))
                .collect()
        };
        let mut listing = [many("a", 0), many("b", 100)].concat();
        listing.push(task(999, "c", "c", "c"));
        let none = BTreeMap::new();
        let started = schedule(&listing, &none, Limits::default());
        assert_eq!(started.len(), 10);
        assert!(started.iter().any(|it| it.build_id == 999));
        // Also where both had filled every place before it came.
        let running = listing
            .iter()
            .take(5)
            .chain(listing.iter().skip(100).take(4));
        let running = running.map(|it| (it.build_id, it.clone())).collect();
        assert_eq!(ids(&schedule(&listing, &running, Limits::default())), [999]);
    }

    #[test]
    fn one_package_is_imported_in_the_order_of_the_listing() {
        let mut first = task(1, "a", "s", "x");
        first.background = Some(true);
        let listing = [first, task(2, "a", "t", "x"), task(3, "a", "t", "y")];
        let none = BTreeMap::new();
        let started = schedule(&listing, &none, limits(9, 9, 9));
        assert_eq!(ids(&started), [3, 1]);
        let running = BTreeMap::from([(1, listing[0].clone())]);
        assert_eq!(ids(&schedule(&listing, &running, limits(9, 9, 9))), [3]);
    }

    prop_compose! {
        fn tasks()(parts in prop::collection::vec((0..4_u8, 0..3_u8, 0..9_u8, prop::bool::ANY), 0..60))
            -> Vec<Task>
        {
            let made = parts.into_iter().zip(1..).map(|((owner, sandbox, package, background), id)| Task {
                background: Some(background),
                ..task(id, &format!("o{owner}"), &format!("o{owner}-{sandbox}"), &format!("p{package}"))
            });
            made.collect()
        }
    }

    proptest! {
        #[test]
        fn limits_hold_and_no_place_is_left_free(
            listing in tasks(), begun in 0..9_usize, total in 1..12_usize, per_sandbox in 1..5_usize,
            per_owner in 1..6_usize,
        ) {
            let limits = limits(total, per_sandbox, per_owner);
            let mut running = BTreeMap::new();
            let cloned = |it: Vec<&Task>| it.into_iter().cloned().collect::<Vec<_>>();
            for it in cloned(schedule(&listing, &running, limits)).into_iter().take(begun) {
                running.insert(it.build_id, it);
            }
            for it in cloned(schedule(&listing, &running, limits)) {
                prop_assert!(running.insert(it.build_id, it).is_none(), "twice");
            }
            let of = |test: &dyn Fn(&Task) -> bool| running.values().filter(|it| test(it)).count();
            prop_assert!(running.len() <= total);
            for it in running.values() {
                prop_assert!(of(&|other| other.owner == it.owner) <= per_owner);
                prop_assert!(of(&|other| other.sandbox == it.sandbox) <= per_sandbox);
                prop_assert!(of(&|other| other.pkg_name == it.pkg_name && other.owner == it.owner) == 1);
            }
            // Whatever was left would break a limit.
            prop_assert!(schedule(&listing, &running, limits).is_empty());
        }

        #[test]
        fn everything_is_started_once(listing in tasks()) {
            let mut left = listing.clone();
            let mut rounds = 0;
            while !left.is_empty() {
                let started = ids(&schedule(&left, &BTreeMap::new(), Limits::default()));
                prop_assert!(!started.is_empty());
                left.retain(|it| !started.contains(&it.build_id));
                rounds += 1;
            }
            prop_assert!(rounds <= 60);
        }
    }
}
