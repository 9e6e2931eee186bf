//! Tickets of a resalloc server elsewhere, by XML-RPC.
//!
//! A task a ticket, no thread: it takes the ticket, waits for its builder (`waitTicket` answers when
//! there is one), and then asks now and then whether the ticket is still open. Where the way to the
//! server fails it tries again; a take is not repeated, for nobody could tell whether the first one
//! took a ticket.

use super::{News, Tell, Tickets, Wanted};
use crate::build::entry::BuildId;
use crate::net::xmlrpc::{CallError, Caller, Value};
use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot;
use tokio::time::sleep;

/// Between two attempts to reach the server.
const AGAIN: Duration = Duration::from_secs(3);

/// Between two looks whether the ticket of a running build is still open.
const LOOK: Duration = Duration::from_secs(30);

/// The longest wait in one call; a server that hangs is found out then.
const WAIT: Duration = Duration::from_secs(3600);

/// The time for a call that the server answers at once.
const CALL: Duration = Duration::from_secs(60);

/// Tickets of a server.
#[derive(Clone, Debug)]
pub struct Remote {
    caller: Caller,
    runtime: Handle,
    /// The tickets that were taken here and not closed.
    open: Arc<Mutex<HashSet<String>>>,
}

impl Remote {
    /// Tickets of the server that the caller knows.
    #[must_use]
    pub fn new(caller: Caller, runtime: Handle) -> Self {
        Self {
            caller,
            runtime,
            open: Arc::default(),
        }
    }

    fn open(&self) -> MutexGuard<'_, HashSet<String>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn call(
        &self,
        method: &str,
        params: &[Value],
        limit: Duration,
    ) -> Result<Value, CallError> {
        let (sender, receiver) = oneshot::channel();
        let done = move |result| drop(sender.send(result));
        let pending = self.caller.begin(method, params, Some(limit), done)?;
        let result = receiver.await;
        drop(pending);
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
        while self.open().contains(ticket) {
            match self.call("waitTicket", &[Value::Int(id)], WAIT).await {
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
            sleep(LOOK).await;
            if !self.open().contains(ticket) {
                return None;
            }
            let Ok(state) = self.call("collectTicket", &[Value::Int(id)], CALL).await else {
                continue;
            };
            let is = |name: &str| state.member(name) == Some(&Value::Bool(true));
            let is_unknown = state.member("ready") == Some(&Value::Nil);
            if is("closed") || is("failed") || is_unknown {
                return Some("the server ended the ticket".to_owned());
            }
        }
    }

    async fn end(self, ticket: String, tell: Tell) {
        self.open().remove(&ticket);
        let params = [Value::from(ticket.as_str())];
        let id = params[0].as_int().map_or(Value::Nil, Value::Int);
        loop {
            match self
                .call("closeTicket", std::slice::from_ref(&id), CALL)
                .await
            {
                Ok(_) => break,
                // There is no such ticket (any more).
                Err(CallError::Fault { .. }) => break,
                Err(error) => {
                    tracing::warn!(ticket, %error, "a ticket cannot be closed yet");
                    sleep(AGAIN).await;
                }
            }
        }
        tell(News::Closed { ticket });
    }
}

impl Tickets for Remote {
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
