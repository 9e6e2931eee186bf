//! What a queue promises, of every store that there is.

use crate::support::jobs::{add, at, claim, ended, far, ids, job, jobs, worker};
use distmill::import::queue::{
    Added, CANCELLED, CRASHED, ClaimLimits, Filter, JobQueue, Limit, NewJob, Next, Reason, State,
    Worker, pages,
};
use distmill::model::Sha256;
use distmill::store::{MemoryQueue, SqliteQueue};
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::{Arc, Barrier};
use std::time::Duration;
use tempfile::TempDir;

/// Runs a check on each store.
fn on_each(check: impl Fn(&dyn JobQueue)) {
    check(&MemoryQueue::default());
    let dir = TempDir::new().unwrap();
    check(&SqliteQueue::open(dir.path()).unwrap());
}

fn state(queue: &dyn JobQueue, id: u64) -> State {
    queue.job(id).unwrap().unwrap().state
}

#[test]
fn the_same_job_is_added_once() {
    on_each(|queue| {
        let open = job("pypi:six", "a", "s");
        let fixed = job("pypi:six==1", "a", "s");
        let all = [open.clone(), fixed.clone(), open.clone()];
        let added = queue.add(&all, at(0)).unwrap();
        assert_eq!(
            added,
            [Added::New(1), Added::New(2), Added::Known(1, State::Queued)]
        );
        let me = worker(queue);
        assert_eq!(ids(&claim(queue, me, 9)), [1, 2]);
        let done = [1, 2].map(|id| ended(id, Next::Done, "imported"));
        assert!(queue.finish(me, &done, at(2)).unwrap().is_empty());
        // A version stays what it is; the latest one may be another one by now.
        let again = queue.add(&[fixed, open], at(3)).unwrap();
        assert_eq!(again, [Added::Known(2, State::Done), Added::New(3)]);
    });
}

#[test]
fn the_digest_of_a_file_goes_along_and_frees_the_job_where_it_is_another_one() {
    on_each(|queue| {
        let digest = Some(Sha256::of(b"x"));
        let file = NewJob {
            digest,
            ..job("/x-1.tar.gz", "a", "s")
        };
        let id = add(queue, std::slice::from_ref(&file))[0];
        let me = worker(queue);
        assert_eq!(claim(queue, me, 1)[0].digest, digest);
        let changed = ended(id, Next::Failed, "source-changed");
        queue.finish(me, &[changed], at(2)).unwrap();
        // What was queued is not there any more; should it come back, it is a job again.
        let again = queue.add(std::slice::from_ref(&file), at(3)).unwrap();
        assert_eq!(again, [Added::New(2)]);
        assert_eq!(queue.retry(&Filter::job(id), at(4)).unwrap(), 0);
        claim(queue, me, 1);
        let failed = ended(2, Next::Failed, "no-sdist");
        queue.finish(me, &[failed], at(5)).unwrap();
        let again = queue.add(&[file], at(6)).unwrap();
        assert_eq!(again, [Added::Known(2, State::Failed)]);
    });
}

#[test]
fn a_job_goes_its_way_and_all_of_it_is_kept() {
    on_each(|queue| {
        let id = add(queue, &[job("gem:rake==13.0.6", "@group", "s")])[0];
        let me = worker(queue);
        let claims = claim(queue, me, 1);
        assert_eq!(claims[0].source.to_string(), "gem:rake==13.0.6");
        assert_eq!(claims[0].target.project.to_string(), "@group/project");
        assert_eq!((claims[0].attempt, state(queue, id)), (1, State::Leased));
        assert!(claim(queue, me, 1).is_empty());

        let failed = ended(id, Next::Retry(at(60)), "network-timeout");
        assert!(queue.finish(me, &[failed], at(2)).unwrap().is_empty());
        let limits = ClaimLimits::default();
        let early = queue.claim(me, 1, &limits, at(59)).unwrap();
        assert_eq!((early.jobs.len(), early.is_more), (0, false));
        assert_eq!(early.due, Some(at(60)));
        let due = queue.claim(me, 1, &limits, at(60)).unwrap();
        assert_eq!((due.jobs[0].id, due.jobs[0].attempt), (id, 2));

        let done = ended(id, Next::Done, "imported");
        queue
            .finish(me, std::slice::from_ref(&done), at(61))
            .unwrap();
        let job = queue.job(id).unwrap().unwrap();
        assert_eq!((job.state, job.attempts), (State::Done, 2));
        assert_eq!(job.result.as_deref(), Some("imported"));
        assert_eq!((job.added, job.changed, job.worker), (at(0), at(61), None));
        assert_eq!(job.record.as_ref(), Some(&done.record));
        // Who does not have it cannot end it, not even again.
        assert_eq!(queue.finish(me, &[done], at(62)).unwrap(), [id]);
        let stats = queue.stats(at(62)).unwrap();
        assert_eq!(stats.done, BTreeMap::from([("imported".to_owned(), 1)]));
        assert_eq!((stats.open(), stats.recent, stats.workers), (0, 2, 1));
    });
}

