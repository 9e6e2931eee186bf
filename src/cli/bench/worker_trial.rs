//! One measurement of packages that count once they are on stable storage: a queue and a worker,
//! as `distmill worker` joins them.

use super::set_up::{BRANCH, destination, importer, root, sources};
use crate::bench::{Measured, Meter, Task};
use crate::event::{JobId, Silent};
use crate::import::job::{Job, Source};
use crate::import::pipeline::Importer;
use crate::import::queue::{JobQueue as _, Making, NewJob, RetryPolicy, Target};
use crate::model::{BranchName, Sha256};
use crate::store::SqliteQueue;
use crate::sync::{Disks, StopToken, hold};
use crate::worker::{QueueWorker, WorkSettings};
use jiff::Timestamp;
use std::collections::HashMap;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

/// Jobs that are added in one transaction.
const AT_ONCE: usize = 5000;

pub(super) fn measure(task: &Task) -> anyhow::Result<Measured> {
    let stop = StopToken::default();
    let root = root(task)?;
    let disks = Disks::of(root.with_incoming())?;
    let queue = SqliteQueue::open(&root.queue())?;
    let workers = root.workers();
    add(&queue, task)?;
    let importer = importer(task, root, &stop)?;
    let projects = projects(task, &importer, &stop)?;
    let settings = WorkSettings {
        threads: task.threads,
        limits: Default::default(),
        retry: RetryPolicy {
            attempts: 1,
            ..RetryPolicy::default()
        },
        lease: Duration::from_secs(60),
        follow: false,
        run: None,
    };
    let ended: Mutex<HashMap<JobId, Instant>> = Mutex::default();
    // What others wrote before is none of this run's business.
    disks.flush()?;
    let meter = Meter::start();
    let worker = QueueWorker {
        queue: &queue,
        folder: &workers,
        settings: &settings,
        stop: &stop,
        flush: &|| disks.flush(),
        report: &|claim, outcome, _| {
            let end = hold(&ended).remove(&claim.id);
            meter.take(outcome, Some(end.map_or(Duration::ZERO, |it| it.elapsed())));
        },
        found: &|_| {},
    };
    worker.run(|claim| {
        let job = Job {
            id: claim.id,
            source: claim.source.clone(),
            digest: claim.digest,
        };
        let outcome = projects[claim.target.project.name()].import(&job, &Silent);
        hold(&ended).insert(claim.id, Instant::now());
        outcome
    })?;
    Ok(meter.stop())
}

/// An importer for each project, by the project's name.
fn projects(
    task: &Task,
    importer: &Importer,
    stop: &StopToken,
) -> anyhow::Result<HashMap<String, Importer>> {
    let projects = 0..task.projects.get();
    let each = projects.map(|it| {
        let own = importer.to(destination(task, it)?, stop.clone());
        Ok((Task::project(it).name().to_owned(), own))
    });
    each.collect()
}

fn add(queue: &SqliteQueue, task: &Task) -> anyhow::Result<()> {
    let sources = sources(task)?;
    let mut jobs = Vec::with_capacity(task.count());
    for project in 0..task.projects.get() {
        let target = Arc::new(Target {
            project: Task::project(project),
            branches: vec![BranchName::new(BRANCH)?],
            making: Making {
                allow_unknown_license: true,
                ..Making::default()
            },
        });
        let sandbox: Arc<str> = target.project.to_string().into();
        for (source, package) in sources.iter().zip(&task.packages) {
            let is_file = matches!(source, Source::Path(..));
            jobs.push(NewJob {
                source: source.clone(),
                digest: Sha256::from_hex(&package.sha256).filter(|_| is_file),
                target: Arc::clone(&target),
                sandbox: Arc::clone(&sandbox),
                priority: 0,
                background: false,
                run: None,
            });
        }
    }
    for jobs in jobs.chunks(AT_ONCE) {
        queue.add(jobs, Timestamp::now())?;
    }
    Ok(())
}
