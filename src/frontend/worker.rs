//! One import, from the task as it is now to a result that is on disk.

use super::client::Frontend;
use super::outbox::Outbox;
use super::result::ImportResult;
use super::settings::Settings;
use super::task::Task;
use super::task_log::TaskLog;
use crate::import::job::{Job, Source};
use crate::import::outcome::{Outcome, Report};
use crate::import::pipeline::{Importer, outcome_of_failure};
use crate::model::Code;
use crate::net;
use crate::sync::{Disks, StopToken, hold};
use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;

/// What every import shares.
pub(super) struct Worker<'a> {
    pub(super) settings: &'a Settings,
    pub(super) frontend: &'a Frontend,
    pub(super) importer: &'a Importer,
    pub(super) disks: &'a Disks,
    pub(super) outbox: &'a Mutex<Outbox>,
    pub(super) report: &'a dyn Report,
    pub(super) stop: &'a StopToken,
}

/// How a worker left its task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Left {
    /// There is a result, which waits in the outbox.
    Finished,
    /// The frontend does not know the build any more.
    Vanished,
    /// The run was stopped: nothing is said of it.
    GivenUp,
}

impl Worker<'_> {
    /// Does one task.
    pub(super) fn work(&self, listed: &Task) -> Left {
        let build_id = listed.build_id;
        let task = match self.frontend.task(build_id) {
            Ok(None) => {
                tracing::info!(build_id, "build is gone");
                return Left::Vanished;
            }
            Ok(Some(task)) if task.build_id == build_id => task,
            // An older frontend, or one that is busy: what it listed is good enough.
            Ok(Some(_)) | Err(_) => listed.clone(),
        };
        let log = TaskLog::open(&self.settings.task_logs, build_id);
        let outcome = catch_unwind(AssertUnwindSafe(|| self.import(&task, &log)));
        let outcome = outcome.unwrap_or_else(|panic| {
            let message = panic_message(&*panic);
            outcome_of_failure(build_id, &task.srpm_url, Code::InternalError, message)
        });
        log.end(&outcome);
        self.report.report(&outcome);
        if outcome.failure().is_some_and(|it| it.code == Code::Stopped) {
            log.line(format_args!("given up for now"));
            return Left::GivenUp;
        }
        // What the frontend was told of once must outlive a crash of the machine.
        if let Err(error) = self.disks.flush_shared() {
            tracing::error!(build_id, %error, "what was imported cannot be flushed to the disk");
            log.line(format_args!(
                "given up for now: the disk cannot be flushed: {error}"
            ));
            return Left::GivenUp;
        }
        let namespace = format!("{}/{}", task.owner, task.project);
        let result = ImportResult::of(&outcome, &namespace, task.pkg_name.as_deref());
        log.result(&result);
        self.keep(result);
        Left::Finished
    }

    /// Answers a task that cannot be done as it is.
    pub(super) fn refuse(&self, build_id: u64, problem: String) {
        let log = TaskLog::open(&self.settings.task_logs, build_id);
        let outcome = outcome_of_failure(build_id, "", Code::BadSource, problem);
        log.end(&outcome);
        self.report.report(&outcome);
        self.keep(ImportResult::failure(build_id));
    }

    /// Puts a result where the delivery finds it.
    pub(super) fn keep(&self, result: ImportResult) {
        let build_id = result.build_id;
        let mut outbox = hold(self.outbox);
        if let Err(error) = outbox.put(result) {
            tracing::error!(build_id, %error, "result is in memory only until it is taken");
        }
    }

    fn import(&self, task: &Task, log: &TaskLog) -> Outcome {
        let build_id = task.build_id;
        let order = match task.order() {
            Ok(order) => order,
            Err(error) => {
                log.begin(task, &task.srpm_url);
                let (code, message) = (error.code(), error.to_string());
                return outcome_of_failure(build_id, &task.srpm_url, code, message);
            }
        };
        let source = match &order.source {
            Source::Url(url, _) => net::shown(url),
            other => other.to_string(),
        };
        log.begin(task, &source);
        for error in &order.left_out {
            log.line(format_args!("a branch is left out: {error}"));
            tracing::warn!(build_id, %error, "a branch is left out");
        }
        let stop = self.stop.with_limit(self.settings.import_timeout);
        let job = Job {
            id: build_id,
            source: order.source,
            digest: None,
        };
        let importer = self.importer.to(order.destination, stop);
        let mut outcome = importer.import(&job, log);
        outcome.source = source;
        outcome
    }
}

fn panic_message(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied();
    text.or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("a panic without a message")
        .to_owned()
}