#[test]
fn an_attempt_that_could_not_begin_is_none() {
    on_each(|queue| {
        let id = add(queue, &jobs(1, "a", "s"))[0];
        let me = worker(queue);
        claim(queue, me, 1);
        let early = ended(id, Next::Wait(at(60)), "rate-limited");
        queue.finish(me, &[early], at(2)).unwrap();
        let job = queue.job(id).unwrap().unwrap();
        assert_eq!((job.state, job.attempts), (State::Retry, 0));
        assert_eq!(
            (job.due, queue.stats(at(3)).unwrap().recent),
            (Some(at(60)), 0)
        );
        let claims = queue.claim(me, 1, &ClaimLimits::default(), at(60)).unwrap();
        assert_eq!(claims.jobs[0].attempt, 1);
    });
}

#[test]
fn one_sandbox_does_not_keep_another_one_waiting() {
    on_each(|queue| {
        add(queue, &jobs(10_000, "a", "many"));
        let me = worker(queue);
        claim(queue, me, 50);
        let same_owner = add(queue, &jobs(1, "a", "one"))[0];
        let other_owner = add(queue, &jobs(1, "b", "one"))[0];
        // The pool has four threads: one round later both run.
        let round = ids(&claim(queue, me, 4));
        assert!(round.contains(&same_owner), "{round:?}");
        assert!(round.contains(&other_owner), "{round:?}");
    });
}

#[test]
fn an_owner_of_many_sandboxes_gets_no_more_than_one_of_one() {
    on_each(|queue| {
        for sandbox in 0..20 {
            add(queue, &jobs(5, "many", &sandbox.to_string()));
        }
        add(queue, &jobs(20, "one", "s"));
        let me = worker(queue);
        let claims = claim(queue, me, 20);
        let of_one = claims.iter().filter(|it| it.target.owner() == "one");
        assert_eq!(of_one.count(), 10);
        let of_many = claims.iter().filter(|it| it.target.owner() == "many");
        let sandboxes: BTreeSet<String> = of_many
            .map(|it| queue.job(it.id).unwrap().unwrap().sandbox)
            .collect();
        assert_eq!(sandboxes.len(), 10, "its sandboxes take turns");
    });
}

#[test]
fn foreground_goes_first_and_background_does_not_starve() {
    on_each(|queue| {
        let background = |it: NewJob| NewJob {
            background: true,
            ..it
        };
        let late = jobs(3, "b", "s").into_iter().map(background);
        let late = add(queue, &late.collect::<Vec<_>>());
        let first = add(queue, &jobs(50, "a", "s"));
        let me = worker(queue);
        assert_eq!(ids(&claim(queue, me, 50)), first);
        // New work that never ends: a background job still comes to its turn.
        let mut rounds = 0;
        loop {
            let name = format!("endless-{rounds}");
            add(queue, &jobs(2, "a", &name));
            rounds += 1;
            let got = ids(&claim(queue, me, 1));
            if got == late[..1] {
                break;
            }
            assert!(rounds < 120, "it starves");
        }
        assert!(rounds > 40, "it came too soon: {rounds}");
    });
}

#[test]
fn priority_moves_within_a_sandbox_and_after_rest_comes_no_debt() {
    on_each(|queue| {
        let mut line = jobs(4, "a", "s");
        line[1].priority = 2;
        line[3].priority = -10;
        let all = add(queue, &line);
        let me = worker(queue);
        let got = ids(&claim(queue, me, 4));
        assert_eq!(got, [all[3], all[0], all[2], all[1]]);
        // Who was served alone for long is not behind when somebody else comes.
        add(queue, &jobs(300, "a", "s2"));
        claim(queue, me, 300);
        add(queue, &jobs(20, "b", "s"));
        add(queue, &jobs(20, "a", "s3"));
        let claims = claim(queue, me, 10);
        let of_a = claims.iter().filter(|it| it.target.owner() == "a").count();
        assert!((4..=6).contains(&of_a), "{of_a} of 10");
    });
}

