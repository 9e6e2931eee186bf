//! What a registry can do wrong.

use super::scope::Target;
use super::{Reply, State};
use std::time::Duration;

/// One misbehaviour. Of several that apply to a request the first answers; delays come before.
#[derive(Clone, Debug)]
pub(crate) enum Fault {
    /// Answers late.
    Delay(Duration),
    /// Accepts the request and never answers.
    Hang,
    /// Accepts the request, and answers once the scope is healed.
    Hold,
    /// Sends half of the body and then nothing, the connection kept open.
    Stall,
    /// Announces the whole body, sends half of it and closes.
    Truncate,
    /// Sends one byte after each pause.
    Trickle(Duration),
    /// Announces no length.
    NoLength,
    /// Answers the first so many requests with a status, such as 500.
    FailFirst(usize, u16),
    /// Answers every request with a status.
    Fail(u16),
    /// Another one, for the first so many requests.
    First(usize, Box<Self>),
    /// Answers the first so many requests with 429 and a `Retry-After` header.
    RateLimit(usize, String),
    /// Redirects to itself for ever.
    RedirectLoop,
    /// Redirects to the same page under `/moved/`.
    RedirectOnce,
    /// Answers with success, and a body that is no index.
    Garbage,
}

/// A fault, where it applies, and how often it has.
pub(super) struct Rule {
    pub(super) target: Target,
    pub(super) fault: Fault,
    pub(super) used: usize,
}

impl Rule {
    fn is_spent(&self) -> bool {
        match self.fault {
            Fault::FailFirst(times, _) | Fault::RateLimit(times, _) | Fault::First(times, _) => {
                self.used >= times
            }
            _ => false,
        }
    }
}

/// How a reply's body is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Pace {
    Whole,
    Stall,
    Truncate,
    Trickle(Duration),
    NoLength,
}

/// What the faults make of one request.
pub(super) struct Plan {
    pub(super) delay: Duration,
    pub(super) hang: bool,
    /// Waits for the end of what holds it, and is then planned anew.
    pub(super) held: bool,
    pub(super) pace: Pace,
    /// Instead of what was asked for.
    pub(super) reply: Option<Reply>,
}

impl Plan {
    /// The plan for a request for `path`, which is `moved` if it follows a redirect of ours.
    pub(super) fn make(state: &mut State, path: &str, moved: bool) -> Self {
        let mut plan = Self {
            delay: Duration::ZERO,
            hang: false,
            held: false,
            pace: Pace::Whole,
            reply: None,
        };
        let mut answered = false;
        for rule in &mut state.faults {
            if !rule.target.matches(path) || rule.is_spent() {
                continue;
            }
            if let Fault::Delay(delay) = rule.fault {
                plan.delay += delay;
            } else if matches!(rule.fault, Fault::Hold) {
                plan.held = true;
            } else if !(answered || moved && matches!(rule.fault, Fault::RedirectOnce)) {
                answered = true;
                rule.used += 1;
                plan.take(&rule.fault, path);
            }
        }
        plan
    }

    fn take(&mut self, fault: &Fault, path: &str) {
        match fault {
            Fault::Delay(_) | Fault::Hold => {}
            Fault::First(_, fault) => self.take(fault, path),
            Fault::Hang => self.hang = true,
            Fault::Stall => self.pace = Pace::Stall,
            Fault::Truncate => self.pace = Pace::Truncate,
            Fault::Trickle(pause) => self.pace = Pace::Trickle(*pause),
            Fault::NoLength => self.pace = Pace::NoLength,
            Fault::FailFirst(_, status) | Fault::Fail(status) => {
                self.reply = Some(Reply::status(*status));
            }
            Fault::RateLimit(_, wait) => {
                self.reply = Some(Reply::status(429).header("retry-after", wait));
            }
            Fault::RedirectLoop => self.reply = Some(Reply::redirect(path)),
            Fault::RedirectOnce => self.reply = Some(Reply::redirect(&format!("/moved{path}"))),
            Fault::Garbage => {
                let body = "<!DOCTYPE html><title>Sign in</title><p>\u{0}%(exit 1) {{[[";
                self.reply = Some(Reply::page("text/html", body));
            }
        }
    }
}
