//! A worker: durable before done, one flush for many, and nothing lost when something goes wrong.

use crate::support::jobs::{add, claim, jobs};
use distmill::event::JobId;
use distmill::import::outcome::{BranchOutcome, Outcome, State as Ended, Tip};
use distmill::import::pipeline::outcome_of_failure;
use distmill::import::queue::{
    Abandoned, Claim, ClaimLimits, Filter, JobQueue, Next, QueuedJob, RetryPolicy, State, Worker,
};
use distmill::model::{BranchName, Code};
use distmill::store::MemoryQueue;
use distmill::sync::StopToken;
use distmill::worker::{
    Disposal, Presence, QueueWorker, WorkError, WorkSettings, take_out_the_dead,
};
use jiff::Timestamp;
use std::io;
use std::num::NonZeroUsize;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::channel;
use std::thread::yield_now;
use std::time::Duration;
use tempfile::TempDir;

fn settings(threads: usize) -> WorkSettings {
    WorkSettings {
        threads: NonZeroUsize::new(threads).unwrap(),
        limits: ClaimLimits::default(),
        retry: RetryPolicy {
            attempts: 3,
            first: Duration::ZERO,
            ..RetryPolicy::default()
        },
        lease: Duration::from_secs(60),
        follow: false,
        run: None,
    }
}

fn imported(claim: &Claim) -> Outcome {
    let source = claim.source.to_string();
    let failed = outcome_of_failure(claim.id, &source, Code::InternalError, String::new());
    Outcome {
        state: Ended::Imported,
        ..failed
    }
}

fn failed(claim: &Claim, code: Code) -> Outcome {
    outcome_of_failure(claim.id, &claim.source.to_string(), code, "so".to_owned())
}

/// Runs a worker; the answer is what was reported.
fn run(
    queue: &MemoryQueue,
    settings: &WorkSettings,
    import: impl Fn(&Claim) -> Outcome + Sync,
    flush: &(dyn Fn() -> io::Result<()> + Sync),
) -> (Result<(), WorkError>, Vec<(JobId, Disposal)>) {
    let dir = TempDir::new().unwrap();
    let reported = Mutex::new(Vec::new());
    let worker = QueueWorker {
        queue,
        folder: &dir.path().join("workers"),
        settings,
        stop: &StopToken::default(),
        flush,
        report: &|claim, _, disposal| reported.lock().unwrap().push((claim.id, disposal)),
        found: &|_| {},
    };
    let result = worker.run(import);
    (result, reported.into_inner().unwrap())
}

fn all(queue: &MemoryQueue) -> Vec<QueuedJob> {
    queue.find(&Filter::default()).unwrap()
}

#[test]
fn jobs_that_end_together_share_a_flush_and_are_done_after_it() {
    let queue = MemoryQueue::default();
    add(&queue, &jobs(8, "a", "s"));
    let (ended, flushes) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let import = |claim: &Claim| {
        ended.fetch_add(1, Ordering::SeqCst);
        imported(claim)
    };
    let flush = || {
        // The first flush takes until all jobs have ended: the second one is for all the others.
        if flushes.fetch_add(1, Ordering::SeqCst) == 0 {
            while ended.load(Ordering::SeqCst) < 8 {
                yield_now();
            }
            assert!(queue.stats(Timestamp::now()).unwrap().done.is_empty());
        }
        Ok(())
    };
    let (result, reported) = run(&queue, &settings(8), import, &flush);
    result.unwrap();
    assert_eq!(reported.len(), 8);
    assert!(all(&queue).iter().all(|it| it.state == State::Done));
    let flushes = flushes.into_inner();
    assert!(flushes <= 3, "{flushes} flushes for eight jobs");
    assert!(queue.workers().unwrap().is_empty());
}