#[test]
fn every_limit_holds_and_what_it_leaves_goes_on() {
    on_each(|queue| {
        for owner in ["a", "b"] {
            for sandbox in ["s", "t", "u"] {
                add(queue, &jobs(10, owner, sandbox));
            }
        }
        add(queue, &[job("gem:rake", "a", "s")]);
        let me = worker(queue);
        let limits = ClaimLimits {
            total: Some(9),
            owner: Some(5),
            sandbox: Some(2),
            registries: BTreeMap::from([("pypi".to_owned(), 7)]),
        };
        let claims = queue.claim(me, 100, &limits, at(1)).unwrap();
        let mut by_owner: BTreeMap<&str, u32> = BTreeMap::new();
        for it in &claims.jobs {
            *by_owner.entry(it.target.owner()).or_default() += 1;
        }
        // Seven from one registry, and the one from the other.
        assert_eq!(claims.jobs.len(), 8);
        assert!(claims.is_more);
        assert!(by_owner.values().all(|it| *it <= 5), "{by_owner:?}");
        assert!(
            queue
                .claim(me, 100, &limits, at(1))
                .unwrap()
                .jobs
                .is_empty()
        );
        let one = claims
            .jobs
            .iter()
            .find(|it| it.source.to_string() != "gem:rake");
        let end = ended(one.unwrap().id, Next::Done, "imported");
        queue.finish(me, &[end], at(2)).unwrap();
        let more = queue.claim(me, 100, &limits, at(3)).unwrap();
        assert_eq!(more.jobs.len(), 1);
    });
}

#[test]
fn hosts_have_limits_of_their_own_and_thousands_of_them_cost_nothing() {
    on_each(|queue| {
        let url = |host: &str, n| job(&format!("http://{host}/x-{n}.gem"), "a", "s");
        let busy: Vec<_> = (0..50).map(|n| url("busy", n)).collect();
        let busy = add(queue, &busy);
        let free = add(queue, &[url("free", 1), url("other", 1)]);
        assert_eq!(queue.job(busy[0]).unwrap().unwrap().registry, "busy");
        let me = worker(queue);
        let limits = ClaimLimits {
            registries: BTreeMap::from([("busy".to_owned(), 2)]),
            ..ClaimLimits::default()
        };
        let one = queue.claim(me, 1, &limits, at(1)).unwrap();
        assert_eq!(ids(&one.jobs), busy[..1]);
        let more = queue.claim(me, 9, &limits, at(1)).unwrap();
        assert_eq!(ids(&more.jobs), [busy[1], free[0], free[1]]);
        assert!(more.is_more);
        let none = queue.claim(me, 9, &limits, at(1)).unwrap();
        assert!(none.jobs.is_empty() && none.is_more);
        let limit = Reason::Limit {
            limit: Limit::Registry,
            at_most: 2,
        };
        let looker = Worker {
            limits: limits.clone(),
            ..Worker::default()
        };
        let (looker, other) = (queue.enlist(&looker, far()).unwrap(), me);
        queue.abandon(other, Some(&[]), 3, at(1)).unwrap();
        queue.claim(looker, 2, &limits, at(2)).unwrap();
        let standing = queue.standing(busy[9], at(2)).unwrap().unwrap();
        assert!(standing.reasons(at(2)).contains(&limit));
        queue.abandon(looker, Some(&[]), 3, at(2)).unwrap();
        queue.cancel(&Filter::default(), at(2)).unwrap();

        // So many lines would take long.
        let hosts: Vec<_> = (0..1000).map(|n| url(&format!("h{n}"), 1)).collect();
        let all = add(queue, &hosts);
        let me = worker(queue);
        let claims: Vec<_> = (0..100).flat_map(|_| claim(queue, me, 10)).collect();
        assert_eq!(ids(&claims), all);
    });
}

