//! A build as it is added, and as it stands.
//!
//! Its state changes only through [`Build`]'s methods, so that no build ends twice or runs without a
//! ticket. What people and programs see of a build is [`Build`] serialised: one flat object.

use super::state::{IllegalMove, State};
use crate::model::{Code, Project};
use jiff::Timestamp;
use serde::{Deserialize, Serialize, Serializer};
use std::path::PathBuf;

/// The number of a build.
pub type BuildId = u64;

/// What is built, and for what.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NewBuild {
    /// The project that the package belongs to.
    pub project: Project,
    /// The name of the package.
    pub package: String,
    /// Its `[epoch:]version-release`, as far as it is known.
    pub evr: String,
    /// The commit that it was imported as, if there is one.
    pub commit: Option<String>,
    /// The source package; absolute.
    pub srpm: PathBuf,
    /// The name of the target.
    pub target: String,
    /// The group of builds that takes turns with the owner's others, and shares builders.
    pub sandbox: String,
    /// Places later (or, below 0, earlier) in its sandbox's line.
    pub priority: i32,
    /// Whether it gives way to builds that somebody waits for.
    pub background: bool,
    /// The name of the run of imports that it belongs to.
    pub run: Option<String>,
}

impl NewBuild {
    /// What makes two builds the same: target, project, source package and commit.
    #[must_use]
    pub fn key(&self) -> String {
        let commit = self.commit.as_deref().unwrap_or_default();
        let srpm = self.srpm.display();
        format!("{} {} {commit} {srpm}", self.target, self.project)
    }
}

/// What is known of the attempts at a build.
#[derive(Clone, Debug, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Trace {
    /// How often it was begun on a builder.
    pub attempts: u32,
    /// The machines that it lost, in order; it does not come to any of them again.
    pub lost: Vec<String>,
    /// How often the machine of a ticket was one that it had lost.
    pub refusals: u32,
    /// How often this program died while it ran.
    pub crashes: u32,
    /// How often this machine failed at it.
    pub troubles: u32,
    /// Where the machines are that it lost.
    pub lost_at: Vec<String>,
    /// Where the machine of the last attempt is.
    pub builder_at: Option<String>,
    /// The open ticket.
    pub ticket: Option<String>,
    /// The tags that were asked for.
    pub tags: Vec<String>,
    /// The builder of the last attempt.
    pub builder: Option<String>,
    /// Why it failed, in a sentence.
    pub message: Option<String>,
    /// When the last attempt began on its builder.
    pub started: Option<Timestamp>,
    /// The folder of its files.
    pub results: Option<PathBuf>,
    /// The binary packages that it made.
    pub packages: Vec<String>,
}

/// A build as it stands.
#[derive(Clone, Debug, PartialEq)]
pub struct Build {
    /// Its number.
    pub id: BuildId,
    /// What is built.
    pub what: NewBuild,
    /// The code of its end, where that is no success.
    pub code: Option<String>,
    /// Whether somebody wants it to end.
    pub is_unwanted: bool,
    /// When it was added.
    pub added: Timestamp,
    /// When it came into its present state.
    pub changed: Timestamp,
    /// It is not begun before.
    pub due: Option<Timestamp>,
    /// The attempts.
    pub trace: Trace,
    state: State,
}

impl Build {
    /// A build that was just added.
    #[must_use]
    pub fn new(id: BuildId, what: NewBuild, now: Timestamp) -> Self {
        Self {
            id,
            what,
            code: None,
            is_unwanted: false,
            added: now,
            changed: now,
            due: None,
            trace: Trace::default(),
            state: State::Queued,
        }
    }

    /// The same build as a store kept it.
    #[must_use]
    pub const fn restored(mut self, state: State) -> Self {
        self.state = state;
        self
    }

    /// Where it stands.
    #[must_use]
    pub const fn state(&self) -> State {
        self.state
    }

    /// Goes for a ticket with these tags.
    ///
    /// # Errors
    /// Unless it is queued.
    pub fn wait(&mut self, tags: Vec<String>, now: Timestamp) -> Result<(), IllegalMove> {
        self.go(State::Waiting, now)?;
        self.due = None;
        self.trace.tags = tags;
        Ok(())
    }

    /// Runs on a builder.
    ///
    /// # Errors
    /// Unless it waits for a ticket.
    pub fn run(&mut self, builder: &str, now: Timestamp) -> Result<(), IllegalMove> {
        self.go(State::Running, now)?;
        self.trace.builder = Some(builder.to_owned());
        self.trace.started = Some(now);
        self.trace.attempts += 1;
        Ok(())
    }

    /// Goes back into the queue, not to be begun before `due`.
    ///
    /// # Errors
    /// When it is queued or finished.
    pub fn requeue(&mut self, due: Option<Timestamp>, now: Timestamp) -> Result<(), IllegalMove> {
        self.go(State::Queued, now)?;
        self.due = due;
        self.code = None;
        self.trace.ticket = None;
        Ok(())
    }