#[test]
fn what_could_not_be_flushed_is_not_done() {
    let queue = MemoryQueue::default();
    add(&queue, &jobs(1, "a", "s"));
    let flushes = AtomicUsize::new(0);
    let flush = || match flushes.fetch_add(1, Ordering::SeqCst) {
        0 => Err(io::ErrorKind::StorageFull.into()),
        _ => {
            let job = queue.job(1).unwrap().unwrap();
            assert_eq!(job.result.as_deref(), Some("disk-full"));
            Ok(())
        }
    };
    let (result, reported) = run(&queue, &settings(1), imported, &flush);
    result.unwrap();
    assert!(
        matches!(reported[0].1, Disposal::Kept(Next::Retry(_))),
        "{reported:?}"
    );
    assert_eq!(reported[1].1, Disposal::Kept(Next::Done));
    let job = &all(&queue)[0];
    assert_eq!((job.state, job.attempts), (State::Done, 2));
}

#[test]
fn a_failure_that_moved_a_branch_is_flushed_too() {
    let queue = MemoryQueue::default();
    add(&queue, &jobs(1, "a", "s"));
    let import = |claim: &Claim| {
        let tip = Tip {
            commit: "0".repeat(40),
            moved: true,
        };
        Outcome {
            branches: vec![BranchOutcome {
                branch: BranchName::new("main").unwrap(),
                result: Ok(tip),
            }],
            ..failed(claim, Code::RepositoryInvalid)
        }
    };
    let flushes = AtomicUsize::new(0);
    let flush = || match flushes.fetch_add(1, Ordering::SeqCst) {
        0 => Err(io::ErrorKind::StorageFull.into()),
        _ => Ok(()),
    };
    run(&queue, &settings(1), import, &flush).0.unwrap();
    // What may not be on the disk is tried again, and not said to be there.
    assert_eq!(flushes.into_inner(), 2);
    let job = queue.job(1).unwrap().unwrap();
    assert_eq!((job.state, job.attempts), (State::Failed, 2));
    let record = job.record.unwrap();
    assert_eq!(record.result(), "repository-invalid");
    assert_eq!(record.branch_commits.len(), 1);
}

#[test]
fn failures_are_final_or_not_and_a_panic_costs_one_job() {
    let queue = MemoryQueue::default();
    add(&queue, &jobs(4, "a", "s"));
    let import = |claim: &Claim| match claim.id {
        1 => failed(claim, Code::NetworkTimeout),
        2 => failed(claim, Code::NoSdist),
        3 => panic!("unlucky"),
        _ => imported(claim),
    };
    // Nothing was made by what failed: only the one success is flushed.
    let flushes = AtomicUsize::new(0);
    let flush = || {
        flushes.fetch_add(1, Ordering::SeqCst);
        Ok(())
    };
    run(&queue, &settings(1), import, &flush).0.unwrap();
    let ends: Vec<_> = all(&queue)
        .into_iter()
        .map(|it| (it.state, it.attempts, it.result.unwrap()))
        .collect();
    assert_eq!(
        ends,
        [
            (State::Failed, 3, "network-timeout".to_owned()),
            (State::Failed, 1, "no-sdist".to_owned()),
            (State::Failed, 1, "internal-error".to_owned()),
            (State::Done, 1, "imported".to_owned()),
        ]
    );
    assert_eq!(flushes.into_inner(), 1);
}

#[test]
fn what_workers_left_that_the_queue_does_not_know_is_cleared() {
    let (queue, dir) = (MemoryQueue::default(), TempDir::new().unwrap());
    let until = Timestamp::now() + Duration::from_secs(999);
    let enlist = || queue.enlist(&Worker::default(), until);
    let (_, _here) = Presence::enter(dir.path(), enlist).unwrap();
    let (_, leaving) = Presence::enter(dir.path(), || Ok(77)).unwrap();
    for name in ["78", "79.new", "no worker"] {
        std::fs::write(dir.path().join(name), "").unwrap();
    }
    let look = || {
        take_out_the_dead(&queue, dir.path(), None, 3).unwrap();
        let names = std::fs::read_dir(dir.path()).unwrap();
        let name = |it: io::Result<std::fs::DirEntry>| it.unwrap().file_name();
        let mut names: Vec<_> = names.map(name).collect();
        names.sort();
        names
    };
    assert_eq!(look(), ["1", "77", "no worker"]);
    drop(leaving);
    assert_eq!(look(), ["1", "no worker"]);
}

