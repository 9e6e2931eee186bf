//! The methods: arguments in, calls of the allocator, values or faults out.

use super::{introspection, pools};
use crate::alloc::error::AllocError;
use crate::alloc::ticket::{Request, Tags, TicketId, TicketState};
use crate::alloc::{Allocator, Checked, WatchId};
use crate::net::xmlrpc::{Call, Fault, Value};
use std::sync::Arc;
use tokio::sync::oneshot;

/// Answers a call.
pub(super) async fn answer(allocator: &Allocator, call: Call) -> Result<Value, Fault> {
    let Call { method, params } = call;
    let method = method.as_str();
    match method {
        "takeTicket" => take(allocator, request(&params)?).await,
        "collectTicket" => collect(allocator, only(method, &params)?).await,
        "waitTicket" => wait(allocator, only(method, &params)?).await,
        "closeTicket" => close(allocator, only(method, &params)?).await,
        "whyTicket" => why(allocator, only(method, &params)?).await,
        "listPools" => pools::list(allocator).await,
        "system.listMethods" => Ok(introspection::list()),
        "system.methodHelp" => {
            let name = only(method, &params)?;
            Ok(introspection::help(name.as_str().unwrap_or_default()))
        }
        "system.methodSignature" => Ok(introspection::signature()),
        _ => Err(fault(
            "Exception",
            &format!("method \"{method}\" is not supported"),
        )),
    }
}

/// A fault in the words of Python's library: the class of an exception and its message.
pub(super) fn fault(class: &str, message: &str) -> Fault {
    Fault {
        code: 1,
        text: format!("<class '{class}'>:{message}"),
    }
}

fn refused(message: &str) -> Fault {
    fault("resallocserver.api.ServerAPIException", message)
}

pub(super) fn of_alloc(error: &AllocError) -> Fault {
    refused(&error.to_string())
}

pub(super) fn stopped() -> Fault {
    of_alloc(&AllocError::Stopped)
}

/// The one argument of a method.
fn only<'a>(method: &str, params: &'a [Value]) -> Result<&'a Value, Fault> {
    match params {
        [one] => Ok(one),
        _ => {
            let count = params.len();
            let message = format!("{method}() takes one argument, not {count}");
            Err(fault("TypeError", &message))
        }
    }
}

/// The number of a ticket, as an int or as a text; what is neither is no ticket's number.
fn number(value: &Value) -> Result<Option<TicketId>, Fault> {
    match value {
        Value::Int(_) | Value::String(_) => {
            let number = value.as_int().and_then(|it| u64::try_from(it).ok());
            Ok(number.map(TicketId))
        }
        other => {
            let message = format!("the ticket is {}, not its number", other.kind());
            Err(fault("TypeError", &message))
        }
    }
}

/// The same where there has to be such a ticket.
fn present(value: &Value) -> Result<TicketId, Fault> {
    number(value)?.ok_or_else(|| {
        let text = value.as_str().map(str::to_owned);
        let text = text.unwrap_or_else(|| value.as_int().unwrap_or_default().to_string());
        refused(&format!("no such ticket {text}"))
    })
}

fn request(params: &[Value]) -> Result<Request, Fault> {
    let wrong = |name: &str, value: &Value, wanted: &str| {
        let message = format!("{name} is {}, not {wanted}", value.kind());
        fault("TypeError", &message)
    };
    if params.len() > 4 {
        let message = format!(
            "takeTicket() takes at most 4 arguments, not {}",
            params.len()
        );
        return Err(fault("TypeError", &message));
    }
    let given = |at: usize| params.get(at).filter(|it| **it != Value::Nil);
    let tags = match given(0) {
        None => Tags::default(),
        Some(Value::Array(items)) => {
            let name = |it: &Value| {
                let name = it.as_str().map(str::to_owned);
                name.ok_or_else(|| wrong("a tag", it, "a string"))
            };
            Tags::new(items.iter().map(name).collect::<Result<Vec<String>, _>>()?)
        }
        Some(other) => return Err(wrong("tags", other, "an array of strings")),
    };
    let text = |at: usize, name: &str| match given(at) {
        None => Ok(None),
        Some(Value::String(text)) if text.is_empty() => Ok(None),
        Some(Value::String(text)) => Ok(Some(Arc::from(text.as_str()))),
        Some(other) => Err(wrong(name, other, "a string")),
    };
    let priority = match given(3) {
        None => 0,
        Some(value) => {
            let number = value.as_int().and_then(|it| i32::try_from(it).ok());
            number.ok_or_else(|| wrong("priority", value, "a small number"))?
        }
    };
    Ok(Request {
        tags,
        sandbox: text(1, "sandbox")?,
        owner: text(2, "owner")?,
        priority,
    })
}

