//! The rules by which tickets get resources, one by one, with a clock that the test sets.

use crate::support::farm::{Farm, in_pools, on_demand, pool, ready, seconds};
use distmill::alloc::Victims;
use distmill::alloc::pool::{Commands, Policy, Pool, PoolTag, Pools, Reservation, Share};
use distmill::alloc::resource::{ResourceId, ResourceState};
use distmill::alloc::starter::{Finished, Task};
use distmill::alloc::store::TicketStore;
use distmill::alloc::ticket::{Request, TicketId, TicketState};
use distmill::alloc::why::{Hurdle, Standing};
use std::collections::BTreeMap;

fn want(tags: &[&str]) -> Request {
    Request::new(tags)
}

fn in_sandbox(tags: &[&str], sandbox: &str) -> Request {
    want(tags).in_sandbox(sandbox)
}

fn with_commands(pool: Pool, commands: &[&str]) -> Pool {
    let command = |name: &str| commands.contains(&name).then(|| name.to_owned());
    Pool {
        commands: Commands {
            start: "start".to_owned(),
            delete: "delete".to_owned(),
            livecheck: command("livecheck"),
            release: command("release"),
            list: command("list"),
        },
        ..pool
    }
}

fn reusing(pool: Pool) -> Pool {
    Pool {
        reuse_opportunity_time: seconds(60),
        ..pool
    }
}

#[test]
fn resources_are_kept_ready() {
    let pool = Pool {
        max: 4,
        max_starting: 1,
        max_prealloc: 2,
        ..pool("p", &["a"])
    };
    let mut farm = Farm::new(&[pool]);
    assert_eq!((farm.living("p"), farm.orders.len()), (1, 1));
    farm.settle();
    assert_eq!(farm.living("p"), 2);
    let tickets: Vec<_> = (0..5).map(|_| farm.take(want(&["a"]))).collect();
    farm.settle();
    // Two are served at once, two more as they come up; then the pool is full.
    let served: Vec<_> = tickets.iter().map(|it| farm.resource_of(*it)).collect();
    assert_eq!(served, [Some(1), Some(2), Some(3), Some(4), None]);
    assert_eq!(farm.living("p"), 4);
    farm.close(tickets[0]);
    farm.settle();
    assert_eq!(farm.state(1), ResourceState::Ended);
    assert_eq!(farm.resource_of(tickets[4]), Some(5));
    assert_eq!(farm.check(tickets[0]).ticket.state(), TicketState::Closed);
    assert_eq!(farm.check(tickets[0]).resource.unwrap().id, ResourceId(1));
}

#[test]
fn what_is_on_demand_is_started_for_waiting_tickets_only() {
    let pools = [on_demand("p", &["big"]), pool("q", &["small"])];
    let mut farm = Farm::new(&pools);
    assert_eq!(farm.orders.len(), 0);
    let first = farm.take(want(&["big"]));
    assert_eq!(farm.living("p"), 1);
    // Another round does not start another one for the same ticket.
    farm.round();
    assert_eq!(farm.living("p"), 1);
    let small = farm.take(want(&["small"]));
    farm.settle();
    assert_eq!(farm.resource_of(first), Some(1));
    assert_eq!(farm.resource_of(small), None);
    // Its ticket is gone when it comes up: it is deleted.
    let second = farm.take(want(&["big"]));
    farm.close(second);
    farm.settle();
    assert_eq!(farm.state(2), ResourceState::Ended);
    assert_eq!(farm.state(1), ResourceState::Up);
}

#[test]
fn no_more_start_on_demand_than_wait() {
    let mut pool = on_demand("p", &["big"]);
    pool.max = 10;
    pool.max_starting = 3;
    let mut farm = Farm::new(&[pool]);
    let tickets: Vec<_> = (0..5).map(|_| farm.take(want(&["big"]))).collect();
    assert_eq!(farm.living("p"), 3);
    farm.close(tickets[4]);
    farm.settle();
    assert_eq!(farm.living("p"), 4);
    assert!(
        tickets[..4]
            .iter()
            .all(|it| farm.resource_of(*it).is_some())
    );
}

#[test]
fn tickets_with_an_on_demand_tag_come_before_older_ones() {
    let mut mixed = on_demand("p", &["big"]);
    mixed.tags = vec![PoolTag::new("a")];
    mixed.max = 1;
    let mut farm = Farm::new(&[reusing(mixed)]);
    let first = farm.take(in_sandbox(&["big"], "s"));
    farm.settle();
    let older = farm.take(in_sandbox(&["a"], "s"));
    let younger = farm.take(in_sandbox(&["a", "big"], "s"));
    farm.close(first);
    assert_eq!(farm.resource_of(younger), Some(1));
    assert_eq!(farm.resource_of(older), None);
}

