//! Jobs in, results out, on threads that are always joined.
//!
//! A bounded channel stands between the caller, who feeds the jobs, and the threads: what has
//! not begun when a stop comes was never handed out. A job that panics ends as a result of its
//! own, and its thread goes on with the next one.

use crate::sync::{StopToken, hold, unlocked};
use crossbeam_channel::bounded;
use std::any::Any;
use std::num::NonZeroUsize;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::thread;
use std::time::Duration;

/// How often a full channel is left to look for a stop.
const STOP_CHECK: Duration = Duration::from_millis(50);

/// A fixed number of threads.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    threads: NonZeroUsize,
}

/// The message of a panic that ended a job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Panic(pub String);

impl Pool {
    /// A pool of so many threads.
    #[must_use]
    pub const fn new(threads: NonZeroUsize) -> Self {
        Self { threads }
    }

    /// Works off `jobs`: `work` is called for each of them on one of the threads, `done` on the
    /// same thread with what came of it. Returns the jobs that were not begun because of a stop.
    ///
    /// # Panics
    /// When `done` panics, or the system has no more threads.
    pub fn run<J, R>(
        self,
        jobs: impl IntoIterator<Item = J>,
        stop: &StopToken,
        work: impl Fn(&J) -> R + Sync,
        done: impl Fn(J, Result<R, Panic>) + Sync,
    ) -> Vec<J>
    where
        J: Send,
    {
        // One job waits for each thread: enough that none idles, few enough to stop at once.
        let (feed, take) = bounded::<J>(self.threads.get());
        let mut jobs = jobs.into_iter();
        let left = Mutex::new(Vec::new());
        let leave = |job| {
            let mut left = hold(&left);
            left.push(job);
        };
        thread::scope(|scope| {
            for number in 1..=self.threads.get() {
                let take = take.clone();
                let (work, done, leave) = (&work, &done, &leave);
                thread::Builder::new()
                    .name(format!("import-{number}"))
                    .spawn_scoped(scope, move || {
                        for job in take {
                            if stop.is_draining() {
                                leave(job);
                                continue;
                            }
                            let result = catch_unwind(AssertUnwindSafe(|| work(&job)));
                            done(job, result.map_err(|panic| Panic(message(&*panic))));
                        }
                    })
                    .expect("the system can start the threads of the pool");
            }
            'feed: for job in jobs.by_ref() {
                let mut job = job;
                while !stop.is_draining() {
                    match feed.send_timeout(job, STOP_CHECK) {
                        Ok(()) => continue 'feed,
                        Err(refused) => job = refused.into_inner(),
                    }
                }
                leave(job);
                break;
            }
            drop(feed);
        });
        let mut left = unlocked(left);
        left.extend(jobs);
        left
    }
}

fn message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::StopLevel;
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    fn pool(threads: usize) -> Pool {
        Pool::new(NonZeroUsize::new(threads).unwrap())
    }

    #[test]
    fn every_job_is_done_once_and_a_panic_is_a_result() {
        let done = Mutex::new(Vec::new());
        let left = pool(4).run(
            0..100,
            &StopToken::default(),
            |job| {
                assert!(*job != 13, "unlucky {job}");
                job * 2
            },
            |job, result| done.lock().unwrap().push((job, result)),
        );
        let mut done = done.into_inner().unwrap();
        done.sort_by_key(|it| it.0);
        assert!(left.is_empty());
        assert_eq!(done.len(), 100);
        assert_eq!(done[13].1, Err(Panic("unlucky 13".to_owned())));
        assert_eq!(done[14].1, Ok(28));
    }

    #[test]
    fn as_many_threads_as_asked_for_work_at_once() {
        let together = std::sync::Barrier::new(5);
        pool(5).run(
            0..5,
            &StopToken::default(),
            |_| together.wait().is_leader(),
            |_, result| assert!(result.is_ok()),
        );
    }

    #[test]
    fn what_waits_in_the_channel_is_handed_back_too() {
        let stop = StopToken::default();
        let left = pool(1).run(
            0..2,
            &stop,
            |_| {
                // The second job was fed long ago when this first one ends.
                assert!(stop.sleep(STOP_CHECK * 2));
                stop.raise(StopLevel::Drain);
            },
            |_, _| {},
        );
        assert_eq!(left, [1]);
    }

    #[test]
    fn a_stop_hands_back_what_was_not_begun() {
        let stop = StopToken::default();
        let begun = AtomicUsize::new(0);
        let left = pool(2).run(
            0..1000,
            &stop,
            |_| {
                begun.fetch_add(1, Ordering::SeqCst);
                stop.raise(StopLevel::Drain);
            },
            |_, _| {},
        );
        let begun = begun.into_inner();
        assert_eq!(left.len() + begun, 1000);
        assert!(begun < 20, "{begun} jobs were begun after the stop");
    }
}