#[test]
fn a_lease_ends_with_its_worker() {
    on_each(|queue| {
        let all = add(queue, &jobs(3, "a", "s"));
        let dead = queue.enlist(&Worker::default(), at(30)).unwrap();
        assert_eq!(claim(queue, dead, 3).len(), 3);
        assert!(queue.renew(dead, at(90)).unwrap());
        // The clock may be set back, and forth.
        assert!(queue.renew(dead, at(60)).unwrap());
        let limits = ClaimLimits::default();
        let late = queue.claim(dead, 1, &limits, at(1000)).unwrap();
        assert!(late.has_lease, "nobody took it out");
        let rows = queue.workers().unwrap();
        assert_eq!(
            (rows[0].id, rows[0].until, rows[0].leased),
            (dead, at(60), 3)
        );

        // Only the second was running: it goes to the end, the others are where they were.
        let gone = queue.abandon(dead, Some(&all[1..2]), 3, at(61)).unwrap();
        assert_eq!(gone.requeued.len(), 3);
        assert!(!queue.renew(dead, at(99)).unwrap());
        let late = queue.claim(dead, 1, &limits, at(61)).unwrap();
        assert!(!late.has_lease && late.jobs.is_empty());
        let end = ended(all[0], Next::Done, "imported");
        assert_eq!(queue.finish(dead, &[end], at(62)).unwrap(), [all[0]]);
        let me = worker(queue);
        let claims = claim(queue, me, 3);
        assert_eq!(ids(&claims), [all[0], all[2], all[1]]);
        let attempts: Vec<u32> = claims.iter().map(|it| it.attempt).collect();
        assert_eq!(attempts, [1, 1, 2]);
        assert_eq!(queue.job(all[1]).unwrap().unwrap().crashes, 1);
    });
}

#[test]
fn what_takes_the_process_down_is_set_aside_the_third_time() {
    on_each(|queue| {
        let id = add(queue, &jobs(1, "a", "s"))[0];
        for crash in 1..=3 {
            let me = worker(queue);
            assert_eq!(ids(&claim(queue, me, 1)), [id]);
            if crash == 2 {
                // An earlier attempt that ended well enough to have a record.
                let failed = ended(id, Next::Retry(at(2)), "network-timeout");
                queue.finish(me, &[failed], at(2)).unwrap();
                queue.claim(me, 1, &ClaimLimits::default(), at(2)).unwrap();
            }
            let gone = queue.abandon(me, None, 3, at(crash)).unwrap();
            let (back, aside) = (gone.requeued, gone.poisoned);
            assert_eq!(
                (back.len(), aside.len()),
                if crash < 3 { (1, 0) } else { (0, 1) }
            );
        }
        let job = queue.job(id).unwrap().unwrap();
        assert_eq!((job.state, job.crashes), (State::Poison, 3));
        assert_eq!(job.result.as_deref(), Some(CRASHED));
        let record = job.record.unwrap();
        assert_eq!(record.result(), CRASHED);
        assert!(record.message.unwrap().contains("died 3 times"));
        assert_eq!(queue.stats(at(9)).unwrap().poison, 1);
        assert_eq!(queue.retry(&Filter::job(id), at(9)).unwrap(), 1);
        assert_eq!(state(queue, id), State::Queued);
        assert_eq!(queue.stats(at(9)).unwrap().poison, 0);
    });
}

#[test]
fn jobs_are_given_back_as_they_were() {
    on_each(|queue| {
        let all = add(queue, &jobs(2, "a", "s"));
        let me = worker(queue);
        claim(queue, me, 2);
        queue.release(me, &all, at(2)).unwrap();
        let claims = claim(queue, me, 2);
        assert_eq!(ids(&claims), all);
        assert_eq!(claims[0].attempt, 1);
    });
}

#[test]
fn jobs_are_moved_by_hand() {
    on_each(|queue| {
        let all = add(queue, &jobs(5, "a", "s"));
        let me = worker(queue);
        claim(queue, me, 3);
        let ends = [
            ended(all[0], Next::Failed, "no-sdist"),
            ended(all[1], Next::Retry(far()), "network-timeout"),
        ];
        queue.finish(me, &ends, at(2)).unwrap();
        // Failed, retry-at, leased, queued, queued: three can be cancelled.
        let seen = queue.bell().rings();
        assert_eq!(queue.cancel(&Filter::default(), at(3)).unwrap(), 3);
        // Who waits for the end of a run looks again.
        assert!(queue.bell().rings() > seen);
        assert_eq!(state(queue, all[2]), State::Leased);
        assert!(claim(queue, me, 9).is_empty());
        let job = queue.job(all[3]).unwrap().unwrap();
        assert_eq!(job.result.as_deref(), Some(CANCELLED));

        let by_code = Filter {
            result: Some("no-sdist".to_owned()),
            ..Filter::default()
        };
        assert_eq!(queue.find(&by_code).unwrap().len(), 1);
        assert_eq!(queue.retry(&by_code, at(4)).unwrap(), 1);
        let claims = claim(queue, me, 9);
        assert_eq!((ids(&claims), claims[0].attempt), (vec![all[0]], 1));
        let stats = queue.stats(at(5)).unwrap();
        assert_eq!((stats.cancelled, stats.leased), (3, 2));
        assert!(stats.failed.is_empty());
        // The same job waits anew: the old one stays where it is.
        add(queue, &jobs(4, "a", "s")[3..]);
        let cancelled = Filter {
            states: Some(vec![State::Cancelled]),
            ..Filter::default()
        };
        assert_eq!(queue.retry(&cancelled, at(6)).unwrap(), 2);
        assert_eq!(queue.find(&cancelled).unwrap()[0].id, all[3]);
    });
}