#[test]
fn the_oldest_ticket_is_first_and_gets_the_best_resource() {
    let mut low = ready("a-low", &["a", "b"], 2);
    low.tags = vec![
        PoolTag::with_priority("a", 1),
        PoolTag::with_priority("b", 9),
    ];
    let mut high = ready("z-high", &["a"], 1);
    high.tags = vec![PoolTag::with_priority("a", 5)];
    let mut farm = Farm::new(&[low, high]);
    farm.settle();
    // Only the tags that are asked for count, whatever else the pool has.
    let first = farm.take(want(&["a"]));
    let second = farm.take(want(&["a"]));
    let third = farm.take(want(&["a", "b"]));
    assert_eq!(farm.pool_of(first), "z-high");
    assert_eq!(farm.resource_of(second), Some(1));
    assert_eq!(farm.resource_of(third), Some(2));
}

#[test]
fn a_resource_of_the_same_sandbox_is_better_than_500_points() {
    for (priority, expected) in [(499, 1), (501, 2)] {
        let used = reusing(Pool {
            max: 1,
            ..ready("used", &["a"], 1)
        });
        let mut farm = Farm::new(&[used]);
        farm.settle();
        let first = farm.take(in_sandbox(&["a"], "s"));
        farm.close(first);
        let mut other = ready("other", &["a"], 1);
        other.tags = vec![PoolTag::with_priority("a", priority)];
        let used = reusing(ready("used", &["a"], 1));
        farm.set_pools(&[used, other]);
        farm.finish("start", &Finished::ok([]));
        let second = farm.take(in_sandbox(&["a"], "s"));
        assert_eq!(farm.resource_of(second), Some(expected), "{priority}");
    }
}

#[test]
fn used_resources_stay_in_their_sandbox() {
    let mut farm = Farm::new(&[reusing(ready("p", &["a"], 1))]);
    farm.settle();
    let first = farm.take(in_sandbox(&["a"], "s"));
    farm.close(first);
    let other = farm.take(in_sandbox(&["a"], "t"));
    let none = farm.take(want(&["a"]));
    assert_eq!(farm.resource_of(other), None);
    assert_eq!(farm.resource_of(none), None);
    let same = farm.take(in_sandbox(&["a"], "s"));
    assert_eq!(farm.resource_of(same), Some(1));
    assert_eq!(farm.resource(1).releases, 1);
    farm.close(same);
    // Nobody came in time: it is deleted, and a new one is started for the others.
    farm.pass(59);
    assert_eq!(farm.state(1), ResourceState::Up);
    farm.pass(1);
    farm.settle();
    assert_eq!(farm.state(1), ResourceState::Ended);
    assert_eq!(farm.resource_of(other), Some(2));
    // What a ticket without a sandbox used is never used again.
    farm.close(other);
    farm.pass(60);
    farm.settle();
    assert_eq!(farm.resource_of(none), Some(3));
    farm.close(none);
    assert_eq!(farm.state(3), ResourceState::Deleting);
}

#[test]
fn reuse_ends_by_count_and_by_time() {
    let by_count = Pool {
        reuse_max_count: 2,
        ..reusing(ready("p", &["a"], 1))
    };
    let mut farm = Farm::new(&[by_count]);
    farm.settle();
    for release in 1..=3 {
        let ticket = farm.take(in_sandbox(&["a"], "s"));
        assert_eq!(farm.resource_of(ticket), Some(1));
        farm.close(ticket);
        let expected = match release {
            3 => ResourceState::Deleting,
            _ => ResourceState::Up,
        };
        assert_eq!(farm.state(1), expected, "release {release}");
    }

    let by_time = Pool {
        reuse_max_time: seconds(100),
        ..reusing(ready("p", &["a"], 1))
    };
    let mut farm = Farm::new(&[by_time]);
    farm.settle();
    let ticket = farm.take(in_sandbox(&["a"], "s"));
    farm.pass(90);
    farm.close(ticket);
    farm.pass(9);
    assert_eq!(farm.state(1), ResourceState::Up);
    farm.pass(1);
    assert_eq!(farm.state(1), ResourceState::Deleting);
    // It is only looked at once the resource is released.
    farm.settle();
    let ticket = farm.take(in_sandbox(&["a"], "s"));
    farm.pass(1000);
    assert_eq!(farm.state(2), ResourceState::Up);
    farm.close(ticket);
    assert_eq!(farm.state(2), ResourceState::Deleting);
}

