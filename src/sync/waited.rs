//! How long threads waited for locks, all together, since the process began.
//!
//! A lock that is free costs nothing here; only a wait is timed. `distmill bench` shows the sum: no
//! lock may be held over work that others wait for.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// Nanoseconds.
static WAITED: AtomicU64 = AtomicU64::new(0);

/// Time that threads of this process waited for locks on files and in memory.
#[must_use]
pub fn waited() -> Duration {
    Duration::from_nanos(WAITED.load(Ordering::Relaxed))
}

/// Counts what `wait` takes as time waited for a lock.
pub fn waiting<T>(wait: impl FnOnce() -> T) -> T {
    let began = Instant::now();
    let result = wait();
    let took = u64::try_from(began.elapsed().as_nanos()).unwrap_or(u64::MAX);
    WAITED.fetch_add(took, Ordering::Relaxed);
    result
}

/// Locks, whatever became of the thread that held it before; a wait is counted.
pub fn hold<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    match mutex.try_lock() {
        Ok(held) => held,
        Err(TryLockError::Poisoned(held)) => held.into_inner(),
        Err(TryLockError::WouldBlock) => {
            waiting(|| mutex.lock().unwrap_or_else(PoisonError::into_inner))
        }
    }
}

/// What a lock kept, whatever became of the threads that held it.
pub fn unlocked<T>(mutex: Mutex<T>) -> T {
    mutex.into_inner().unwrap_or_else(PoisonError::into_inner)
}

/// Gives a lock away until news comes. This is no wait for a lock.
pub fn woken<'a, T>(news: &Condvar, held: MutexGuard<'a, T>) -> MutexGuard<'a, T> {
    news.wait(held).unwrap_or_else(PoisonError::into_inner)
}

/// The same, for no longer than that.
pub fn woken_within<'a, T>(
    news: &Condvar,
    held: MutexGuard<'a, T>,
    longest: Duration,
) -> MutexGuard<'a, T> {
    let waited = news.wait_timeout(held, longest);
    waited.unwrap_or_else(PoisonError::into_inner).0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn waits_add_up_and_a_free_lock_is_none() {
        let before = waited();
        let pause = Duration::from_micros(200);
        let answer = waiting(|| {
            let began = Instant::now();
            while began.elapsed() < pause {}
            7
        });
        assert_eq!(answer, 7);
        assert!(waited() >= before + pause);
    }

    #[test]
    fn a_lock_whose_holder_panicked_is_held_all_the_same() {
        let mutex = Mutex::new(1);
        let thread = std::thread::scope(|scope| {
            let panic = || {
                let _held = hold(&mutex);
                panic!("on purpose");
            };
            scope.spawn(panic).join()
        });
        assert!(thread.is_err() && mutex.is_poisoned());
        *hold(&mutex) += 1;
        assert_eq!(*hold(&mutex), 2);
        assert_eq!(unlocked(mutex), 2);
    }
}
