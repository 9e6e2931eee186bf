//! The measure of one run: time, processor, memory, and what became of the packages.

use crate::event::Stage;
use crate::import::outcome::{Outcome, State};
use crate::sync::{hold, waited};
use rustix::time::{ClockId, clock_gettime};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs;
use std::sync::Mutex;
use std::time::{Duration, Instant};

/// What one run came to. Times are in seconds, sizes in bytes.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Measured {
    /// From the first package's begin to the last one's end.
    pub seconds: f64,
    /// Time of the processors.
    pub cpu_seconds: f64,
    /// Time that threads waited for locks.
    pub lock_seconds: f64,
    /// The most memory that was ever resident.
    pub peak_bytes: u64,
    /// Packages by how they ended.
    pub imported: u64,
    /// Packages that changed nothing.
    pub unchanged: u64,
    /// Packages that failed.
    pub failed: u64,
    /// Bytes of the sources that were imported.
    pub source_bytes: u64,
    /// How long each package took.
    pub package_seconds: Vec<f64>,
    /// Time by stage, of all packages together.
    pub stage_seconds: BTreeMap<String, f64>,
    /// What failed, by code.
    pub failures: Failures,
}

/// Failures by their codes.
pub type Failures = BTreeMap<String, FailureCount>;

/// How often packages failed in one way.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FailureCount {
    /// How many did.
    pub count: u64,
    /// Which one was the first, and what it said.
    pub example: String,
}

/// Runs from its making to its [`Meter::stop`]; takes results from any thread.
#[derive(Debug)]
pub struct Meter {
    started: Instant,
    cpu: Duration,
    locks: Duration,
    so_far: Mutex<Measured>,
}

impl Meter {
    /// Starts the clocks.
    #[must_use]
    pub fn start() -> Self {
        Self {
            so_far: Mutex::default(),
            locks: waited(),
            cpu: processor_time(),
            started: Instant::now(),
        }
    }

    /// Takes one result. `flush` is how long it waited to be on stable storage after that.
    pub fn take(&self, outcome: &Outcome, flush: Option<Duration>) {
        let mut all = hold(&self.so_far);
        match &outcome.state {
            State::Imported => {
                all.imported += 1;
                all.source_bytes += outcome.size_bytes;
            }
            State::Unchanged => all.unchanged += 1,
            State::Failed(failure) => {
                all.fail(failure.code.as_str(), &outcome.source, &failure.message);
            }
        }
        let took = outcome.elapsed + flush.unwrap_or_default();
        all.package_seconds.push(took.as_secs_f64());
        let stages = outcome.stages.iter().map(|it| (it.0.as_str(), it.1));
        for (stage, time) in stages.chain(flush.map(|it| (FLUSH, it))) {
            *all.stage_seconds.entry(stage.to_owned()).or_default() += time.as_secs_f64();
        }
    }

    /// Takes one package of the floor: so long it took, and so many bytes it had.
    pub fn take_least(&self, source: &str, took: Duration, result: Result<u64, super::Error>) {
        let mut all = hold(&self.so_far);
        all.package_seconds.push(took.as_secs_f64());
        match result {
            Ok(bytes) => {
                all.imported += 1;
                all.source_bytes += bytes;
            }
            Err(error) => all.fail(error.code().as_str(), source, &error.to_string()),
        }
    }

    /// Stops the clocks.
    #[must_use]
    pub fn stop(self) -> Measured {
        let seconds = self.started.elapsed().as_secs_f64();
        let cpu = processor_time().saturating_sub(self.cpu);
        let all = hold(&self.so_far).clone();
        Measured {
            seconds,
            cpu_seconds: cpu.as_secs_f64(),
            lock_seconds: waited().saturating_sub(self.locks).as_secs_f64(),
            peak_bytes: peak_memory(),
            ..all
        }
    }
}

/// The stage after the last one: on its way to stable storage.
pub(super) const FLUSH: &str = "flush";

/// Every stage in its order, that of the flush as well.
pub fn stages() -> impl Iterator<Item = &'static str> {
    Stage::ALL.iter().map(|it| it.as_str()).chain([FLUSH])
}

impl Measured {
    fn fail(&mut self, code: &str, source: &str, message: &str) {
        self.failed += 1;
        let entry = self.failures.entry(code.to_owned());
        let first = || FailureCount {
            count: 0,
            example: format!("{source}: {message}"),
        };
        entry.or_insert_with(first).count += 1;
    }
}

/// Time that the processors spent on all threads of this process.
#[must_use]
pub fn processor_time() -> Duration {
    let time = clock_gettime(ClockId::ProcessCPUTime);
    Duration::try_from(time).unwrap_or_default()
}

/// The most bytes of this process that were resident at once; 0 where the system does not tell.
fn peak_memory() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|it| it.strip_prefix("VmHWM:"));
    let number = line.and_then(|it| it.split_whitespace().next());
    number.and_then(|it| it.parse().ok()).unwrap_or(0) * 1024
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::pipeline::outcome_of_failure;
    use crate::model::Code;

    #[test]
    fn results_are_counted_and_the_clocks_run() {
        let meter = Meter::start();
        let mut outcome = outcome_of_failure(1, "a", Code::IoError, "first".to_owned());
        outcome.size_bytes = 1000;
        meter.take(&outcome, None);
        meter.take(
            &outcome_of_failure(2, "b", Code::IoError, String::new()),
            None,
        );
        outcome.state = State::Imported;
        outcome.size_bytes = 7;
        outcome.elapsed = Duration::from_secs(2);
        outcome.stages = vec![(Stage::Read, Duration::from_secs(1))];
        meter.take(&outcome, Some(Duration::from_secs(3)));
        meter.take(&outcome, None);
        let busy = processor_time();
        while processor_time() - busy < Duration::from_millis(5) {}
        let all = meter.stop();
        assert_eq!((all.imported, all.unchanged, all.failed), (2, 0, 2));
        let failure = &all.failures["io-error"];
        assert_eq!((failure.count, &*failure.example), (2, "a: first"));
        assert_eq!(all.source_bytes, 14);
        assert_eq!(all.stage_seconds["read"], 2.0);
        assert_eq!(all.stage_seconds[FLUSH], 3.0);
        assert!(all.package_seconds.contains(&5.0));
        assert!(all.cpu_seconds >= 0.005 && all.seconds > 0.0);
        assert!(all.peak_bytes > 1_000_000, "{}", all.peak_bytes);
    }
}
