//! A job as it is added, and as it stands in the queue.

use super::{Key, Record, RunId, State, WorkerId};
use crate::event::JobId;
use crate::import::job::Source;
use crate::model::{BranchName, Project, Sha256};
use crate::rpmfile::Compression;
use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::sync::Arc;

/// How packages are made, as far as it changes what comes out.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Making {
    /// Make source packages only; touch no repository.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub no_git: bool,
    /// What `%{?dist}` stands for.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub dist: String,
    /// Take packages whose license nothing tells.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub allow_unknown_license: bool,
    /// The payload compression of the source packages.
    #[serde(default, with = "as_text")]
    pub compression: Compression,
    /// The time of all that is made, in seconds since 1970, instead of the upstream file's own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source_date_epoch: Option<u32>,
}

/// What many jobs share: where their packages go, and how they are made.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Target {
    /// The project.
    pub project: Project,
    /// The branches, in order.
    pub branches: Vec<BranchName>,
    /// How.
    pub making: Making,
}

/// A job to be added.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewJob {
    /// What to import. A path is absolute.
    pub source: Source,
    /// The digest of a local file: with it the source can mean nothing else later.
    pub digest: Option<Sha256>,
    /// Into what.
    pub target: Arc<Target>,
    /// The group of jobs that takes turns with the other groups of the owner.
    pub sandbox: Arc<str>,
    /// How many places later (or, below 0, earlier) it stands in its sandbox's line.
    pub priority: i32,
    /// Whether it gives way to jobs that somebody waits for.
    pub background: bool,
    /// The run that it belongs to.
    pub run: Option<RunId>,
}

/// A job as it stands in the queue.
#[derive(Clone, Debug)]
pub struct QueuedJob {
    /// Its number in the queue.
    pub id: JobId,
    /// Its source, as text.
    pub source: String,
    /// Into what.
    pub target: Arc<Target>,
    /// Its sandbox.
    pub sandbox: String,
    /// Where its source comes from; see [`registry_of`].
    pub registry: String,
    /// Places later or earlier in its sandbox's line.
    pub priority: i32,
    /// Whether it gives way.
    pub background: bool,
    /// The run that it belongs to.
    pub run: Option<RunId>,
    /// Where it stands.
    pub state: State,
    /// How often it was begun.
    pub attempts: u32,
    /// How often the process died while it ran.
    pub crashes: u32,
    /// `imported` or `unchanged`, or the code of its failure.
    pub result: Option<String>,
    /// Who has it.
    pub worker: Option<WorkerId>,
    /// When it was added.
    pub added: Timestamp,
    /// When it came into its present state.
    pub changed: Timestamp,
    /// When it is tried again.
    pub due: Option<Timestamp>,
    /// All that is known of its last attempt; only where one job is asked for.
    pub record: Option<Record>,
}

impl Target {
    /// Whose turn a job takes.
    #[must_use]
    pub fn owner(&self) -> &str {
        self.project.owner()
    }
}

impl NewJob {
    /// What makes two jobs the same.
    #[must_use]
    pub fn key(&self) -> Key {
        Key::of(self)
    }

    /// Whether it is the same job for good: a version or a digest is known, or it belongs to a
    /// run, in which a source means what it meant at first.
    #[must_use]
    pub const fn is_fixed(&self) -> bool {
        self.run.is_some()
            || matches!(
                &self.source,
                Source::Registry {
                    version: Some(_),
                    ..
                }
            )
            || self.digest.is_some()
    }
}

/// The word by which requests for a source are limited: the ecosystem, the host of an address, or
/// `local`.
#[must_use]
pub fn registry_of(source: &Source) -> &str {
    match source {
        Source::Registry { ecosystem, .. } => ecosystem.scheme(),
        Source::Url(url, _) => url.host_str().unwrap_or("local"),
        Source::Path(..) => "local",
    }
}

/// The line in which the files of all hosts stand together; no host is called so. Were there one for
/// each of them, choosing among thousands would cost as many looks.
pub const HOSTS: &str = "hosts:";

/// The line of a source within its sandbox: that of its registry, or [`HOSTS`].
#[must_use]
pub fn line_of(source: &Source) -> &str {
    match source {
        Source::Registry { .. } | Source::Path(..) => registry_of(source),
        Source::Url(..) => HOSTS,
    }
}

/// The word by which requests for a source of [`HOSTS`] are limited, from its text.
#[must_use]
pub fn host_of(source: &str) -> String {
    let url = Source::kept(source);
    url.map_or_else(|_| "local".to_owned(), |it| registry_of(&it).to_owned())
}

impl Serialize for QueuedJob {
    /// One flat object; absent things are `null`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Flat<'a> {
            job: JobId,
            source: &'a str,
            state: State,
            result: Option<&'a str>,
            project: String,
            branches: Vec<&'a str>,
            making: &'a Making,
            sandbox: &'a str,
            registry: &'a str,
            priority: i32,
            background: bool,
            run: Option<RunId>,
            attempts: u32,
            crashes: u32,
            worker: Option<WorkerId>,
            added: Timestamp,
            changed: Timestamp,
            due: Option<Timestamp>,
            outcome: Option<&'a Record>,
        }
        let target = &self.target;
        Flat {
            job: self.id,
            source: &self.source,
            state: self.state,
            result: self.result.as_deref(),
            project: target.project.to_string(),
            branches: target.branches.iter().map(BranchName::as_str).collect(),
            making: &target.making,
            sandbox: &self.sandbox,
            registry: &self.registry,
            priority: self.priority,
            background: self.background,
            run: self.run,
            attempts: self.attempts,
            crashes: self.crashes,
            worker: self.worker,
            added: self.added,
            changed: self.changed,
            due: self.due,
            outcome: self.record.as_ref(),
        }
        .serialize(serializer)
    }
}

/// A compression as the text that options take.
mod as_text {
    use super::{Compression, Deserialize, Deserializer, Serializer, de};

    pub(super) fn serialize<S: Serializer>(
        value: &Compression,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        serializer.collect_str(value)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Compression, D::Error> {
        let text = String::deserialize(deserializer)?;
        text.parse().map_err(de::Error::custom)
    }
}
