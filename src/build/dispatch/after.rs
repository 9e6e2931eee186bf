//! What becomes of a build after an attempt. Pure.

use super::Settings;
use crate::build::entry::Build;
use crate::build::runner::Verdict;
use crate::build::state::{IllegalMove, State};
use crate::model::Code;
use jiff::Timestamp;
use std::time::Duration;

/// Failures of this machine after which a build is set aside.
const TROUBLES: u32 = 5;

/// What decides, apart from the verdict.
#[derive(Clone, Copy, Debug)]
pub(super) struct Policy {
    time_limit: Duration,
    losses: u32,
    pub(super) pause: Duration,
}

impl From<&Settings> for Policy {
    fn from(settings: &Settings) -> Self {
        Self {
            time_limit: settings.time_limit,
            losses: settings.losses,
            pause: settings.pause,
        }
    }
}

/// Why an attempt was halted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    /// Nobody wants the build.
    Unwanted,
    /// Its builder was taken away.
    Gone(String),
    /// This program stops.
    Stopped,
}

/// Moves a build that ran to where it is after the verdict.
pub(super) fn after(
    build: &mut Build,
    verdict: &Verdict,
    reason: Option<&Reason>,
    policy: Policy,
    now: Timestamp,
) -> Result<(), IllegalMove> {
    match (verdict, reason) {
        (Verdict::Succeeded, _) => build.finish(now),
        (Verdict::Failed(_) | Verdict::Lost(_) | Verdict::Halted, Some(Reason::Gone(why))) => {
            lose(build, why, policy, now)
        }
        (Verdict::Failed(code), _) => {
            let text = format!("the command ended with exit code {code}");
            build.end(State::Failed, Code::BuildFailed, &text, now)
        }
        (Verdict::TimedOut, _) => {
            let seconds = policy.time_limit.as_secs();
            let text = format!("it took longer than {seconds} s");
            build.end(State::Failed, Code::BuildTimeLimit, &text, now)
        }
        (Verdict::NoSource(why), _) => build.end(State::Failed, Code::FileNotReadable, why, now),
        (Verdict::Lost(why), _) => lose(build, why, policy, now),
        (Verdict::Halted, Some(Reason::Unwanted)) => build.cancel(now),
        (Verdict::Halted, _) => {
            build.requeue(None, now)?;
            // It is in the queue as if it had never been begun.
            build.trace.attempts -= 1;
            Ok(())
        }
        (Verdict::Unusable(why), _) => build.end(State::Failed, Code::BuildResults, why, now),
        (Verdict::Trouble(why), _) => trouble(build, why, policy, now),
        (Verdict::NoRoom(why), _) => {
            // All builds pause; see `Desk::rest`.
            build.requeue(None, now)?;
            build.trace.message = Some(why.clone());
            Ok(())
        }
    }
}

/// The builder of a build was lost: it goes elsewhere, unless that happened too often.
fn lose(build: &mut Build, why: &str, policy: Policy, now: Timestamp) -> Result<(), IllegalMove> {
    let builder = build.trace.builder.clone().unwrap_or_default();
    let text = format!("builder {builder} was lost: {why}");
    build.trace.lost.push(builder);
    build.trace.lost_at.extend(build.trace.builder_at.take());
    let lost = build.trace.lost.len();
    if lost >= policy.losses as usize {
        let text = format!("{lost} builders were lost; {text}");
        return build.end(State::SetAside, Code::BuilderLost, &text, now);
    }
    build.requeue(None, now)?;
    build.trace.message = Some(text);
    Ok(())
}

/// This machine failed: it is tried again, after ever longer pauses, unless that happened too often.
fn trouble(
    build: &mut Build,
    why: &str,
    policy: Policy,
    now: Timestamp,
) -> Result<(), IllegalMove> {
    build.trace.troubles += 1;
    let troubles = build.trace.troubles;
    if troubles >= TROUBLES {
        let text = format!("this machine failed {troubles} times; {why}");
        return build.end(State::SetAside, Code::BuildTrouble, &text, now);
    }
    build.requeue(Some(now + doubled(policy.pause, troubles - 1)), now)?;
    build.trace.message = Some(why.to_owned());
    Ok(())
}

/// A pause after so many others.
pub(super) fn doubled(pause: Duration, times: u32) -> Duration {
    pause * (1 << times.min(6))
}

/// The process died while a build ran: it is begun anew, unless that happened too often.
pub(super) fn crash(build: &mut Build, policy: Policy, now: Timestamp) -> Result<(), IllegalMove> {
    build.trace.crashes += 1;
    if build.trace.crashes >= policy.losses {
        let text = "distmill died too often while it ran";
        return build.end(State::SetAside, Code::InternalError, text, now);
    }
    build.requeue(None, now)
}

/// The machine of a ticket is one that the build had lost.
pub(super) fn refuse(
    build: &mut Build,
    machine: &str,
    policy: Policy,
    now: Timestamp,
) -> Result<(), IllegalMove> {
    let refusals = build.trace.refusals + 1;
    build.trace.refusals = refusals;
    if refusals >= 10 {
        let text = format!("no other builder than {machine} is to be had, which it had lost");
        return build.end(State::SetAside, Code::BuilderLost, &text, now);
    }
    build.requeue(Some(now + doubled(policy.pause, refusals)), now)
}