#[test]
fn who_died_on_coming_is_taken_out_at_once_and_who_is_coming_is_not() {
    let (queue, dir) = (MemoryQueue::default(), TempDir::new().unwrap());
    let until = Timestamp::now() + Duration::from_secs(999);
    let enlist = || queue.enlist(&Worker::default(), until);
    // Killed before its file was there.
    enlist().unwrap();
    take_out_the_dead(&queue, dir.path(), None, 3).unwrap();
    assert_eq!(queue.workers().unwrap(), []);
    let folder = dir.path();
    std::thread::scope(|scope| {
        let (enlisted, is_enlisted) = channel();
        let (looked_once, looked) = channel();
        let coming = scope.spawn(move || {
            Presence::enter(folder, || {
                let worker = enlist();
                enlisted.send(()).unwrap();
                // Whoever looks now must wait; that he does not come back tells it.
                looked.recv_timeout(Duration::from_millis(100)).unwrap_err();
                worker
            })
        });
        is_enlisted.recv().unwrap();
        take_out_the_dead(&queue, folder, None, 3).unwrap();
        let _ = looked_once.send(());
        let (worker, _here) = coming.join().unwrap().unwrap();
        assert_eq!(queue.workers().unwrap()[0].id, worker);
    });
}

#[test]
fn who_lost_the_lease_stops_and_changes_nothing() {
    let queue = MemoryQueue::default();
    add(&queue, &jobs(2, "a", "s"));
    let imports = AtomicUsize::new(0);
    let import = |claim: &Claim| {
        imports.fetch_add(1, Ordering::SeqCst);
        // Others take this worker for dead.
        for it in queue.workers().unwrap() {
            queue.abandon(it.id, None, 3, Timestamp::now()).unwrap();
        }
        imported(claim)
    };
    let (result, reported) = run(&queue, &settings(1), import, &|| Ok(()));
    assert!(
        matches!(result, Err(WorkError::LeaseLost { .. })),
        "{result:?}"
    );
    let imports = imports.into_inner();
    assert!(imports > 0 && reported.len() == imports, "{reported:?}");
    assert!(
        reported.iter().all(|it| it.1 == Disposal::Lost),
        "{reported:?}"
    );
    assert!(all(&queue).iter().all(|it| it.state == State::Queued));
}

#[test]
fn who_works_while_the_clock_is_set_forth_works_on() {
    let queue = MemoryQueue::default();
    add(&queue, &jobs(20, "a", "s"));
    let import = |claim: &Claim| {
        // As if the clock had been set forth by years: the lease is over long since.
        for it in queue.workers().unwrap() {
            queue.renew(it.id, Timestamp::UNIX_EPOCH).unwrap();
        }
        imported(claim)
    };
    let (result, _) = run(&queue, &settings(1), import, &|| Ok(()));
    result.unwrap();
    assert!(all(&queue).iter().all(|it| it.state == State::Done));

    // Others see its file.
    add(&queue, &jobs(1, "b", "s"));
    let dir = TempDir::new().unwrap();
    let enlist = || queue.enlist(&Worker::default(), Timestamp::UNIX_EPOCH);
    let (worker, _here) = Presence::enter(dir.path(), enlist).unwrap();
    assert_eq!(claim(&queue, worker, 9).len(), 1);
    let gone = take_out_the_dead(&queue, dir.path(), None, 3).unwrap();
    assert_eq!(gone, Abandoned::default());
    assert_eq!(queue.workers().unwrap()[0].leased, 1);
}