#[test]
fn a_released_resource_is_cleaned_first() {
    let pool = with_commands(reusing(ready("p", &["a"], 1)), &["release"]);
    let mut farm = Farm::new(&[pool]);
    farm.settle();
    let first = farm.take(in_sandbox(&["a"], "s"));
    farm.close(first);
    assert_eq!(farm.state(1), ResourceState::Releasing);
    let second = farm.take(in_sandbox(&["a"], "s"));
    assert_eq!(farm.resource_of(second), None);
    assert_eq!(farm.finish("release", &Finished::ok([])), 1);
    assert_eq!(farm.resource_of(second), Some(1));
    farm.close(second);
    farm.finish("release", &Finished::failed("exit code 1"));
    assert_eq!(farm.state(1), ResourceState::Deleting);
}

#[test]
fn a_resource_that_is_being_cleaned_counts_for_its_sandbox() {
    let pool = with_commands(reusing(on_demand("p", &["big"])), &["release"]);
    let mut farm = Farm::new(&[pool]);
    let first = farm.take(in_sandbox(&["big"], "s"));
    farm.settle();
    farm.close(first);
    farm.take(in_sandbox(&["big"], "s"));
    assert_eq!(farm.under_way(), ["release"]);
    farm.take(in_sandbox(&["big"], "t"));
    assert_eq!(farm.under_way(), ["release", "start"]);
}

#[test]
fn a_start_waits_for_the_delay_and_no_longer() {
    let mut pool = on_demand("p", &["big"]);
    pool.start_delay = seconds(30);
    let mut farm = Farm::new(&[pool]);
    let begun = farm.now;
    farm.take(want(&["big"]));
    farm.take(want(&["big"]));
    assert_eq!(farm.living("p"), 1);
    let due = farm.rounds.next_due().unwrap();
    assert_eq!(due.duration_since(begun).as_secs(), 30);
    farm.pass(29);
    assert_eq!(farm.living("p"), 1);
    // The delay outlives a restart.
    farm.restart();
    farm.settle();
    assert_eq!(farm.living("p"), 0);
    farm.pass(1);
    assert_eq!(farm.living("p"), 1);
}

#[test]
fn failed_checks_delete_a_resource_and_fail_its_ticket() {
    let pool = with_commands(ready("p", &["a"], 1), &["livecheck"]);
    let mut farm = Farm::new(&[pool]);
    farm.settle();
    let ticket = farm.take(want(&["a"]));
    farm.pass(600);
    assert_eq!(farm.under_way(), ["livecheck"]);
    farm.finish("livecheck", &Finished::failed("no answer"));
    assert_eq!(farm.resource(1).failed_checks, 1);
    farm.pass(600);
    farm.finish("livecheck", &Finished::ok([]));
    assert_eq!(farm.resource(1).failed_checks, 0);
    for _ in 0..2 {
        farm.pass(600);
        farm.finish("livecheck", &Finished::failed("no answer"));
    }
    assert_eq!(farm.check(ticket).ticket.state(), TicketState::Open);
    farm.pass(600);
    farm.finish("livecheck", &Finished::failed("no answer"));
    let checked = farm.check(ticket);
    assert_eq!(checked.ticket.state(), TicketState::Failed);
    assert!(checked.ticket.reason.unwrap().contains("no answer"));
    assert_eq!(farm.state(1), ResourceState::Deleting);
}

#[test]
fn a_resource_whose_check_failed_is_not_given_away() {
    let pool = with_commands(ready("p", &["a"], 1), &["livecheck"]);
    let mut farm = Farm::new(&[pool]);
    farm.settle();
    farm.pass(600);
    farm.finish("livecheck", &Finished::failed("no answer"));
    let ticket = farm.take(want(&["a"]));
    assert_eq!(farm.resource_of(ticket), None);
    farm.pass(600);
    farm.finish("livecheck", &Finished::ok([]));
    assert_eq!(farm.resource_of(ticket), Some(1));
}

