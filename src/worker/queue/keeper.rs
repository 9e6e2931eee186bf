//! Keeps the lease, and takes out workers that are dead.

use super::presence::{Presence, Sign};
use super::{WorkError, WorkSettings};
use crate::import::queue::{Abandoned, JobQueue, WorkerId};
use crate::sync::{StopLevel, StopToken};
use crossbeam_channel::{Receiver, RecvTimeoutError};
use jiff::Timestamp;
use std::path::Path;
use std::time::Duration;

/// Takes out every worker that died, or whose lease has expired; their jobs go back.
///
/// # Errors
/// When the queue or a file of a worker fails.
pub fn take_out_the_dead(
    queue: &dyn JobQueue,
    folder: &Path,
    me: Option<WorkerId>,
    crashes: u32,
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
            // It lives and hangs, or somebody took its file away.
            Sign::Alive | Sign::None if it.until <= now => {
                queue.abandon(it.id, None, crashes, now)?
            }
            Sign::Alive | Sign::None => continue,
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
    queue: &dyn JobQueue,
    folder: &Path,
    me: WorkerId,
    settings: &WorkSettings,
    stop: &StopToken,
    over: &Receiver<()>,
) -> Result<(), WorkError> {
    // Three signs of life a lease: two may be late.
    let pause = settings.lease / 3;
    while matches!(over.recv_timeout(pause), Err(RecvTimeoutError::Timeout)) {
        let until = Timestamp::now() + settings.lease;
        let result = match queue.renew(me, until) {
            Ok(true) => {
                take_out_the_dead(queue, folder, Some(me), settings.retry.crashes).map(|_| ())
            }
            Ok(false) => Err(WorkError::LeaseLost {
                seconds: settings.lease.as_secs(),
            }),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = result {
            tracing::error!(%error, "the lease cannot be kept");
            stop.raise(StopLevel::Drain);
            return Err(error);
        }
    }
    Ok(())
}

/// No wait for the bell is longer: should its file go away, jobs are still found.
pub(super) const LONGEST_WAIT: Duration = Duration::from_secs(30);
