//! One run of a worker: taken in, at work, taken out.

use super::claims::{Claims, Counts};
use super::committer::{Attempt, Committer, Disposal};
use super::keeper::{keep, take_out_the_dead};
use super::presence::Presence;
use super::{WorkError, WorkSettings};
use crate::import::outcome::Outcome;
use crate::import::pipeline::outcome_of_failure;
use crate::import::queue::{Abandoned, Claim, JobQueue, Worker};
use crate::model::Code;
use crate::sync::StopToken;
use crate::worker::Pool;
use crossbeam_channel::bounded;
use jiff::Timestamp;
use std::io;
use std::path::Path;
use std::sync::atomic::Ordering;
use std::thread;

/// Results that wait for a flush: more than that end during no flush, and no thread waits.
const UNFLUSHED: usize = 1024;

/// A worker of a queue.
pub struct QueueWorker<'a> {
    /// The queue.
    pub queue: &'a dyn JobQueue,
    /// The folder of the files that say which workers live.
    pub folder: &'a Path,
    /// How it works.
    pub settings: &'a WorkSettings,
    /// Drains at the first level; jobs that end as stopped are given back.
    pub stop: &'a StopToken,
    /// Waits until what was written is on stable storage.
    pub flush: &'a (dyn Fn() -> io::Result<()> + Sync),
    /// Told of each attempt, after its job was marked.
    pub report: &'a (dyn Fn(&Claim, &Outcome, Disposal) + Sync),
    /// Told what dead workers left behind, whenever that is found.
    pub found: &'a (dyn Fn(&Abandoned) + Sync),
}

impl QueueWorker<'_> {
    /// Works until nothing is left to do, or for as long as it follows; ends early with a stop.
    ///
    /// # Errors
    /// When the queue fails or the lease was lost. Running jobs are let finish before.
    pub fn run(&self, import: impl Fn(&Claim) -> Outcome + Sync) -> Result<(), WorkError> {
        let (queue, settings) = (self.queue, self.settings);
        let crashes = settings.retry.crashes;
        self.stop.ring(queue.bell());
        (self.found)(&take_out_the_dead(queue, self.folder, None, crashes)?);
        let worker = Worker {
            pid: std::process::id(),
            threads: settings.threads.get(),
            limits: settings.limits.clone(),
            lease_ms: u64::try_from(settings.lease.as_millis()).unwrap_or(u64::MAX),
        };
        let enlist = || queue.enlist(&worker, Timestamp::now() + settings.lease);
        let (me, presence) = Presence::enter(self.folder, enlist)?;

        let counts = Counts::default();
        let committer = Committer {
            queue,
            worker: me,
            settings,
            stop: self.stop,
            counts: &counts,
            flush: self.flush,
            report: self.report,
        };
        let mut claims = Claims::new(queue, me, settings, self.stop, &counts);
        let (ended, attempts) = bounded(UNFLUSHED);
        let (end, over) = bounded(0);
        let (kept, committed, left) = thread::scope(|scope| {
            let named = |name: &str| thread::Builder::new().name(name.to_owned());
            let keeper = || keep(self, me, &over);
            let keeper = named("lease").spawn_scoped(scope, keeper);
            let commit = || committer.run(&attempts);
            let commit = named("commit").spawn_scoped(scope, commit);
            let left = Pool::new(settings.threads).run(
                &mut claims,
                self.stop,
                |claim: &Claim| presence.during(claim.id, || import(claim)),
                |claim, result| {
                    let outcome = result.unwrap_or_else(|panic| {
                        let source = claim.source.to_string();
                        outcome_of_failure(claim.id, &source, Code::InternalError, panic.0)
                    });
                    counts.waiting.fetch_sub(1, Ordering::SeqCst);
                    queue.bell().ring();
                    // The committer takes until this end is dropped.
                    let _ = ended.send(Attempt { claim, outcome });
                },
            );
            drop(ended);
            let started = "the system can start the threads of a worker";
            let committed = commit.expect(started).join();
            drop(end);
            (keeper.expect(started).join(), committed, left)
        });
        let (unbegun, failure) = claims.finish();
        let unbegun: Vec<_> = left.iter().map(|it| it.id).chain(unbegun).collect();
        let joined = "the thread does not panic: it runs no job";
        committed.expect(joined)?;
        kept.expect(joined)?;
        failure.map_or(Ok(()), Err)?;
        queue.release(me, &unbegun, Timestamp::now())?;
        queue.abandon(me, Some(&[]), crashes, Timestamp::now())?;
        presence.leave();
        Ok(())
    }
}