async fn take(allocator: &Allocator, request: Request) -> Result<Value, Fault> {
    let (sender, receiver) = oneshot::channel();
    let begun = allocator.begin_take(request, move |id| {
        // The client may have gone.
        let _ = sender.send(id);
    });
    begun.map_err(|it| of_alloc(&it))?;
    let id = receiver.await.map_err(|_| stopped())?;
    Ok(Value::Int(id.0.cast_signed()))
}

async fn collect(allocator: &Allocator, ticket: &Value) -> Result<Value, Fault> {
    let checked = match number(ticket)? {
        Some(id) => {
            let (sender, receiver) = oneshot::channel();
            let begun = allocator.begin_check(id, |it| drop(sender.send(it)));
            begun.map_err(|it| of_alloc(&it))?;
            match receiver.await.map_err(|_| stopped())? {
                Ok(checked) => Some(checked),
                Err(AllocError::NoSuchTicket(_)) => None,
                Err(error) => return Err(of_alloc(&error)),
            }
        }
        None => None,
    };
    Ok(Value::Struct(standing(checked.as_ref()).into()))
}

fn standing(checked: Option<&Checked>) -> [(String, Value); 4] {
    let is = |state| Value::Bool(checked.is_some_and(|it| it.ticket.state() == state));
    let [ready, output, closed, failed] = match checked {
        None => [Value::Nil, Value::Nil, Value::Nil, Value::Nil],
        Some(it) => [
            Value::Bool(it.is_ready()),
            output(it),
            is(TicketState::Closed),
            is(TicketState::Failed),
        ],
    };
    [
        ("ready".to_owned(), ready),
        ("output".to_owned(), output),
        ("closed".to_owned(), closed),
        ("failed".to_owned(), failed),
    ]
}

fn output(checked: &Checked) -> Value {
    let output = checked.output();
    output.map_or(Value::Nil, |it| Value::Bytes(it.to_vec()))
}

/// Takes a watch back when its client has gone.
struct Watch<'a> {
    allocator: &'a Allocator,
    ticket: TicketId,
    watch: WatchId,
    is_over: bool,
}

impl Drop for Watch<'_> {
    fn drop(&mut self) {
        if !self.is_over {
            // It fails only when the allocator is stopped: then there are no watches.
            let _ = self.allocator.unwatch(self.ticket, self.watch);
        }
    }
}

async fn wait(allocator: &Allocator, ticket: &Value) -> Result<Value, Fault> {
    let ticket = present(ticket)?;
    let (sender, receiver) = oneshot::channel();
    let watch = allocator.watch(ticket, |news| drop(sender.send(news)));
    let mut watch = Watch {
        allocator,
        ticket,
        watch: watch.map_err(|it| of_alloc(&it))?,
        is_over: false,
    };
    let news = receiver.await;
    watch.is_over = true;
    let news = news.map_err(|_| stopped())?.and_then(Checked::or_ended);
    Ok(output(&news.map_err(|it| of_alloc(&it))?))
}

async fn close(allocator: &Allocator, ticket: &Value) -> Result<Value, Fault> {
    let id = present(ticket)?;
    let (sender, receiver) = oneshot::channel();
    let begun = allocator.begin_close(id, |it| drop(sender.send(it)));
    begun.map_err(|it| of_alloc(&it))?;
    let closed = receiver.await.map_err(|_| stopped())?;
    closed.map_err(|it| of_alloc(&it))?;
    Ok(Value::Nil)
}

async fn why(allocator: &Allocator, ticket: &Value) -> Result<Value, Fault> {
    let id = present(ticket)?;
    let allocator = allocator.clone();
    // Asked seldom, so it may take a thread.
    let why = tokio::task::spawn_blocking(move || allocator.why(id)).await;
    let why = why.map_err(|_| stopped())?.map_err(|it| of_alloc(&it))?;
    let json = serde_json::to_string(&why).expect("a reason has no keys but texts");
    let members = [
        ("text".to_owned(), Value::String(why.to_string())),
        ("json".to_owned(), Value::String(json)),
    ];
    Ok(Value::Struct(members.into()))
}