#[test]
fn checks_run_at_once_and_under_a_bound() {
    let pool = with_commands(ready("p", &["a"], 10), &["livecheck"]);
    let policy = Policy {
        checks_at_once: 3,
        ..Policy::default()
    };
    let mut farm = Farm::with_policy(&[pool], policy);
    farm.settle();
    farm.pass(600);
    assert_eq!(farm.under_way(), ["livecheck"; 3]);
    // One that hangs holds up none of the others.
    let hanging = farm.orders.remove(0);
    for _ in 0..4 {
        farm.finish("livecheck", &Finished::ok([]));
    }
    farm.finish("livecheck", &Finished::ok([]));
    assert!(farm.orders.is_empty());
    let unchecked = farm.rounds.resources().into_iter();
    let unchecked = unchecked.filter(|it| it.checked.is_none()).count();
    assert_eq!(unchecked, 1);
    farm.rounds
        .finished(hanging.number, Finished::ok([]), farm.now);
    farm.round();
    assert_eq!(farm.rounds.next_due().unwrap(), farm.now + seconds(600));
}

#[test]
fn checks_that_hang_in_one_pool_hold_up_none_of_another() {
    let hanging = with_commands(ready("bad", &["a"], 20), &["livecheck"]);
    let good = with_commands(ready("good", &["b"], 1), &["livecheck"]);
    let mut farm = Farm::new(&[hanging, good]);
    farm.settle();
    farm.pass(600);
    let in_pool = |farm: &Farm, name: &str| {
        let orders = farm.orders.iter().filter(|it| it.pool.name == name);
        orders.count()
    };
    assert_eq!((in_pool(&farm, "bad"), in_pool(&farm, "good")), (16, 1));
    let at = farm.orders.iter().position(|it| it.pool.name == "good");
    let check = farm.orders.remove(at.unwrap());
    farm.rounds
        .finished(check.number, Finished::ok([]), farm.now);
    farm.round();
    assert_eq!(farm.rounds.next_due(), Some(farm.now + seconds(600)));
    farm.pass(600);
    assert_eq!(in_pool(&farm, "good"), 1);
}

#[test]
fn no_period_is_so_short_that_a_pool_does_nothing_else() {
    let mut pool = with_commands(ready("p", &["a"], 1), &["livecheck", "list"]);
    pool.livecheck_period = seconds(0);
    pool.list_period = seconds(0);
    let mut farm = Farm::new(&[pool]);
    farm.finish("list", &Finished::ok([]));
    farm.settle();
    farm.pass(1);
    for kind in ["livecheck", "list"] {
        assert_eq!(farm.finish(kind, &Finished::ok([])), 1, "{kind}");
    }
    assert!(farm.orders.is_empty(), "{:?}", farm.orders);
    assert_eq!(farm.rounds.next_due(), Some(farm.now + seconds(1)));
}

#[test]
fn numbers_are_the_smallest_free_ones() {
    let counted = |name: &str| Pool {
        named_counters: vec!["port".to_owned()],
        ..ready(name, &["a"], 2)
    };
    let mut farm = Farm::new(&[counted("p"), counted("q")]);
    farm.settle();
    let numbers = |farm: &Farm| -> Vec<(u32, u32)> {
        let resources = farm.rounds.resources().into_iter();
        resources
            .map(|it| (it.id_in_pool, it.counters["port"]))
            .collect()
    };
    assert_eq!(numbers(&farm), [(0, 0), (1, 1), (0, 2), (1, 3)]);
    farm.rounds
        .delete_resources(&Victims::Ids(vec![ResourceId(1)]), farm.now);
    farm.round();
    farm.settle();
    assert_eq!(numbers(&farm), [(1, 1), (0, 2), (1, 3), (0, 0)]);
    let name = farm.resource(5).name.to_string();
    assert_eq!(name, "p_00000005_20231114_221320");
}

#[test]
fn what_the_list_names_and_nobody_knows_is_deleted() {
    let pool = with_commands(ready("p", &["a"], 1), &["list"]);
    let mut farm = Farm::new(&[pool]);
    let name = match &farm.orders[0].task {
        Task::Start(it) => it.name.to_string(),
        other => panic!("{other:?}"),
    };
    let list = Finished::ok(format!("stray-1\n{name}\n\nstray-2\n"));
    assert_eq!(farm.finish("list", &list), 1);
    assert_eq!(farm.under_way(), ["delete stray", "delete stray", "start"]);
    // As long as its deletion runs it is not deleted again, and the list is not asked for earlier.
    farm.pass(119);
    assert_eq!(farm.finish("list", &list), 0);
    farm.pass(1);
    assert_eq!(farm.finish("list", &list), 1);
    assert_eq!(farm.under_way(), ["delete stray", "delete stray", "start"]);
    // What ended while the list was made is no stray.
    farm.settle();
    farm.pass(120);
    farm.rounds.delete_resources(&Victims::All, farm.now);
    farm.round();
    farm.finish("delete", &Finished::ok([]));
    farm.finish("list", &Finished::ok(name));
    assert!(!farm.under_way().contains(&"delete stray"));
}