#[test]
fn pages_are_all_that_a_filter_means_and_no_more() {
    on_each(|queue| {
        let all = add(queue, &jobs(2500, "a", "s"));
        for limit in [None, Some(0), Some(1), Some(2000), Some(2500), Some(9000)] {
            let filter = Filter {
                after: Some(all[9]),
                limit,
                ..Filter::default()
            };
            let found = pages(filter, |it| queue.find(it)).flat_map(Result::unwrap);
            let found: Vec<_> = found.map(|it| it.id).collect();
            let most = limit.map_or(usize::MAX, |it| usize::try_from(it).unwrap());
            assert_eq!(found, all[10..][..most.min(2490)], "{limit:?}");
        }
    });
}

#[test]
fn jobs_are_found_by_all_that_a_filter_says() {
    on_each(|queue| {
        add(queue, &jobs(3, "a", "s"));
        add(queue, &jobs(2, "b", "t"));
        let count = |filter: Filter| queue.find(&filter).unwrap().len();
        assert_eq!(count(Filter::default()), 5);
        assert_eq!(count(Filter::job(2)), 1);
        let owner = Filter {
            owner: Some("a".to_owned()),
            after: Some(1),
            ..Filter::default()
        };
        assert_eq!(count(owner.clone()), 2);
        assert_eq!(
            count(Filter {
                limit: Some(1),
                ..owner
            }),
            1
        );
        let project = job("pypi:x", "b", "t").target.project.clone();
        let sandbox = Filter {
            project: Some(project),
            sandbox: Some("t".to_owned()),
            states: Some(vec![State::Queued, State::Done]),
            ..Filter::default()
        };
        assert_eq!(count(sandbox), 2);
        assert_eq!(queue.job(99).unwrap().map(|it| it.id), None);
    });
}

#[test]
fn a_job_says_what_it_waits_for() {
    on_each(|queue| {
        let all = add(queue, &jobs(4, "a", "s"));
        add(queue, &jobs(10, "b", "s"));
        let last = all[3];
        let reasons = |now| {
            queue
                .standing(last, at(now))
                .unwrap()
                .unwrap()
                .reasons(at(now))
        };
        let turn = |in_sandbox, in_all| Reason::Turn {
            in_sandbox,
            in_all,
            seconds: None,
        };
        assert_eq!(reasons(1), [Reason::NoWorker, turn(3, 7)]);
        let limits = ClaimLimits {
            owner: Some(1),
            ..ClaimLimits::default()
        };
        let worker = Worker {
            limits: limits.clone(),
            ..Worker::default()
        };
        let me = queue.enlist(&worker, at(100)).unwrap();
        queue.claim(me, 9, &limits, at(1)).unwrap();
        let limit = Reason::Limit {
            limit: Limit::Owner,
            at_most: 1,
        };
        assert_eq!(reasons(2), [limit, turn(2, 5)]);
        queue
            .finish(me, &[ended(all[0], Next::Retry(at(70)), "io-error")], at(3))
            .unwrap();
        let standing = queue.standing(all[0], at(4)).unwrap().unwrap();
        assert_eq!(standing.reasons(at(4)), [Reason::RetryAt { due: at(70) }]);
        // One ended within the twenty seconds that work goes on, and five wait before it.
        let estimate = |now| {
            let standing = queue.standing(last, at(now)).unwrap();
            standing.unwrap().estimate().map(|it| it.as_secs())
        };
        assert_eq!(estimate(23), Some(6 * 20));
        // Nothing ended for long.
        assert_eq!(estimate(2000), None);
        assert!(queue.standing(99, at(4)).unwrap().is_none());
    });
}

