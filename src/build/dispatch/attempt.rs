//! An attempt at a build: what it is told, and what is done at its end.

use super::Event;
use super::after::{Reason, after};
use super::desk::Desk;
use crate::build::command::Values;
use crate::build::entry::{Build, BuildId};
use crate::build::machine::Machine;
use crate::build::results::LOG;
use crate::build::runner::{Halt, Order, Verdict};
use crate::build::tickets::Wanted;
use crate::model::Code;
use crate::sync::hold;
use jiff::Timestamp;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex};

impl Desk<'_> {
    /// Begins a build on its builder.
    pub(super) fn begin(&mut self, id: BuildId, machine: Machine) {
        let Some(held) = self.held.get_mut(&id) else {
            return;
        };
        let (halt, halted) = Halt::pair();
        if hold(&held.reason).is_some() {
            halt.halt();
        }
        held.halt = Some(halt);
        let (build, reason) = (held.build.clone(), Arc::clone(&held.reason));
        let end = self.end(build.clone(), reason);
        match self.order(&build, machine) {
            Ok(order) => self.with.runner.begin(order, halted, Box::new(end)),
            Err(verdict) => {
                self.with.runtime.spawn_blocking(move || end(verdict));
            }
        }
    }

    /// What is done at the end of an attempt, on the runner's thread: results are kept before the
    /// build is marked.
    fn end(
        &self,
        mut build: Build,
        reason: Arc<Mutex<Option<Reason>>>,
    ) -> impl FnOnce(Verdict) + Send + 'static {
        let (results, post, policy) = (self.with.results.clone(), self.post.clone(), self.policy);
        move |mut verdict| {
            let reason = hold(&reason).clone();
            let before = build.clone();
            let now = Timestamp::now();
            let moved = after(&mut build, &verdict, reason.as_ref(), policy, now);
            moved.expect("a build that was begun runs");
            if !build.state().is_open()
                && let Err(error) = results.keep(&mut build)
            {
                tracing::warn!(build = build.id, %error, "results cannot be kept");
                verdict = match error.code() {
                    Code::DiskFull => Verdict::NoRoom(error.to_string()),
                    _ => Verdict::Trouble(error.to_string()),
                };
                build = before;
                let moved = after(&mut build, &verdict, None, policy, now);
                moved.expect("a build that was begun runs");
            }
            let is_full = matches!(verdict, Verdict::NoRoom(_));
            post.send(Event::Ended(Box::new(build), is_full));
        }
    }

    /// Keeps the log of a build that ends outside of an attempt. Whether the build has one.
    pub(super) fn keep_log(&self, build: &mut Build) -> bool {
        let kept = self.with.results.keep_log(build);
        kept.unwrap_or_else(|error| {
            tracing::warn!(build = build.id, %error, "a log cannot be kept");
            false
        })
    }

    fn order(&self, build: &Build, machine: Machine) -> Result<Order, Verdict> {
        let settings = self.with.settings;
        let target = settings.target(build);
        let target = target.ok_or_else(|| Verdict::Trouble("its target is gone".to_owned()))?;
        let folder = self.with.results.begin(build.id);
        let folder = folder.map_err(|error| Verdict::of_here("cannot begin", &error.source))?;
        let mut values = Values::default();
        let what = &build.what;
        let branch = target.branch.as_ref().map_or("", |it| it.as_str());
        for (word, value) in [
            ("target", target.name.as_str()),
            ("arch", &target.architecture),
            ("package", &what.package),
            ("evr", &what.evr),
            ("owner", what.project.owner()),
            ("project", what.project.name()),
            ("branch", branch),
            ("commit", what.commit.as_deref().unwrap_or_default()),
            ("clone_url", &settings.clones.clone_url(build)),
            ("builder", &machine.name),
            ("build", &build.id.to_string()),
        ] {
            values.set(word, value);
        }
        let attempt = build.trace.attempts;
        let headed = head(&folder, build, &machine);
        headed.map_err(|error| Verdict::of_here("cannot begin the log", &error))?;
        Ok(Order {
            name: format!("distmill-{}-{attempt}", build.id),
            machine,
            command: match &target.command {
                Some(own) => Arc::new(own.clone()),
                None => Arc::clone(&settings.command),
            },
            values,
            srpm: what.srpm.clone(),
            folder,
            time_limit: settings.time_limit,
            max_log: settings.max_log,
        })
    }
}

/// Writes to the log which attempt begins where.
fn head(folder: &Path, build: &Build, machine: &Machine) -> io::Result<()> {
    let mut log = File::options()
        .create(true)
        .append(true)
        .open(folder.join(LOG))?;
    let (attempt, time) = (build.trace.attempts, Timestamp::now());
    let time = time.strftime("%Y-%m-%d %H:%M:%SZ");
    writeln!(log, "== attempt {attempt} on {} at {time}", machine.name)
}

/// What a build asks for. One that lost a builder asks for a fresh one: out of its sandbox it might
/// get the same again.
pub(super) fn want(build: &Build) -> Wanted {
    let what = &build.what;
    let is_first = build.trace.lost.is_empty() && build.trace.refusals == 0;
    Wanted {
        tags: build.trace.tags.clone(),
        sandbox: is_first.then(|| what.sandbox.clone()),
        owner: what.project.owner().to_owned(),
        priority: match (
            build.trace.tags.iter().any(|it| it == "arch_noarch"),
            what.background,
        ) {
            (true, false) => 10,
            (true, true) => 5,
            (false, true) => -10,
            (false, false) => 0,
        },
    }
}