#[test]
fn a_restart_deletes_what_was_under_way_and_keeps_tickets() {
    let pool = with_commands(reusing(ready("p", &["a"], 4)), &["release"]);
    let mut farm = Farm::new(&[pool]);
    farm.settle();
    let kept = farm.take(want(&["a"]));
    let released = farm.take(in_sandbox(&["a"], "s"));
    farm.close(released);
    let victims = Victims::Ids(vec![ResourceId(3)]);
    farm.rounds.delete_resources(&victims, farm.now);
    farm.round();
    assert_eq!(farm.under_way(), ["delete", "release"]);
    farm.finish("delete", &Finished::ok([]));
    assert_eq!(farm.state(5), ResourceState::Starting);
    farm.restart();
    let states: Vec<_> = [1, 2, 3, 4, 5].map(|it| farm.state(it)).to_vec();
    use ResourceState::{Deleting, Ended, Up};
    assert_eq!(states, [Up, Deleting, Ended, Up, Deleting]);
    assert_eq!(farm.resource_of(kept), Some(1));
    // Numbers go on, none is given twice.
    farm.settle();
    assert_eq!(farm.take(want(&["a"])), TicketId(3));
    assert_eq!(farm.living("p"), 4);
    let stats = farm.rounds.pools(farm.now)[0].stats;
    assert_eq!((stats.begun, stats.succeeded, stats.failed), (7, 6, 0));
}

#[test]
fn a_failing_pool_pauses_and_the_next_one_is_tried() {
    let mut good = on_demand("good", &["big"]);
    let mut bad = on_demand("bad", &["big"]);
    bad.tags_on_demand = vec![PoolTag::with_priority("big", 10)];
    good.max = 1;
    let mut farm = Farm::new(&[good, bad]);
    let first = farm.take(want(&["big"]));
    assert_eq!((farm.living("bad"), farm.living("good")), (1, 0));
    farm.finish("start", &Finished::failed("exit code 1"));
    assert_eq!((farm.living("bad"), farm.living("good")), (0, 1));
    farm.settle();
    assert_eq!(farm.pool_of(first), "good");
    let second = farm.take(want(&["big"]));
    assert_eq!(farm.living("bad"), 0);
    let why = farm.rounds.why(second, farm.now).unwrap();
    let text = why.to_string();
    assert!(text.contains("pool bad: pauses until"), "{text}");
    assert!(text.contains("exit code 1"), "{text}");
    assert!(
        text.contains("pool good: has all of its 1 resources, 1 of them"),
        "{text}"
    );
    // Each pause is twice as long as the one before.
    for pause in [5, 10, 20] {
        farm.pass(pause - 1);
        assert_eq!(farm.living("bad"), 0);
        farm.pass(1);
        assert_eq!(farm.living("bad"), 1);
        farm.finish("start", &Finished::failed("exit code 1"));
    }
    farm.pass(40);
    farm.settle();
    assert_eq!(farm.pool_of(second), "bad");
    assert_eq!(farm.rounds.pools(farm.now)[0].trouble.failures, 0);
}

#[test]
fn a_pool_that_never_starts_is_put_in_quarantine() {
    let mut bad = on_demand("bad", &["big"]);
    bad.quarantine.pool_failures = 3;
    let mut farm = Farm::new(&[bad]);
    farm.take(want(&["big"]));
    for pause in [0, 5, 10] {
        farm.pass(pause);
        assert_eq!(farm.finish("start", &Finished::failed("no quota")), 1);
    }
    let trouble = farm.rounds.pools(farm.now)[0].trouble.clone();
    assert!(trouble.is_quarantined);
    assert_eq!(trouble.paused_until, Some(farm.now + seconds(3600)));
    assert_eq!(trouble.last.as_deref(), Some("no quota"));
    farm.pass(3599);
    assert_eq!(farm.living("bad"), 0);
    assert!(farm.rounds.forgive("bad"));
    farm.round();
    assert_eq!(farm.living("bad"), 1);
}

#[test]
fn a_bad_builder_is_left_out_and_the_good_ones_work() {
    let mut hosts = ready("hosts", &["a"], 3);
    hosts.back_off.first = seconds(0);
    let mut farm = Farm::new(&[hosts]);
    // The host with number 1 never starts, the others always do.
    for _ in 0..10 {
        for order in std::mem::take(&mut farm.orders) {
            let Task::Start(resource) = &order.task else {
                panic!("{order:?}")
            };
            let finished = match resource.id_in_pool {
                1 => Finished::failed("host is down"),
                _ => Finished::ok([]),
            };
            farm.rounds.finished(order.number, finished, farm.now);
        }
        farm.round();
    }
    let trouble = farm.rounds.pools(farm.now)[0].trouble.clone();
    assert_eq!(
        trouble.bad_slots,
        BTreeMap::from([(1, farm.now + seconds(3600))])
    );
    assert!(farm.orders.is_empty());
    assert_eq!(farm.living("hosts"), 2);
    farm.pass(3600);
    assert_eq!(farm.under_way(), ["start"]);
}

