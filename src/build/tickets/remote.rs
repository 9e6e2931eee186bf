//! Tickets of a resalloc server elsewhere, by XML-RPC.
//!
//! A task a ticket, no thread: it takes the ticket, waits for its builder (`waitTicket` answers when
//! there is one), and asks now and then whether the ticket is still open. Where the way to the
//! server fails it tries again; a take is not repeated, for nobody could tell whether the first one
//! took a ticket.

use super::{News, Tell, Tickets, Wanted};
use crate::build::entry::BuildId;
use crate::net::xmlrpc::{CallError, Caller, Pending, Value};
use crate::sync::hold;
use std::collections::HashSet;
use std::pin::pin;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::{sleep, timeout};

/// Between two attempts to reach the server.
const AGAIN: Duration = Duration::from_secs(3);

/// Between two looks whether a ticket is still open.
const LOOK: Duration = Duration::from_secs(30);

/// The longest wait in one call; a server that hangs is found out then.
const WAIT: Duration = Duration::from_secs(3600);

/// The time for a call that the server answers at once.
const CALL: Duration = Duration::from_secs(60);

/// Why a ticket is gone.
const ENDED: &str = "the server ended the ticket";

/// How a ticket stands at the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Standing {
    Open,
    Failed,
    /// Or it was never there.
    Closed,
}

/// A call, given up when nobody waits for it any more.
struct Awaited(Pending);

impl Drop for Awaited {
    fn drop(&mut self) {
        self.0.cancel();
    }
}

/// Tickets of a server.
#[derive(Clone, Debug)]
pub struct Remote {
    caller: Caller,
    /// Its address.
    giver: Arc<str>,
    runtime: Handle,
    /// Between two looks whether a ticket is still open.
    look: Duration,
    /// The tickets that were taken here and not closed.
    open: Arc<Mutex<HashSet<String>>>,
}

impl Remote {
    /// Tickets of the server that the caller knows, at this address.
    #[must_use]
    pub fn new(caller: Caller, address: &str, runtime: Handle) -> Self {
        Self {
            caller,
            giver: address.into(),
            runtime,
            look: LOOK,
            open: Arc::default(),
        }
    }

    /// Looks so often whether a ticket is still open.
    #[must_use]
    pub const fn looking_every(mut self, period: Duration) -> Self {
        self.look = period;
        self
    }