    /// Is put back by hand: as if it had never been begun.
    ///
    /// # Errors
    /// Unless it failed, was cancelled or set aside.
    pub fn retry(&mut self, now: Timestamp) -> Result<(), IllegalMove> {
        if !self.state.may_retry() {
            return Err(self.illegal(State::Queued));
        }
        self.requeue(None, now)?;
        self.is_unwanted = false;
        self.trace = Trace::default();
        Ok(())
    }

    /// Was built.
    ///
    /// # Errors
    /// Unless it runs.
    pub fn finish(&mut self, now: Timestamp) -> Result<(), IllegalMove> {
        self.go(State::Finished, now)?;
        self.trace.message = None;
        Ok(())
    }

    /// Ends in another way: `state` is failed, cancelled or set aside.
    ///
    /// # Errors
    /// When it has ended.
    pub fn end(
        &mut self,
        state: State,
        code: Code,
        message: &str,
        now: Timestamp,
    ) -> Result<(), IllegalMove> {
        self.go(state, now)?;
        self.code = Some(code.as_str().to_owned());
        self.trace.message = Some(message.to_owned());
        Ok(())
    }

    /// Is taken out.
    ///
    /// # Errors
    /// When it has ended.
    pub fn cancel(&mut self, now: Timestamp) -> Result<(), IllegalMove> {
        let text = "it was cancelled";
        self.end(State::Cancelled, Code::BuildCancelled, text, now)
    }

    /// Seconds that its last attempt took, once it has ended.
    #[must_use]
    pub fn seconds(&self) -> Option<f64> {
        let started = self.trace.started.filter(|_| !self.state.is_open())?;
        Some(
            (self.changed - started)
                .total(jiff::Unit::Second)
                .unwrap_or_default(),
        )
    }

    fn go(&mut self, next: State, now: Timestamp) -> Result<(), IllegalMove> {
        if !self.state.may_become(next) {
            return Err(self.illegal(next));
        }
        self.state = next;
        self.changed = now;
        Ok(())
    }

    const fn illegal(&self, to: State) -> IllegalMove {
        IllegalMove {
            from: self.state,
            to,
        }
    }
}

impl Serialize for Build {
    /// One flat object; absent things are `null`.
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Flat<'a> {
            build: BuildId,
            package: &'a str,
            evr: &'a str,
            target: &'a str,
            state: State,
            code: Option<&'a str>,
            project: String,
            commit: Option<&'a str>,
            srpm: &'a PathBuf,
            sandbox: &'a str,
            priority: i32,
            background: bool,
            run: Option<&'a str>,
            added: Timestamp,
            changed: Timestamp,
            due: Option<Timestamp>,
            seconds: Option<f64>,
            #[serde(flatten)]
            trace: &'a Trace,
        }
        let what = &self.what;
        Flat {
            build: self.id,
            package: &what.package,
            evr: &what.evr,
            target: &what.target,
            state: self.state,
            code: self.code.as_deref(),
            project: what.project.to_string(),
            commit: what.commit.as_deref(),
            srpm: &what.srpm,
            sandbox: &what.sandbox,
            priority: what.priority,
            background: what.background,
            run: what.run.as_deref(),
            added: self.added,
            changed: self.changed,
            due: self.due,
            seconds: self.seconds(),
            trace: &self.trace,
        }
        .serialize(serializer)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_build_moves_only_as_it_may() {
        let now = Timestamp::UNIX_EPOCH;
        let what = NewBuild {
            project: Project::parse("a/b").unwrap(),
            package: "p".to_owned(),
            evr: "1-1".to_owned(),
            commit: None,
            srpm: "/p-1-1.src.rpm".into(),
            target: "t-noarch".to_owned(),
            sandbox: "a/b".to_owned(),
            priority: 0,
            background: false,
            run: None,
        };
        let mut build = Build::new(1, what, now);
        assert!(build.run("m", now).is_err() && build.finish(now).is_err());
        build.wait(vec!["x".to_owned()], now).unwrap();
        build.trace.ticket = Some("7".to_owned());
        build.run("m", now).unwrap();
        build.requeue(None, now).unwrap();
        assert_eq!((build.trace.attempts, &build.trace.ticket), (1, &None));
        build.wait(Vec::new(), now).unwrap();
        build.run("n", now).unwrap();
        build.finish(now).unwrap();
        assert!(build.retry(now).is_err());
        let text = build.requeue(None, now).unwrap_err().to_string();
        assert_eq!(text, "a build that is finished cannot become queued");
        let value = serde_json::to_value(&build).unwrap();
        assert_eq!(
            (&value["builder"], &value["state"]),
            (&"n".into(), &"finished".into())
        );
    }
}