#[test]
fn complaints_put_a_builder_aside() {
    let mut farm = Farm::new(&[ready("hosts", &["a"], 2)]);
    farm.settle();
    for _ in 0..3 {
        let ticket = farm.take(want(&["a"]));
        let other = farm.take(want(&["a"]));
        let slot = farm.check(ticket).resource.unwrap().id_in_pool;
        let bad = if slot == 0 { ticket } else { other };
        assert!(farm.rounds.complain(bad, "no space left", farm.now));
        farm.round();
        assert_eq!(farm.check(bad).ticket.state(), TicketState::Open);
        for it in [ticket, other] {
            farm.close(it);
            farm.settle();
        }
    }
    let trouble = farm.rounds.pools(farm.now)[0].trouble.clone();
    assert_eq!(trouble.bad_slots.keys().collect::<Vec<_>>(), [&0]);
    assert_eq!(farm.living("hosts"), 1);
}

#[test]
fn higher_priority_comes_first_and_waiting_makes_up_for_it() {
    let mut farm = Farm::new(&[ready("p", &["a"], 1)]);
    farm.settle();
    let first = farm.take(want(&["a"]));
    let old = farm.take(want(&["a"]));
    farm.pass(599);
    let urgent = farm.take(want(&["a"]).with_priority(1));
    farm.pass(2);
    let late = farm.take(want(&["a"]).with_priority(1));
    let mut order = Vec::new();
    let mut has = first;
    for _ in 0..3 {
        farm.close(has);
        farm.settle();
        let served = [old, urgent, late].into_iter();
        let mut served = served.filter(|it| farm.rounds.check(*it).is_some_and(|it| it.is_ready()));
        has = served.next().unwrap();
        order.push(has);
    }
    assert_eq!(order, [urgent, old, late]);
}

#[test]
fn owners_share_by_weight() {
    let share = Share {
        weight: 2,
        max: None,
    };
    let policy = Policy {
        shares: [("big".to_owned(), share)].into(),
        owners: [("small-*".to_owned(), "small".to_owned())].into(),
        ..Policy::default()
    };
    let mut farm = Farm::with_policy(&[ready("p", &["a"], 6)], policy);
    for _ in 0..100 {
        farm.take(want(&["a"]).of_owner("big"));
    }
    for number in 0..100 {
        farm.take(in_sandbox(&["a"], &format!("small-{number}")));
    }
    farm.settle();
    let served = farm.rounds.tickets().filter(|it| it.resource().is_some());
    let of_big = served.filter(|it| it.request.owner.is_some()).count();
    assert_eq!(of_big, 4);
}

/// How long a ticket waits while somebody uses one resource again and again, ten minutes each.
fn passed_over(farm: &mut Farm, mut held: TicketId, again: &Request, waits: TicketId) -> u64 {
    let mut passed = 0;
    loop {
        let next = farm.take(again.clone());
        farm.close(held);
        farm.settle();
        if farm.check(waits).is_ready() {
            return passed;
        }
        assert!(farm.check(next).is_ready() && passed < 100_000);
        held = next;
        farm.pass(600);
        passed += 600;
    }
}

#[test]
fn who_has_more_is_passed_over_only_for_a_while() {
    let mut farm = Farm::new(&[ready("x", &["x86"], 2), ready("s", &["s390"], 1)]);
    farm.settle();
    for _ in 0..2 {
        farm.take(want(&["x86"]).of_owner("alice"));
    }
    let bobs = want(&["s390"]).of_owner("bob");
    let first = farm.take(bobs.clone());
    let waits = farm.take(want(&["s390"]).of_owner("alice"));
    // Half an hour for each resource that it has.
    assert_eq!(passed_over(&mut farm, first, &bobs, waits), 3600);
    assert_eq!(farm.pool_of(waits), "s");
}

