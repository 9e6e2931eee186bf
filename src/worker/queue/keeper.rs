//! Keeps the lease, and takes out workers that are dead.

use super::presence::{Presence, Sign};
use super::{QueueWorker, WorkError};
use crate::import::queue::{Abandoned, JobQueue, WorkerId, WorkerRow};
use crate::sync::StopLevel;
use crossbeam_channel::{Receiver, RecvTimeoutError};
use jiff::Timestamp;
use std::collections::HashMap;
use std::path::Path;
use std::time::{Duration, Instant};

/// What was seen of the other workers' leases. Times are by a clock that nobody sets: the one of the
/// queue may have been set since a lease was renewed, and then says nothing of who is late.
#[derive(Debug, Default)]
pub(super) struct Watch(HashMap<WorkerId, Seen>);

#[derive(Debug)]
struct Seen {
    until: Timestamp,
    since: Instant,
    looks: u32,
}

impl Watch {
    /// Looks at a worker once more. Whether it has not renewed its lease for as long as that lasts,
    /// in all of several looks: who was held up together with the others gives them time.
    fn is_silent(&mut self, row: &WorkerRow, now: Instant) -> bool {
        let until = row.until;
        let lease = match row.worker.lease_ms {
            0 => UNSAID,
            lease => Duration::from_millis(lease),
        };
        let new = || Seen {
            until,
            since: now,
            looks: 0,
        };
        let seen = self.0.entry(row.id).or_insert_with(new);
        if seen.until != until {
            *seen = new();
        }
        seen.looks += 1;
        seen.looks > SIGNS && now.saturating_duration_since(seen.since) >= lease
    }
}

/// Takes out every worker that died; their jobs go back.
///
/// # Errors
/// When the queue or a file of a worker fails.
pub fn take_out_the_dead(
    queue: &dyn JobQueue,
    folder: &Path,
    me: Option<WorkerId>,
    crashes: u32,
) -> Result<Abandoned, WorkError> {
    take_out(queue, folder, me, crashes, &mut Watch::default())
}

/// Takes out every worker that died, or that hangs for longer than its lease.
fn take_out(
    queue: &dyn JobQueue,
    folder: &Path,
    me: Option<WorkerId>,
    crashes: u32,
    watch: &mut Watch,
) -> Result<Abandoned, WorkError> {
    let mut all = Abandoned::default();
    // Before the workers: who comes meanwhile is in the queue before there is a file.
    let files = Presence::all(folder);
    let workers = queue.workers()?;
    let is_known = |id: WorkerId| workers.iter().any(|it| it.id == id);
    // Those of workers that died once they had been taken out.
    let left = files.iter().filter(|(id, _)| !is_known(*id));
    left.for_each(|(_, path)| Presence::clear(path));
    for it in workers {
        if Some(it.id) == me {
            continue;
        }
        let now = Timestamp::now();
        let look = || {
            Presence::look(folder, it.id).map_err(|source| WorkError::Presence {
                path: folder.join(it.id.to_string()),
                source,
            })
        };
        let mut sign = look()?;
        if sign == Sign::None && it.leased == 0 {
            // It is just coming, or died before it had a file, and so before it had a job.
            Presence::wait_for_entries(folder).map_err(|source| WorkError::Presence {
                path: folder.to_owned(),
                source,
            })?;
            sign = match look()? {
                Sign::None => Sign::Dead(Vec::new()),
                sign => sign,
            };
        }
        let gone = match sign {
            Sign::Dead(ran) => queue.abandon(it.id, Some(&ran), crashes, now)?,
            // It lives and hangs.
            Sign::Alive(runs) if watch.is_silent(&it, Instant::now()) => {
                queue.abandon(it.id, Some(&runs), crashes, now)?
            }
            // Somebody took its file away.
            Sign::None if it.until <= now => queue.abandon(it.id, None, crashes, now)?,
            Sign::Alive(_) | Sign::None => continue,
        };
        tracing::warn!(
            worker = it.id,
            pid = it.worker.pid,
            requeued = gone.requeued.len(),
            poisoned = ?gone.poisoned,
            "a worker is gone"
        );
        Presence::forget(folder, it.id);
        all.requeued.extend(gone.requeued);
        all.poisoned.extend(gone.poisoned);
    }
    Ok(all)
}

/// Renews the lease, and looks after the others, until the channel is closed. A worker that lost
/// its lease, or cannot reach its queue, drains.
pub(super) fn keep(
    worker: &QueueWorker<'_>,
    me: WorkerId,
    over: &Receiver<()>,
) -> Result<(), WorkError> {
    let (queue, settings) = (worker.queue, worker.settings);
    let pause = settings.lease / SIGNS;
    let mut watch = Watch::default();
    while matches!(over.recv_timeout(pause), Err(RecvTimeoutError::Timeout)) {
        let until = Timestamp::now() + settings.lease;
        let result = match queue.renew(me, until) {
            Ok(true) => {
                let crashes = settings.retry.crashes;
                take_out(queue, worker.folder, Some(me), crashes, &mut watch)
                    .map(|gone| (worker.found)(&gone))
            }
            Ok(false) => Err(WorkError::LeaseLost {
                seconds: settings.lease.as_secs(),
            }),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = result {
            tracing::error!(%error, "the lease cannot be kept");
            worker.stop.raise(StopLevel::Drain);
            return Err(error);
        }
    }
    Ok(())
}

/// A lease whose length the worker did not say, as earlier versions did not.
const UNSAID: Duration = Duration::from_secs(600);

/// Signs of life a lease: all but one may be late.
const SIGNS: u32 = 3;

/// No wait for the bell is longer: should its file go away, jobs are still found.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::import::queue::Worker;

    #[test]
    fn only_a_lease_that_stays_as_it_was_for_its_whole_length_is_over() {
        let (mut watch, begin) = (Watch::default(), Instant::now());
        let mut is_silent = |seconds, until| {
            let row = WorkerRow {
                id: 1,
                worker: Worker {
                    lease_ms: 60_000,
                    ..Worker::default()
                },
                until: Timestamp::from_second(until).unwrap(),
                leased: 1,
            };
            watch.is_silent(&row, begin + Duration::from_secs(seconds))
        };
        // The queue's clock is set forth and back: it is renewed all the same.
        for (seconds, until) in [(0, 60), (20, 9000), (40, 100), (60, 120), (80, 60)] {
            assert!(!is_silent(seconds, until));
        }
        for (seconds, silent) in [(100, false), (120, false), (140, true)] {
            assert_eq!(is_silent(seconds, 60), silent, "{seconds}");
        }
        assert!(!is_silent(160, 200));
        // Both slept, and this one woke first.
        assert!(!is_silent(9000, 200));
    }
}
