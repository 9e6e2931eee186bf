//! What the dispatcher does by itself: turns, pauses that are over, the end; and how it is done.

use super::after::{Reason, after};
use super::desk::{Desk, Held, set};
use super::{Act, DispatchError, Event};
use crate::build::command::Values;
use crate::build::entry::{Build, BuildId};
use crate::build::machine::Machine;
use crate::build::results::{LOG, refresh};
use crate::build::runner::{Halt, Order, Verdict};
use crate::build::state::State;
use crate::build::store::{Filter, Move};
use crate::build::tickets::Wanted;
use crate::model::Code;
use jiff::Timestamp;
use std::collections::HashMap;
use std::fs::File;
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The longest sleep: nothing is expected then.
const LONGEST: Duration = Duration::from_secs(3600);

/// Builds that are read at once.
const PAGE: usize = 500;

impl Desk<'_> {
    /// Pauses that are over, and repositories that are to be refreshed.
    pub(super) fn advance(&mut self, now: Timestamp) {
        let mut over = Vec::new();
        while let Some((due, id)) = self.due.first().copied().filter(|it| it.0 <= now) {
            self.due.remove(&(due, id));
            over.push(id);
        }
        for id in over {
            match self.with.store.build(id) {
                Ok(Some(build)) if build.state() == State::Queued => self.enqueue(&build),
                Ok(_) => {}
                Err(error) => {
                    tracing::error!(build = id, %error, "a build cannot be read");
                    self.due.insert((now + self.with.settings.pause, id));
                }
            }
        }
        let is_ending = self.with.stop.is_draining();
        if let Some(repository) = self.tidy.next(is_ending) {
            self.acts.push(Act::Refresh(repository));
        }
    }

    /// Sends builds for their tickets whose turn it is.
    pub(super) fn give_turns(&mut self, now: Timestamp) -> Result<(), DispatchError> {
        if self.rest.is_some_and(|it| it > now) {
            return Ok(());
        }
        self.line.look_ahead(|tags| self.with.tickets.ahead(tags));
        let ids: Vec<BuildId> = std::iter::from_fn(|| self.line.take()).collect();
        for page in ids.chunks(PAGE) {
            let filter = Filter {
                builds: Some(page.to_vec()),
                ..Filter::default()
            };
            let found = self.with.store.find(&filter)?.into_iter();
            let mut found: HashMap<BuildId, Build> = found.map(|it| (it.id, it)).collect();
            // The order of the turns is that of the tickets.
            for mut build in page.iter().filter_map(|id| found.remove(id)) {
                if build.is_unwanted && build.state() == State::Queued {
                    self.drop_queued(build, now);
                    continue;
                }
                let Some(target) = self.with.settings.target(&build) else {
                    continue;
                };
                let tags = self.with.settings.tags(&build, target);
                if build.wait(tags, now).is_err() {
                    // It was cancelled: the change says so next.
                    self.line.leave(build.id);
                    continue;
                }
                self.acts.push(Act::Take(build.id));
                self.moves.push(Move {
                    from: State::Queued,
                    build: build.clone(),
                });
                let held = Held {
                    build,
                    ticket: None,
                    halt: None,
                    reason: Arc::default(),
                };
                self.held.insert(held.build.id, held);
            }
        }
        Ok(())
    }

    /// Nothing new begins: what waits goes back; what runs too, if it is to stop.
    pub(super) fn wind_up(&mut self, is_stopped: bool, now: Timestamp) {
        for held in self.held.values() {
            if is_stopped && held.build.state() == State::Running {
                set(&held.reason, Reason::Stopped);
                self.acts.push(Act::Halt(held.build.id));
            }
        }
        self.give_all_back(now);
    }

    /// What waits for a ticket goes back into the queue. Which builds did.
    pub(super) fn give_all_back(&mut self, now: Timestamp) -> Vec<Build> {
        let waiting = self.held.values().map(|it| &it.build);
        let waiting = waiting.filter(|it| it.state() == State::Waiting);
        let mut waiting: Vec<BuildId> = waiting.map(|it| it.id).collect();
        waiting.sort_unstable();
        let mut back = Vec::new();
        for id in waiting {
            if let Some(mut held) = self.held.remove(&id)
                && held.build.requeue(None, now).is_ok()
            {
                self.line.leave(id);
                if let Some(ticket) = held.ticket.take() {
                    self.close(ticket, None);
                }
                self.moves.push(Move {
                    from: State::Waiting,
                    build: held.build.clone(),
                });
                back.push(held.build);
            }
        }
        back
    }

    /// Whether nothing is left to do.
    pub(super) fn is_over(&self) -> bool {
        let is_idle = self.held.is_empty() && self.tickets.is_empty() && self.asked == 0;
        let is_done = self.line.counts() == (0, 0, 0) && self.due.is_empty();
        let may_end = match self.with.stop.is_draining() {
            true => true,
            false => !self.with.settings.follow && is_done,
        };
        is_idle && may_end && self.tidy.is_clean() && self.acts.is_empty()
    }

    /// Whether only tickets are left that have to be closed.
    pub(super) fn has_only_tickets(&self) -> bool {
        self.held.is_empty() && self.tidy.is_clean()
    }

    /// How long to sleep unless something happens.
    pub(super) fn longest(&self, now: Timestamp) -> Duration {
        let due = self.due.first().map(|it| it.0.duration_since(now));
        let due = due.map(|it| Duration::try_from(it).unwrap_or_default());
        let tidy = self.tidy.longest();
        // A ticket that cannot be closed must not keep a stopped dispatcher for ever.
        let is_ending = self.with.stop.is_draining() && self.has_only_tickets();
        let rest = self.rest.filter(|it| *it > now);
        let rest = rest.and_then(|it| Duration::try_from(it.duration_since(now)).ok());
        let all = [due, rest, tidy, is_ending.then_some(Duration::from_secs(5))];
        all.into_iter()
            .flatten()
            .min()
            .unwrap_or(LONGEST)
            .min(LONGEST)
    }

    /// Does what was written down.
    pub(super) fn carry_out(&mut self, acts: Vec<Act>) {
        let mut wanted = Vec::new();
        for act in acts {
            match act {
                Act::Take(id) => wanted.extend(self.held.get(&id).map(|it| (id, want(&it.build)))),
                Act::Begin(id, machine) => self.begin(id, machine),
                Act::Close(ticket, complaint) => {
                    let tickets = self.with.tickets;
                    tickets.close(&ticket, complaint.as_deref(), &self.tell);
                }
                Act::Halt(id) => {
                    if let Some(halt) = self.held.get(&id).and_then(|it| it.halt.as_ref()) {
                        halt.halt();
                    }
                }
                Act::Refresh(repository) => {
                    let program = self.with.settings.createrepo.clone().unwrap_or_default();
                    let post = self.post.clone();
                    self.with.runtime.spawn(async move {
                        let result = refresh(&program, &repository).await;
                        post.send(Event::Refreshed(repository, result));
                    });
                }
            }
        }
        if !wanted.is_empty() {
            self.asked += wanted.len();
            self.with.tickets.take(wanted, &self.tell);
        }
    }

    fn begin(&mut self, id: BuildId, machine: Machine) {
        let Some(held) = self.held.get_mut(&id) else {
            return;
        };
        let (halt, halted) = Halt::pair();
        if held
            .reason
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .is_some()
        {
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
            let reason = reason
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .clone();
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
fn want(build: &Build) -> Wanted {
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