#[test]
fn tickets_of_nobody_and_of_little_priority_are_not_passed_over_for_ever() {
    let mut pool = ready("p", &["a"], 2);
    pool.max = 2;
    let mut farm = Farm::new(&[pool]);
    farm.settle();
    farm.take(want(&["a"]));
    let urgent = want(&["a"]).of_owner("me").with_priority(i32::MAX);
    let first = farm.take(urgent.clone());
    let waits = farm.take(want(&["a"]));
    // Half an hour for the resource of nobody's other ticket, twice as much for the priority; when
    // both are equal then, the priority decides once more.
    assert_eq!(passed_over(&mut farm, first, &urgent, waits), 6000);
}

#[test]
fn an_owner_has_no_more_than_its_most() {
    let share = Share {
        weight: 1,
        max: Some(2),
    };
    let policy = Policy {
        shares: [("me".to_owned(), share)].into(),
        ..Policy::default()
    };
    let mut pool = on_demand("p", &["a"]);
    pool.max = 9;
    let mut farm = Farm::with_policy(&[pool], policy);
    let mine: Vec<_> = (0..4)
        .map(|_| farm.take(want(&["a"]).of_owner("me")))
        .collect();
    farm.settle();
    assert_eq!(farm.living("p"), 2);
    let why = farm.rounds.why(mine[3], farm.now).unwrap();
    let Standing::Waiting {
        ahead,
        owner_is_full,
        ..
    } = why.standing
    else {
        panic!("{why}")
    };
    assert_eq!((ahead, owner_is_full), (1, true));
    farm.take(want(&["a"]).of_owner("you"));
    farm.settle();
    assert_eq!(farm.living("p"), 3);
    farm.close(mine[0]);
    farm.settle();
    assert!(farm.resource_of(mine[2]).is_some());
}

#[test]
fn capacity_is_kept_for_a_class() {
    let reservation = |count, tag: &str, owner: &str| Reservation {
        count,
        tags: vec![tag.to_owned()],
        owners: vec![owner.to_owned()],
    };
    let mut pool = on_demand("p", &["a", "urgent"]);
    pool.max = 5;
    pool.max_starting = 5;
    pool.reserved_for = vec![
        reservation(2, "urgent", "boss"),
        reservation(1, "night", "cron"),
    ];
    let mut farm = Farm::new(&[pool]);
    let plain: Vec<_> = (0..5).map(|_| farm.take(want(&["a"]))).collect();
    farm.settle();
    assert_eq!(farm.living("p"), 2);
    let why = farm.rounds.why(plain[4], farm.now).unwrap();
    assert_eq!(why.pools[0].hurdle, Hurdle::Reserved);
    let urgent: Vec<_> = (0..3).map(|_| farm.take(want(&["a", "urgent"]))).collect();
    let cron = farm.take(want(&["a"]).of_owner("cron"));
    farm.settle();
    assert_eq!(farm.living("p"), 5);
    assert!(farm.resource_of(cron).is_some());
    let served = |farm: &Farm| {
        urgent
            .iter()
            .filter(|it| farm.resource_of(**it).is_some())
            .count()
    };
    assert_eq!(served(&farm), 2);
    // Beyond its own part a class has what the others have.
    farm.close(plain[0]);
    farm.settle();
    assert_eq!(
        served(&farm) + usize::from(farm.resource_of(plain[2]).is_some()),
        3
    );
}

#[test]
fn a_pool_that_is_taken_out_is_drained() {
    let mut farm = Farm::new(&[ready("p", &["a"], 2), ready("q", &["a"], 1)]);
    farm.settle();
    let ticket = farm.take(want(&["a"]));
    farm.set_pools(&[ready("q", &["a"], 1)]);
    // The free one is deleted at once, with the settings that its pool had.
    assert_eq!(farm.state(2), ResourceState::Deleting);
    assert_eq!(farm.orders[0].pool.name, "p");
    assert_eq!(farm.state(1), ResourceState::DeleteRequest);
    assert_eq!(farm.check(ticket).ticket.state(), TicketState::Open);
    // Even over a restart the pool is not forgotten.
    farm.restart();
    let pools = farm.rounds.pools(farm.now);
    assert_eq!(
        (pools[0].pool.name.as_str(), pools[0].is_draining),
        ("p", true)
    );
    farm.close(ticket);
    farm.settle();
    assert_eq!(farm.state(1), ResourceState::Ended);
    assert_eq!(farm.rounds.pools(farm.now).len(), 1);
    assert!(
        farm.store
            .load()
            .unwrap()
            .pools
            .iter()
            .all(|it| it.name == "q")
    );
}