#[test]
fn a_run_knows_each_source_once_and_keeps_all_records() {
    on_each(|queue| {
        assert!(queue.find_run(None).unwrap().is_none());
        let run = queue.begin_run("first", "all of it", at(1)).unwrap();
        assert_eq!(queue.begin_run("first", "again", at(2)).unwrap(), run);
        let other = queue.begin_run("second", "more", at(3)).unwrap();
        assert_eq!(queue.find_run(None).unwrap().unwrap(), other);
        assert_eq!(queue.find_run(Some("first")).unwrap(), Some(run.clone()));
        assert_eq!(queue.find_run(Some("third")).unwrap(), None);
        assert_eq!(queue.note("a").unwrap(), None);
        for text in ["1", "2"] {
            queue.set_note("a", text).unwrap();
            assert_eq!(queue.note("a").unwrap().as_deref(), Some(text));
        }
        assert_eq!(queue.note("b").unwrap(), None);
        let of = |run: u64| NewJob {
            run: Some(run),
            ..job("pypi:six", "a", "s")
        };
        let free = job("pypi:six", "a", "s");
        add(queue, &[of(run.id), of(other.id), free]);
        let me = worker(queue);
        claim(queue, me, 9);
        queue
            .finish(me, &[ended(1, Next::Failed, "no-sdist")], at(4))
            .unwrap();
        // Ended, and without a version: in its run it stays the same job.
        let again = queue.add(&[of(run.id)], at(5)).unwrap();
        assert_eq!(again, [Added::Known(1, State::Failed)]);
        let filter = Filter {
            run: Some(run.id),
            ..Filter::default()
        };
        let jobs = queue.history(&filter).unwrap();
        assert_eq!((jobs.len(), jobs[0].run), (1, Some(run.id)));
        assert_eq!(jobs[0].record.as_ref().unwrap().result(), "no-sdist");
        assert_eq!(queue.find(&filter).unwrap()[0].record, None);
    });
}

#[test]
fn who_waits_is_woken() {
    on_each(|queue| {
        let seen = queue.bell().rings();
        std::thread::scope(|scope| {
            let waiter = scope.spawn(|| queue.bell().wait(seen, Duration::from_secs(3600)));
            add(queue, &jobs(1, "a", "s"));
            assert!(waiter.join().unwrap());
        });
    });
}

#[test]
fn two_processes_share_one_file() {
    let dir = TempDir::new().unwrap();
    let mut here = SqliteQueue::open(dir.path()).unwrap();
    here.listen().unwrap();
    let seen = here.bell().rings();
    let there = SqliteQueue::open(dir.path()).unwrap();
    add(&there, &jobs(1, "a", "s"));
    assert!(here.bell().wait(seen, Duration::from_secs(60)));
    let me = worker(&here);
    assert_eq!(claim(&here, me, 1).len(), 1);
    assert_eq!(claim(&there, worker(&there), 1).len(), 0);
}

#[test]
fn no_job_is_handed_out_twice_to_many_at_once() {
    let dir = TempDir::new().unwrap();
    let first = SqliteQueue::open(dir.path()).unwrap();
    for sandbox in 0..10 {
        add(&first, &jobs(60, "a", &sandbox.to_string()));
    }
    let barrier = Arc::new(Barrier::new(4));
    let threads: Vec<_> = (0..4)
        .map(|_| {
            let (path, barrier) = (dir.path().to_owned(), Arc::clone(&barrier));
            std::thread::spawn(move || {
                let queue = SqliteQueue::open(&path).unwrap();
                let me = worker(&queue);
                barrier.wait();
                let mut all = Vec::new();
                loop {
                    let claims = claim(&queue, me, 7);
                    if claims.is_empty() {
                        return all;
                    }
                    let ends: Vec<_> = claims
                        .iter()
                        .map(|it| ended(it.id, Next::Done, "imported"))
                        .collect();
                    assert!(queue.finish(me, &ends, at(2)).unwrap().is_empty());
                    all.extend(ids(&claims));
                }
            })
        })
        .collect();
    let all: Vec<u64> = threads
        .into_iter()
        .flat_map(|it| it.join().unwrap())
        .collect();
    assert_eq!(all.len(), 600);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 600);
    assert_eq!(first.stats(at(3)).unwrap().done["imported"], 600);
}
