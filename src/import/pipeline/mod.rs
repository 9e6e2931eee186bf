//! The one place that knows the order of the stages.
//!
//! resolve, fetch, read, spec, source package, commit (or only a folder): each stage gets what it
//! needs as plain values from the one before. Everything waits in temporary files until it is whole; the commit
//! is the last step, so that a job that fails leaves nothing behind.

mod archive_package;
mod error;
mod fetch;
mod pack;
mod predict;
mod settings;
mod srpm_package;
mod store;
mod track;

pub use error::Error;
pub use pack::Recipe;
pub use settings::{Destination, Settings};

use crate::event::{EventSink, JobId, Silent, Stage};
use crate::import::job::Job;
use crate::import::outcome::{Failure, Outcome, State};
use crate::import::root::Root;
use crate::model::Code;
use crate::net::Client;
use crate::sync::StopToken;
use fetch::Fetched;
use std::path::PathBuf;
use track::Track;

/// Imports one package after the other; any number of threads may share it.
#[derive(Debug)]
pub struct Importer {
    settings: Settings,
    root: Root,
    client: Client,
    stop: StopToken,
}

impl Importer {
    /// An importer into `root`. The client must listen to the same stop token.
    #[must_use]
    pub const fn new(settings: Settings, root: Root, client: Client, stop: StopToken) -> Self {
        Self {
            settings,
            root,
            client,
            stop,
        }
    }

    /// An importer for one job that goes elsewhere and has a stop token of its own; it shares
    /// root and connections.
    #[must_use]
    pub fn to(&self, destination: Destination, stop: StopToken) -> Self {
        let settings = Settings {
            destination,
            ..self.settings.clone()
        };
        self.with(settings, stop)
    }

    /// An importer for one job that has settings and a stop token of its own; it shares root and
    /// connections.
    #[must_use]
    pub fn with(&self, settings: Settings, stop: StopToken) -> Self {
        Self {
            settings,
            root: self.root.clone(),
            client: self.client.with_stop(stop.clone()),
            stop,
        }
    }

    /// What is the same for every job.
    #[must_use]
    pub const fn settings(&self) -> &Settings {
        &self.settings
    }

    /// The folders that all results are below.
    #[must_use]
    pub fn places(&self) -> [PathBuf; 3] {
        self.root.with_incoming()
    }

    /// Does one job, from its source to the moved branches. Never fails: what went wrong is in
    /// the outcome.
    #[must_use]
    pub fn import(&self, job: &Job, sink: &dyn EventSink) -> Outcome {
        let source = job.source.to_string();
        let mut track = Track::start(job.id, &source, sink);
        let state = match self.run(job, &mut track) {
            Ok(true) => State::Imported,
            Ok(false) => State::Unchanged,
            Err(error) if error.code() == Code::Stopped && self.stop.is_overdue() => {
                State::Failed(Failure::from(&Error::TimeLimit))
            }
            Err(error) => {
                track.wait = error.wait();
                State::Failed(Failure::from(&error))
            }
        };
        track.end(state)
    }

    /// Whether anything changed.
    fn run(&self, job: &Job, track: &mut Track<'_>) -> Result<bool, Error> {
        let fetched = self.fetch(job, track)?;
        self.check_stop()?;
        let package = match fetched {
            Fetched::Srpm(file) => self.take_srpm(file, track),
            Fetched::Archive(archive) => self.make_srpm(archive, track),
        }?;
        self.check_stop()?;
        track.enter(Stage::Commit);
        self.store(package, track)
    }

    fn check_stop(&self) -> Result<(), Error> {
        match self.stop.is_stopped() {
            true => Err(Error::Stopped),
            false => Ok(()),
        }
    }
}

/// The outcome of a job that never got as far as the pipeline, or did not come back from it.
#[must_use]
pub fn outcome_of_failure(id: JobId, source: &str, code: Code, message: String) -> Outcome {
    Track::start(id, source, &Silent).end(State::Failed(Failure { code, message }))
}