#[test]
fn a_resource_that_starts_while_its_pool_goes_is_deleted() {
    let mut farm = Farm::new(&[ready("p", &["a"], 1)]);
    farm.set_pools(&[]);
    assert_eq!(farm.under_way(), ["start"]);
    farm.settle();
    assert_eq!(farm.state(1), ResourceState::Ended);
    assert_eq!(farm.rounds.pools(farm.now).len(), 0);
}

#[test]
fn new_settings_are_used_at_once() {
    let mut farm = Farm::new(&[pool("p", &["a"])]);
    let ticket = farm.take(want(&["a"]));
    let why = farm.rounds.why(ticket, farm.now).unwrap();
    assert_eq!(why.pools[0].hurdle, Hurdle::NeverStarts);
    farm.set_pools(&[ready("p", &["a"], 1)]);
    farm.settle();
    assert_eq!(farm.resource_of(ticket), Some(1));
    // What was started before keeps its tags.
    farm.set_pools(&[ready("p", &["b"], 2)]);
    farm.close(ticket);
    farm.settle();
    let next = farm.take(want(&["a"]));
    let why = farm.rounds.why(next, farm.now).unwrap();
    let missing = vec!["a".to_owned()];
    assert_eq!(why.pools[0].hurdle, Hurdle::Tags { missing });
}

#[test]
fn a_resource_of_an_open_ticket_is_not_deleted() {
    let mut farm = Farm::new(&[ready("p", &["a"], 2)]);
    farm.settle();
    let ticket = farm.take(want(&["a"]));
    let all = farm.rounds.delete_resources(&Victims::All, farm.now);
    assert_eq!(all, [ResourceId(1), ResourceId(2)]);
    farm.round();
    assert_eq!(farm.state(1), ResourceState::DeleteRequest);
    assert_eq!(farm.state(2), ResourceState::Deleting);
    assert!(farm.check(ticket).is_ready());
    farm.restart();
    assert_eq!(farm.state(1), ResourceState::DeleteRequest);
    farm.close(ticket);
    assert_eq!(farm.state(1), ResourceState::Deleting);
}

#[test]
fn a_killed_ticket_fails_and_its_resource_goes() {
    let mut farm = Farm::new(&[ready("p", &["a"], 1)]);
    farm.settle();
    let (ticket, waiting) = (farm.take(want(&["a"])), farm.take(want(&["z"])));
    assert!(farm.rounds.kill(ticket, "by hand", farm.now));
    assert!(farm.rounds.kill(waiting, "by hand", farm.now));
    assert!(!farm.rounds.kill(ticket, "again", farm.now));
    farm.round();
    assert_eq!(farm.check(ticket).ticket.state(), TicketState::Failed);
    assert_eq!(
        farm.check(waiting).ticket.reason.as_deref(),
        Some("by hand")
    );
    assert_eq!(farm.state(1), ResourceState::Deleting);
}

#[test]
fn a_failed_deletion_is_tried_again_and_then_given_up() {
    let mut farm = Farm::new(&[ready("p", &["a"], 1)]);
    farm.settle();
    farm.rounds.delete_resources(&Victims::Unused, farm.now);
    farm.round();
    for pause in [10, 10] {
        assert_eq!(farm.finish("delete", &Finished::failed("exit code 1")), 1);
        assert_eq!(farm.state(1), ResourceState::DeleteRequest);
        assert!(farm.orders.is_empty());
        farm.pass(pause);
    }
    farm.finish("delete", &Finished::failed("exit code 1"));
    assert_eq!(farm.state(1), ResourceState::Ended);
    assert_eq!(farm.resource(1).failed_deletions, 2);
}

#[test]
fn the_same_calls_give_the_same_decisions() {
    let run = || {
        let mut pools = vec![reusing(on_demand("x", &["a", "b"])), on_demand("y", &["a"])];
        pools[0].max = 7;
        pools[1].max = 7;
        let mut farm = Farm::under(Pools::clone(&in_pools(&pools)));
        let mut told = Vec::new();
        for step in 0..200_u64 {
            let tags: &[&str] = if step % 3 == 0 { &["a", "b"] } else { &["a"] };
            let sandbox = format!("s{}", step % 5);
            farm.take(in_sandbox(tags, &sandbox).of_owner(&format!("o{}", step % 4)));
            if step % 2 == 0 {
                farm.settle();
            }
            if step % 4 == 1 {
                let open = farm.rounds.tickets().find(|it| it.resource().is_some());
                let open = open.map(|it| it.id);
                open.inspect(|it| farm.close(*it));
            }
            farm.pass(7);
            told.push(format!("{:?}", farm.orders));
        }
        told.push(format!("{:?}", farm.rounds.resources()));
        told
    };
    assert_eq!(run(), run());
}
