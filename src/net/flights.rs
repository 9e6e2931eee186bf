//! Equal requests that are under way at the same time are made once: who comes later waits for
//! the answer to the first one.

use super::{Error, Page};
use crate::sync::{StopToken, hold, woken_within};
use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

/// How soon after a stop a wait ends.
const STOP_CHECK: Duration = Duration::from_millis(50);

/// What makes two requests equal: address and `Accept` header.
pub(super) type Key = (String, String);

type Answer = Result<Page, Error>;

/// The requests that are under way.
#[derive(Debug, Default)]
pub(super) struct Flights {
    under_way: Mutex<HashMap<Key, Arc<Flight>>>,
}

#[derive(Debug, Default)]
struct Flight {
    answer: Mutex<Option<Answer>>,
    landed: Condvar,
}

/// Takes a flight from the list, whatever becomes of it; who waits for one without an answer
/// makes the request itself.
struct Landing<'a> {
    flights: &'a Flights,
    key: &'a Key,
    flight: &'a Arc<Flight>,
}

impl Flights {
    /// Makes a request, or waits for the answer to an equal one.
    pub(super) fn join(&self, key: &Key, stop: &StopToken, ask: impl Fn() -> Answer) -> Answer {
        loop {
            let (flight, is_first) = self.board(key);
            if is_first {
                let landing = Landing {
                    flights: self,
                    key,
                    flight: &flight,
                };
                let answer = ask();
                landing.tell(&answer);
                return answer;
            }
            match flight.wait(stop) {
                // Whoever made it was stopped, which is no reason for others to.
                Err(Error::Stopped) if !stop.is_stopped() => {}
                answer => return answer,
            }
        }
    }

    /// How many wait for the answer to a request of another one.
    pub(super) fn waiting(&self) -> usize {
        let under_way = hold(&self.under_way);
        // The list has one, and who makes the request another.
        let waiting = |it: &Arc<Flight>| Arc::strong_count(it).saturating_sub(2);
        under_way.values().map(waiting).sum()
    }

    fn board(&self, key: &Key) -> (Arc<Flight>, bool) {
        let mut under_way = hold(&self.under_way);
        if let Some(flight) = under_way.get(key) {
            return (Arc::clone(flight), false);
        }
        let flight = Arc::<Flight>::default();
        under_way.insert(key.clone(), Arc::clone(&flight));
        (flight, true)
    }
}

impl Landing<'_> {
    fn tell(&self, answer: &Answer) {
        self.close();
        // A page may be large, and mostly nobody waits for it.
        if Arc::strong_count(self.flight) > 1 {
            self.flight.land(answer.clone());
        }
    }

    /// Nobody boards it any more.
    fn close(&self) {
        let mut under_way = hold(&self.flights.under_way);
        let is_this = |it: &Arc<Flight>| Arc::ptr_eq(it, self.flight);
        if under_way.get(self.key).is_some_and(is_this) {
            under_way.remove(self.key);
        }
    }
}

impl Drop for Landing<'_> {
    fn drop(&mut self) {
        self.close();
        self.flight.land(Err(Error::Stopped));
    }
}

impl Flight {
    /// The first answer counts.
    fn land(&self, answer: Answer) {
        let mut slot = hold(&self.answer);
        slot.get_or_insert(answer);
        self.landed.notify_all();
    }

    fn wait(&self, stop: &StopToken) -> Answer {
        let mut answer = hold(&self.answer);
        loop {
            if let Some(answer) = &*answer {
                return answer.clone();
            }
            if stop.is_stopped() {
                return Err(Error::Stopped);
            }
            answer = woken_within(&self.landed, answer, STOP_CHECK);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sync::StopLevel;
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::thread;

    fn key() -> Key {
        ("http://h/".to_owned(), "*/*".to_owned())
    }

    fn missing() -> Answer {
        Err(Error::NotFound {
            url: "http://h/".to_owned(),
        })
    }

    /// Waits until so many requests share the flight; the list holds one more.
    fn until_joined(flights: &Flights, count: usize) {
        loop {
            let under_way = flights.under_way.lock().unwrap();
            if Arc::strong_count(&under_way[&key()]) > count {
                return;
            }
            drop(under_way);
            thread::yield_now();
        }
    }

    #[test]
    fn equal_requests_are_made_once_at_a_time() {
        let (flights, asked) = (Flights::default(), AtomicUsize::new(0));
        let stop = StopToken::default();
        thread::scope(|scope| {
            for _ in 0..5 {
                scope.spawn(|| {
                    let answer = flights.join(&key(), &stop, || {
                        asked.fetch_add(1, Ordering::SeqCst);
                        until_joined(&flights, 5);
                        missing()
                    });
                    assert!(answer.unwrap_err().is_not_found());
                });
            }
        });
        assert_eq!(asked.load(Ordering::SeqCst), 1);
        assert!(flights.join(&key(), &stop, missing).is_err());
        assert!(flights.under_way.lock().unwrap().is_empty());
    }

    #[test]
    fn who_was_stopped_or_panicked_stops_nobody_else() {
        for panics in [false, true] {
            let (flights, both) = (Flights::default(), Barrier::new(2));
            let answer = thread::scope(|scope| {
                scope.spawn(|| {
                    let stop = StopToken::default();
                    let join = || {
                        flights.join(&key(), &stop, || {
                            both.wait();
                            until_joined(&flights, 2);
                            stop.raise(StopLevel::Stop);
                            assert!(!panics, "as it is meant to");
                            Err(Error::Stopped)
                        })
                    };
                    let _ = catch_unwind(AssertUnwindSafe(join));
                });
                both.wait();
                flights.join(&key(), &StopToken::default(), missing)
            });
            assert!(answer.unwrap_err().is_not_found());
        }
    }
}