    fn open(&self) -> MutexGuard<'_, HashSet<String>> {
        hold(&self.open)
    }

    async fn call(
        &self,
        method: &str,
        params: &[Value],
        limit: Duration,
    ) -> Result<Value, CallError> {
        let (sender, receiver) = oneshot::channel();
        let done = move |result| drop(sender.send(result));
        let _pending = Awaited(self.caller.begin(method, params, Some(limit), done)?);
        let result = receiver.await;
        result.unwrap_or_else(|_| Err(CallError::Net(crate::net::Error::Stopped)))
    }

    /// The whole life of a ticket, but for its end.
    async fn serve(self, build: BuildId, wanted: Wanted, tell: Tell) {
        let tags = wanted.tags.iter().map(|it| Value::from(it.as_str()));
        let sandbox = wanted.sandbox.as_deref();
        let params = [
            Value::Array(tags.collect()),
            sandbox.map_or(Value::Nil, Value::from),
        ];
        let taken = self.call("takeTicket", &params, CALL).await;
        let id = match taken.map(|it| it.as_int()) {
            Ok(Some(id)) => id,
            Ok(None) => {
                let reason = "the server's answer is no ticket".to_owned();
                return tell(News::Refused { build, reason });
            }
            Err(error) => {
                let reason = error.to_string();
                return tell(News::Refused { build, reason });
            }
        };
        let ticket = id.to_string();
        self.open().insert(ticket.clone());
        tell(News::Taken {
            build,
            ticket: ticket.clone(),
        });
        match self.wait(id, &ticket).await {
            Ok(Some(output)) => tell(News::Ready {
                ticket: ticket.clone(),
                output,
            }),
            Ok(None) => return,
            Err(reason) => return tell(News::Gone { ticket, reason }),
        }
        if let Some(reason) = self.look_after(id, &ticket).await {
            tell(News::Gone { ticket, reason });
        }
    }

    /// Waits for the builder; nothing if the ticket was closed here meanwhile.
    async fn wait(&self, id: i64, ticket: &str) -> Result<Option<Vec<u8>>, String> {
        let params = [Value::Int(id)];
        while self.open().contains(ticket) {
            let mut answer = pin!(self.call("waitTicket", &params, WAIT));
            let answer = loop {
                match timeout(self.look, &mut answer).await {
                    Ok(answer) => break answer,
                    // A server may leave who waits for a ticket that was closed there without answer.
                    Err(_) if !self.open().contains(ticket) => return Ok(None),
                    Err(_) => match self.state(id).await {
                        Some(Standing::Open) | None => {}
                        Some(_) => return Err(ENDED.to_owned()),
                    },
                }
            };
            match answer {
                Ok(Value::Bytes(output)) => return Ok(Some(output)),
                Ok(Value::String(output)) => return Ok(Some(output.into_bytes())),
                Ok(other) => return Err(format!("the server's answer is {}", other.kind())),
                Err(error) if error.may_pass() => sleep(AGAIN).await,
                Err(error) => return Err(error.to_string()),
            }
        }
        Ok(None)
    }

    /// Looks whether the ticket is still open, for as long as it is not closed here; why it is not.
    async fn look_after(&self, id: i64, ticket: &str) -> Option<String> {
        loop {
            sleep(self.look).await;
            if !self.open().contains(ticket) {
                return None;
            }
            if let Some(Standing::Failed | Standing::Closed) = self.state(id).await {
                return Some(ENDED.to_owned());
            }
        }
    }

    /// What the server says of a ticket; nothing where it does not answer.
    async fn state(&self, id: i64) -> Option<Standing> {
        let state = self.call("collectTicket", &[Value::Int(id)], CALL).await;
        let state = state.ok()?;
        let is = |name: &str| state.member(name) == Some(&Value::Bool(true));
        let is_unknown = state.member("ready") == Some(&Value::Nil);
        Some(match (is("closed") || is_unknown, is("failed")) {
            (true, _) => Standing::Closed,
            (_, true) => Standing::Failed,
            _ => Standing::Open,
        })
    }

    async fn end(self, ticket: String, tell: Tell) {
        self.open().remove(&ticket);
        if let Ok(id) = ticket.parse() {
            while let Err(error) = self.call("closeTicket", &[Value::Int(id)], CALL).await {
                // A fault may be the server's own trouble; or there is no such ticket (any more).
                let is_fault = matches!(error, CallError::Fault { .. });
                if is_fault && self.state(id).await == Some(Standing::Closed) {
                    break;
                }
                tracing::warn!(ticket, %error, "a ticket cannot be closed yet");
                sleep(AGAIN).await;
            }
        }
        tell(News::Closed { ticket });
    }
}

impl Tickets for Remote {
    fn giver(&self) -> &str {
        &self.giver
    }

    fn take(&self, wanted: Vec<(BuildId, Wanted)>, tell: &Tell) {
        for (build, wanted) in wanted {
            let it = self.clone();
            self.runtime
                .spawn(it.serve(build, wanted, Arc::clone(tell)));
        }
    }

    fn close(&self, ticket: &str, _: Option<&str>, tell: &Tell) {
        let it = self.clone();
        self.runtime
            .spawn(it.end(ticket.to_owned(), Arc::clone(tell)));
    }

    fn ahead(&self, _: &[&[String]]) -> Option<Vec<u32>> {
        // The protocol tells nothing of pools.
        None
    }

    fn strays(&self) -> Vec<String> {
        // The protocol lists no tickets.
        Vec::new()
    }
}
