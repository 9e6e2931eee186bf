//! From the subcommand to the call, and from its answer to what is printed.

use super::arguments::{Arguments, Command, IdArguments, TicketArguments};
use crate::cli::exit::Exit;
use crate::cli::farm;
use crate::config::Secret;
use crate::net::xmlrpc::{Access, Caller, Value};
use crate::sync::StopToken;
use crate::ui::{notice, pools_table, print};
use anyhow::Context as _;
use serde_json::json;
use std::io::{self, Write as _};

pub(in crate::cli) fn run(arguments: Arguments) -> anyhow::Result<Exit> {
    let token = match &arguments.token_file {
        Some(path) => farm::tokens(path)?.into_iter().next(),
        None => std::env::var("RESALLOC_TOKEN").ok().map(Secret::new),
    };
    let access = Access {
        url: arguments.connection,
        token,
    };
    let caller = Caller::new(access, StopToken::default());
    let json = arguments.json;
    match &arguments.command {
        Command::Ticket(it) => take(&caller, json, it),
        Command::TicketCheck(it) => check(&caller, json, it),
        Command::TicketWait(it) => wait(&caller, json, it),
        Command::TicketClose(it) => close(&caller, json, it),
        Command::TicketWhy(it) => why(&caller, json, it),
        Command::Pools => pools(&caller, json),
    }
}

fn take(caller: &Caller, json: bool, arguments: &TicketArguments) -> anyhow::Result<Exit> {
    let tags = arguments.tags.iter().map(|it| it.as_str().into());
    let text = |it: &Option<String>| it.as_deref().map_or(Value::Nil, Value::from);
    let mut params = vec![
        Value::Array(tags.collect()),
        text(&arguments.sandbox),
        text(&arguments.owner),
        Value::Int(arguments.priority.into()),
    ];
    // A server of the original knows the first two only.
    while params.len() > 1 && matches!(params.last(), Some(Value::Nil | Value::Int(0))) {
        params.pop();
    }
    let answer = caller.ask("takeTicket", &params)?;
    let ticket = answer.as_int().context("the server gave no number")?;
    match json {
        true => print(&format!("{}\n", json!({ "ticket": ticket }))),
        false => print(&format!("{ticket}\n")),
    }
    Ok(Exit::Success)
}

fn check(caller: &Caller, json: bool, arguments: &IdArguments) -> anyhow::Result<Exit> {
    let answer = caller.ask("collectTicket", &params(arguments))?;
    let is = |name: &str| match answer.member(name) {
        Some(Value::Bool(it)) => Some(*it),
        _ => None,
    };
    let (ready, closed, failed) = (is("ready"), is("closed"), is("failed"));
    let warning = match (ready, closed, failed) {
        (None, _, _) => Some("non-existing ticket"),
        (_, Some(true), _) => Some("already closed ticket"),
        (_, _, Some(true)) => Some("assigned resource failed"),
        _ => None,
    };
    let output = answer.member("output");
    if json {
        let line = json!({
            "ticket": arguments.ticket, "ready": ready, "closed": closed, "failed": failed,
            "output": output.and_then(lossy),
        });
        print(&format!("{line}\n"));
    } else {
        if let Some(warning) = warning {
            notice(&format!("WARNING: {warning}"));
        }
        match ready {
            Some(true) => print_output(output),
            _ => notice("ticket is still not processed"),
        }
    }
    Ok(match (ready, warning) {
        (Some(true), None) => Exit::Success,
        _ => Exit::Failure,
    })
}

fn wait(caller: &Caller, json: bool, arguments: &IdArguments) -> anyhow::Result<Exit> {
    let output = caller.call("waitTicket", &params(arguments), None)?;
    match json {
        true => {
            let line = json!({ "ticket": arguments.ticket, "output": lossy(&output) });
            print(&format!("{line}\n"));
        }
        false => print_output(Some(&output)),
    }
    Ok(Exit::Success)
}

fn close(caller: &Caller, json: bool, arguments: &IdArguments) -> anyhow::Result<Exit> {
    caller.ask("closeTicket", &params(arguments))?;
    if json {
        let line = json!({ "ticket": arguments.ticket, "closed": true });
        print(&format!("{line}\n"));
    }
    Ok(Exit::Success)
}

fn why(caller: &Caller, json: bool, arguments: &IdArguments) -> anyhow::Result<Exit> {
    let answer = caller.ask("whyTicket", &params(arguments))?;
    let name = if json { "json" } else { "text" };
    let text = answer.member(name).and_then(Value::as_str);
    let text = text.context("the server gave no reason")?;
    print(&format!("{text}\n"));
    Ok(Exit::Success)
}

fn pools(caller: &Caller, json: bool) -> anyhow::Result<Exit> {
    let answer = caller.ask("listPools", &[])?;
    let pools = answer.as_str().context("the server listed no pools")?;
    let pools: Vec<serde_json::Value> = serde_json::from_str(pools)?;
    match json {
        true => pools.iter().for_each(|it| print(&format!("{it}\n"))),
        false => print(&pools_table(&pools)),
    }
    Ok(Exit::Success)
}

fn params(arguments: &IdArguments) -> [Value; 1] {
    [arguments.ticket.as_str().into()]
}

fn bytes(output: &Value) -> Option<&[u8]> {
    match output {
        Value::Bytes(bytes) => Some(bytes),
        Value::String(text) => Some(text.as_bytes()),
        _ => None,
    }
}

fn lossy(output: &Value) -> Option<String> {
    bytes(output).map(|it| String::from_utf8_lossy(it).into_owned())
}

/// The output as it is: it may be no text. A closed pipe is a normal end.
fn print_output(output: Option<&Value>) {
    let mut stdout = io::stdout().lock();
    if let Some(bytes) = output.and_then(bytes) {
        let _ = stdout.write_all(bytes).and_then(|()| stdout.flush());
    }
}
